"""Documents as they were handed out: made once in a language, kept with their digest, never made again."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import scope
from backoffice.documents.pages import Document
from backoffice.ids import new_id
from backoffice.models import CreditNote, DocumentKind, Invoice, Language, RenderedDocument
from backoffice.permissions import Capability, Viewer
from backoffice.services import credit_note_documents, invoice_documents
from backoffice.services.document_headings import Edition

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_MODELS: dict[DocumentKind, type[Invoice] | type[CreditNote]] = {
    DocumentKind.INVOICE: Invoice,
    DocumentKind.CREDIT_NOTE: CreditNote,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that is kept: where, and which bytes."""

    subscriber_id: int
    id: int
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class File:
    """The bytes of a document, and the name under which a browser saves them."""

    name: str
    content: bytes


async def printable(session: AsyncSession, source: Invoice | CreditNote, edition: Edition) -> Document:
    """What the document of an invoice or a credit note says. Raises NotIssued and FiguresDiffer."""
    key = {"subscriber_id": source.subscriber_id, "id": source.id}
    # Read again: what changes the amount due must be of the same instant as the amount.
    if isinstance(source, Invoice):
        return await invoice_documents.read(session, await session.get_one(Invoice, key), edition)
    return await credit_note_documents.read(session, await session.get_one(CreditNote, key), edition)


async def find(session: AsyncSession, source: Invoice | CreditNote, language: Language) -> Kept | None:
    """The document that is kept of an invoice or a credit note, in a language."""
    row = RenderedDocument
    found = await session.execute(
        select(row.subscriber_id, row.id, row.sha256, func.length(row.content)).where(
            row.subscriber_id == source.subscriber_id, row.document_id == source.id, row.language == language
        )
    )
    kept = found.one_or_none()
    return Kept(*kept) if kept else None


async def keep(
    session: AsyncSession, source: Invoice | CreditNote, language: Language, content: bytes, *, at: datetime
) -> Kept:
    """Keep these bytes, unless others were kept first; returns what is kept. The document never changes again."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    await session.execute(
        insert(RenderedDocument)
        .values(
            subscriber_id=source.subscriber_id,
            id=new_id(at),
            kind=DocumentKind.INVOICE if isinstance(source, Invoice) else DocumentKind.CREDIT_NOTE,
            document_id=source.id,
            language=language,
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            rendered_at=at,
        )
        .on_conflict_do_nothing()
    )
    kept = await find(session, source, language)
    assert kept is not None, "it was kept now or before"
    return kept


async def read(session: AsyncSession, *, viewer: Viewer, subscriber_id: int, document_id: int) -> File | None:
    """The file of a kept document; None where there is none that the viewer may see."""
    if not viewer.may(Capability.BILLING_READ):
        return None
    row = RenderedDocument
    found = await session.execute(
        select(row.kind, row.document_id, row.content).where(
            row.subscriber_id == subscriber_id, row.id == document_id, scope.rows(viewer, row)
        )
    )
    kept = found.one_or_none()
    if kept is None:
        return None
    model = _MODELS[kept.kind]
    number = await session.scalar(
        select(model.number).where(model.subscriber_id == subscriber_id, model.id == kept.document_id)
    )
    return File(_file_name(number), kept.content)


def _file_name(number: str | None) -> str:
    """A name that no header and no file system can misread: numbers of imported documents are anybody's."""
    return f"{_UNSAFE.sub('-', number or '').strip('.-') or 'document'}.pdf"
