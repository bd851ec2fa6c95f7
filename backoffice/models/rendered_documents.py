"""Documents as they were handed out: rendered once, then the same bytes for ever."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, one_of
from backoffice.models.subscribers import Language


class DocumentKind(StrEnum):
    """What was rendered."""

    INVOICE = "INVOICE"
    CREDIT_NOTE = "CREDIT_NOTE"


class RenderedDocument(OfSubscriber, Base):
    """`content` is the PDF, `sha256` its digest in hexadecimal; `document_id` the invoice or the credit note."""

    __tablename__ = "rendered_documents"
    __table_args__ = (Index(None, "subscriber_id", "document_id", "language", unique=True),)

    kind: Mapped[DocumentKind] = one_of(DocumentKind)
    document_id: Mapped[int]
    language: Mapped[Language] = one_of(Language)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    rendered_at: Mapped[datetime]
