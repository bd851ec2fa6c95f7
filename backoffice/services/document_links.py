"""Links to kept documents: signed, for one person, for some minutes. Nothing is stored, so that any process opens them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backoffice.errors import BackofficeError, NotFound
from backoffice.permissions import Viewer
from backoffice.services.rendered_documents import Kept
from backoffice.vault import Vault

PATH = "/documents"
_PURPOSE = "document"
_LONGEST = 300


class LinkExpired(BackofficeError):
    """The link was yours, and is too old."""

    code = "LINK_EXPIRED"

    def __init__(self, expired_at: datetime) -> None:
        super().__init__(
            f"This link expired at {expired_at.isoformat(timespec='seconds')}; ask for the document again: "
            "it is kept, and a new link opens the same bytes."
        )
        self.expired_at = expired_at


@dataclass(frozen=True, slots=True)
class Link:
    """Where a document can be read, until when, and how to tell that it is the one."""

    url: str
    expires_at: datetime
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Place:
    """The key of a kept document."""

    subscriber_id: int
    id: int


def seal(vault: Vault, kept: Kept, *, viewer: Viewer, at: datetime, minutes: int) -> Link:
    """A link that opens a document for the viewer; it expires at a whole second."""
    expires_at = (at + timedelta(minutes=minutes)).replace(microsecond=0)
    body = f"{kept.subscriber_id:x}-{kept.id:x}-{int(expires_at.timestamp()):x}"
    return Link(f"{PATH}/{body}.{_signature(vault, body, viewer)}", expires_at, kept.sha256, kept.size_bytes)


def unseal(vault: Vault, token: str, *, viewer: Viewer, at: datetime) -> Place:
    """What a link leads to. Raises LinkExpired, and NotFound alike for what was altered, is foreign or never was."""
    body, _, signature = token.partition(".")
    if len(token) > _LONGEST or not vault.is_signed(_bound(body, viewer), signature, purpose=_PURPOSE):
        raise not_found()
    subscriber_id, document_id, expires = (int(part, 16) for part in body.split("-"))
    expires_at = datetime.fromtimestamp(expires, UTC)
    if at >= expires_at:
        raise LinkExpired(expires_at)
    return Place(subscriber_id, document_id)


def not_found() -> NotFound:
    """The one refusal of a link: it never says whether it would open for someone else."""
    return NotFound("There is no such document for you; ask for its link again.")


def _signature(vault: Vault, body: str, viewer: Viewer) -> str:
    return vault.sign(_bound(body, viewer), purpose=_PURPOSE)


def _bound(body: str, viewer: Viewer) -> str:
    """What is signed: the viewer is not told in the link, and yet it is signed for nobody else."""
    return f"{body} {viewer.kind} {viewer.id}"
