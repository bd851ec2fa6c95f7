"""Invoices. Once issued, a document is never edited: a credit note corrects it."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check, one_of, within


class InvoiceKind(StrEnum):
    """An OPENING_STATEMENT sums up what was billed before an import."""

    INVOICE = "INVOICE"
    OPENING_STATEMENT = "OPENING_STATEMENT"


class InvoiceState(StrEnum):
    """What is stored; overdue is a question of today's date and never stored."""

    DRAFT = "DRAFT"
    ISSUED = "ISSUED"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    PAID = "PAID"
    CREDITED = "CREDITED"


class RunType(StrEnum):
    """Whether the invoice was due in the billing cycle."""

    ON_CYCLE = "ON_CYCLE"
    OFF_CYCLE = "OFF_CYCLE"


# What went back although nothing is credited for it any more is due again: its credit note was reversed.
_REOPENED = (
    "CASE WHEN refunded_cents + offset_cents > credited_cents "
    "THEN refunded_cents + offset_cents - credited_cents ELSE 0 END"
)
_GROSS_DUE = f"ttc_cents - paid_cents - offset_cents + {_REOPENED}"


class Invoice(OfSubscriber, Base):
    """Amounts are cents. Due is what was billed less payments, offset credits and credit carried from the account."""

    __tablename__ = "invoices"
    __table_args__ = (
        within("billing_account_id", "billing_accounts"),
        by("billing_account_id"),
        by("issued_on"),
        by("number"),
        Index(None, "issued_on", "id"),
        Index(None, "state", "due_on"),
        check("vat_adds_up", "ht_cents + vat_cents = ttc_cents"),
        check("not_negative", "ttc_cents >= 0 AND paid_cents >= 0 AND offset_cents >= 0 AND refunded_cents >= 0"),
        check("applied_not_negative", "applied_cents >= 0"),
        check("not_overpaid", f"applied_cents = 0 OR applied_cents <= {_GROSS_DUE}"),
        check("credited_within_invoice", "credited_cents BETWEEN offset_cents AND ttc_cents"),
    )

    number: Mapped[str | None] = mapped_column(String(40))
    billing_account_id: Mapped[int]
    kind: Mapped[InvoiceKind] = one_of(InvoiceKind, default=InvoiceKind.INVOICE)
    run_type: Mapped[RunType] = one_of(RunType, default=RunType.ON_CYCLE)
    state: Mapped[InvoiceState] = one_of(InvoiceState)
    issued_on: Mapped[date]
    due_on: Mapped[date]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    ht_cents: Mapped[int]
    vat_cents: Mapped[int]
    ttc_cents: Mapped[int]
    paid_cents: Mapped[int] = mapped_column(default=0)
    offset_cents: Mapped[int] = mapped_column(default=0)
    """The part of its credit notes that reduced what was still due."""
    credited_cents: Mapped[int] = mapped_column(default=0)
    refunded_cents: Mapped[int] = mapped_column(default=0)
    applied_cents: Mapped[int] = mapped_column(default=0)
    """What the credit of the account pays of it: overpayments, goodwill, credits of other invoices."""

    @property
    def gross_due_cents(self) -> int:
        """What would still be to be paid if the account had no credit; what was paid beyond it is such credit."""
        reopened_cents = max(0, self.refunded_cents + self.offset_cents - self.credited_cents)
        return max(0, self.ttc_cents - self.paid_cents - self.offset_cents + reopened_cents)

    @property
    def kept_cents(self) -> int:
        """What was paid or credited beyond what it asks for, and has not gone back: it is on the account."""
        return max(0, self.paid_cents + self.credited_cents - self.refunded_cents - self.ttc_cents)

    @property
    def due_cents(self) -> int:
        """What is still to be paid."""
        return self.gross_due_cents - self.applied_cents
