"""What is done about an invoice that is not paid, step by step."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, one_of, within


class DunningStepKind(StrEnum):
    """In their order; a FEE is never asked of a financially fragile consumer (Code de la consommation, L224-37).

    A COLLECTION asks a card or a mandate for what is due, on the due date.
    """

    COLLECTION = "COLLECTION"
    REMINDER = "REMINDER"
    FEE = "FEE"
    SECOND_REMINDER = "SECOND_REMINDER"
    SUSPENSION = "SUSPENSION"


class DunningStep(OfSubscriber, Base):
    """A step that was taken, or skipped for a reason; each is taken once an invoice."""

    __tablename__ = "dunning_steps"
    __table_args__ = (
        within("invoice_id", "invoices"),
        by("invoice_id"),
        Index(None, "subscriber_id", "invoice_id", "kind", unique=True),
    )

    invoice_id: Mapped[int]
    kind: Mapped[DunningStepKind] = one_of(DunningStepKind)
    due_on: Mapped[date]
    taken_at: Mapped[datetime]
    skipped_because: Mapped[str | None] = mapped_column(String(40))
    """A code, such as FRAGILE; None when it was taken."""
