"""Refunds: money that goes back."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check, one_of, within
from backoffice.models.credit_notes import CreditReason


class RefundState(StrEnum):
    """From the request to the bank's answer. CANCELLED: taken back before it was sent."""

    REQUESTED = "REQUESTED"
    PENDING_APPROVAL = "PENDING_APPROVAL"
    APPROVED = "APPROVED"
    SENT = "SENT"
    SETTLED = "SETTLED"
    REFUSED = "REFUSED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Refund(OfSubscriber, Base):
    """Goes back to the payment that brought the money; the credit note says why it is due."""

    __tablename__ = "refunds"
    __table_args__ = (
        within("billing_account_id", "billing_accounts"),
        within("payment_id", "payments"),
        within("invoice_id", "invoices"),
        within("credit_note_id", "credit_notes"),
        by("billing_account_id"),
        by("payment_id"),
        by("invoice_id"),
        by("credit_note_id"),
        check("positive", "amount_cents > 0"),
    )

    billing_account_id: Mapped[int]
    payment_id: Mapped[int | None]
    invoice_id: Mapped[int | None]
    credit_note_id: Mapped[int | None]
    state: Mapped[RefundState] = one_of(RefundState)
    reason: Mapped[CreditReason] = one_of(CreditReason)
    note: Mapped[str | None] = mapped_column(Text)
    amount_cents: Mapped[int]
    ticket_id: Mapped[int | None]
    """The ticket in which it was asked for."""
    reference: Mapped[str | None] = mapped_column(String(80))
    failure_code: Mapped[str | None] = mapped_column(String(40))
    requested_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
