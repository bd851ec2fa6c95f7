"""Bulk corrections: one credit for many subscribers, planned, approved by its hash, then done, each once."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, Shared, check, one_of, within
from backoffice.models.credit_notes import CreditReason


class BulkState(StrEnum):
    """A RUNNING one that was stopped is resumed by the same command."""

    PLANNED = "PLANNED"
    APPROVED = "APPROVED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    REFUSED = "REFUSED"


class BulkCorrection(Shared, Base):
    """`plan_hash` is over the whole list with its amounts: that list is approved and nothing else can be run."""

    __tablename__ = "bulk_corrections"
    __table_args__ = (check("never_by_oneself", "decided_by_id IS NULL OR decided_by_id <> planned_by_id"),)

    state: Mapped[BulkState] = one_of(BulkState, default=BulkState.PLANNED)
    reason: Mapped[CreditReason] = one_of(CreditReason)
    note: Mapped[str] = mapped_column(Text)
    rule: Mapped[dict[str, Any]]
    """Which lines are credited, and how: a price version and the days that it was billed too early."""
    plan_hash: Mapped[str] = mapped_column(String(64))
    subscribers: Mapped[int]
    total_cents: Mapped[int]
    planned_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    planned_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)


class BulkCredit(OfSubscriber, Base):
    """One planned credit; done when `credit_note_id` is set."""

    __tablename__ = "bulk_credits"
    __table_args__ = (
        within("invoice_line_id", "invoice_lines"),
        within("credit_note_id", "credit_notes"),
        check("positive", "amount_cents > 0"),
    )

    bulk_correction_id: Mapped[int] = mapped_column(ForeignKey("bulk_corrections.id"), index=True)
    invoice_line_id: Mapped[int]
    amount_cents: Mapped[int]
    derivation: Mapped[dict[str, Any]]
    credit_note_id: Mapped[int | None]
