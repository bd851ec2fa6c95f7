"""Documents: made when they are first asked for, outside of any transaction, kept, and handed out by links."""

from typing import Any

import strawberry

from backoffice import policy
from backoffice.fields import entity
from backoffice.models import CreditNote, Invoice, Language
from backoffice.resolvers import files
from backoffice.resolvers.context import Context, Info
from backoffice.services import document_links, rendered_documents
from backoffice.services.document_headings import Edition
from backoffice.services.document_links import Link
from backoffice.services.rendered_documents import Kept

Source = Invoice | CreditNote


async def invoice_document(root: strawberry.Parent[Invoice], info: Info, language: Language | None = None) -> Link:
    """A link to the document of an invoice."""
    return await _link(info.context, root, language)


async def credit_note_document(
    root: strawberry.Parent[CreditNote], info: Info, language: Language | None = None
) -> Link:
    """A link to the document of a credit note, or of the document that takes one back."""
    return await _link(info.context, root, language)


async def _link(context: Context, source: Source, language: Language | None) -> Link:
    chosen = language or await _usual_language(context, source)
    kept = await _find(context, source, chosen) or await _make(context, source, chosen)
    await files.opened(context, source.subscriber_id)
    minutes = policy.in_force(context.moment.today).document_link_minutes
    return document_links.seal(context.vault, kept, viewer=context.viewer, at=context.at, minutes=minutes)


async def _usual_language(context: Context, source: Source) -> Language:
    """The language of the subscriber."""
    owner: Any = await context.loaders.row(entity("Subscriber")).load((source.subscriber_id, source.subscriber_id))
    chosen: Language = owner.language
    return chosen


async def _find(context: Context, source: Source, language: Language) -> Kept | None:
    async with context.database.reading() as session:
        return await rendered_documents.find(session, source, language)


async def _make(context: Context, source: Source, language: Language) -> Kept:
    edition = Edition(
        issuer=context.printer.operator.issuer(language.lower()),
        language=language,
        currency=context.currency,
        zone=context.zone,
        known_on=context.moment.today,
    )
    async with context.database.snapshot() as session:
        document = await rendered_documents.printable(session, source, edition)
    content = await context.printer.renderer.render(document)
    async with context.database.unit_of_work() as session:
        # Whoever asked at the same time may have been faster: there is one document, and it is theirs.
        return await rendered_documents.keep(session, source, language, content, at=context.at)
