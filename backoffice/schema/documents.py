"""Documents in the graph: where the PDF of an invoice or of a credit note can be read."""

from datetime import datetime

from backoffice.schema.access import plain, value


@value
class DocumentLink:
    """A PDF, and a link that opens it for you alone. The bytes of a document never change once it was handed out."""

    url: str = plain("The path at which you can read it while you are signed in.")
    expires_at: datetime = plain("Until when. Ask again for another link to the same bytes.")
    sha256: str = plain("The SHA-256 digest of its bytes, in hexadecimal.")
    size_bytes: int = plain("How many bytes it has.")


DOCUMENT = (
    "Its PDF, in your choice of language or else in the subscriber's; made when it is first asked for. "
    "At most 5 documents a request."
)
"""What the graph says of the field that leads here."""
