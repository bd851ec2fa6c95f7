"""A document as HTML, by the template of its kind; every fact is escaped."""

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backoffice.documents.credit_notes import CreditNote, CreditNoteReversal
from backoffice.documents.fetching import ASSETS
from backoffice.documents.invoices import Invoice
from backoffice.documents.writing import Writer

Document = Invoice | CreditNote | CreditNoteReversal

KINDS = {Invoice: "invoice", CreditNote: "credit_note", CreditNoteReversal: "reversal"}

_environment = Environment(
    loader=FileSystemLoader(ASSETS),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def to_html(document: Document) -> str:
    """Write a document out in its language. Raises `UnknownLocale`."""
    heading, kind = document.heading, KINDS[type(document)]
    writer = Writer(heading.locale, heading.currency)
    template = _environment.get_template(f"{kind}.html")
    return template.render(
        document=document, heading=heading, kind=kind, language=writer.written.language, write=writer, text=writer.text
    )
