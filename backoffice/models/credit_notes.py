"""Credit notes: the documents that correct invoices."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check, one_of, within


class CreditReason(StrEnum):
    """Why something is credited."""

    BILLING_ERROR = "BILLING_ERROR"
    PRORATION_ERROR = "PRORATION_ERROR"
    SERVICE_FAILURE = "SERVICE_FAILURE"
    UNUSED_OPTION = "UNUSED_OPTION"
    WITHDRAWAL = "WITHDRAWAL"
    DUPLICATE_PARTNER_CHARGE = "DUPLICATE_PARTNER_CHARGE"
    UNDUE_SUSPENSION = "UNDUE_SUSPENSION"
    GOODWILL = "GOODWILL"
    TERMINATION = "TERMINATION"


class CreditNoteKind(StrEnum):
    """A REVERSAL takes an earlier credit note back, when that one was wrong: its amounts are due again."""

    CREDIT_NOTE = "CREDIT_NOTE"
    REVERSAL = "REVERSAL"


class CreditNote(OfSubscriber, Base):
    """Refers to the one invoice that it corrects. Amounts are positive cents, on a reversal too."""

    __tablename__ = "credit_notes"
    __table_args__ = (
        within("billing_account_id", "billing_accounts"),
        within("invoice_id", "invoices"),
        by("billing_account_id"),
        by("invoice_id"),
        by("number"),
        Index(None, "subscriber_id", "reverses_id", unique=True),
        check("vat_adds_up", "ht_cents + vat_cents = ttc_cents"),
        check("positive", "ttc_cents > 0"),
        check("offset_within_note", "offset_cents BETWEEN 0 AND ttc_cents"),
        check("reversal_names_its_note", "(kind = 'REVERSAL') = (reverses_id IS NOT NULL)"),
    )

    number: Mapped[str | None] = mapped_column(String(40))
    billing_account_id: Mapped[int]
    invoice_id: Mapped[int]
    kind: Mapped[CreditNoteKind] = one_of(CreditNoteKind, default=CreditNoteKind.CREDIT_NOTE)
    reverses_id: Mapped[int | None]
    """The credit note that a reversal takes back; each can be taken back once."""
    ticket_id: Mapped[int | None]
    """The ticket in which it was asked for."""
    operation: Mapped[str | None] = mapped_column(String(80))
    """The act that issued it, such as "refund": undoing that act takes the note back as well."""
    reason: Mapped[CreditReason] = one_of(CreditReason)
    note: Mapped[str | None] = mapped_column(Text)
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    ht_cents: Mapped[int]
    vat_cents: Mapped[int]
    ttc_cents: Mapped[int]
    offset_cents: Mapped[int] = mapped_column(default=0)
    """The part that reduced what was still due on the invoice; the rest was refunded or stays on the account."""


class CreditNoteLine(OfSubscriber, Base):
    """What is taken back of one issued line."""

    __tablename__ = "credit_note_lines"
    __table_args__ = (
        within("credit_note_id", "credit_notes"),
        within("invoice_line_id", "invoice_lines"),
        by("credit_note_id", "position"),
        by("invoice_line_id"),
        check("vat_adds_up", "ht_cents + vat_cents = ttc_cents"),
    )

    credit_note_id: Mapped[int]
    invoice_line_id: Mapped[int]
    position: Mapped[int]
    label: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    vat_rate: Mapped[Decimal | None]
    ht_cents: Mapped[int]
    vat_cents: Mapped[int]
    ttc_cents: Mapped[int]
    derivation: Mapped[dict[str, Any]]
