"""The double-entry ledger: append-only, and every posting balances to zero."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check, one_of, within


class LedgerAccount(StrEnum):
    """A debit is positive, a credit negative. RECEIVABLE of a billing account is its balance.

    CLEARING holds money that is on its way: refunds that were decided and have not been sent.
    """

    RECEIVABLE = "RECEIVABLE"
    REVENUE = "REVENUE"
    VAT = "VAT"
    BANK = "BANK"
    DEPOSITS = "DEPOSITS"
    GOODWILL = "GOODWILL"
    OPENING = "OPENING"
    CLEARING = "CLEARING"
    INDEMNITIES = "INDEMNITIES"


class PostingKind(StrEnum):
    """The event that was booked."""

    INVOICE = "INVOICE"
    CREDIT_NOTE = "CREDIT_NOTE"
    PAYMENT = "PAYMENT"
    PAYMENT_RETURN = "PAYMENT_RETURN"
    REFUND = "REFUND"
    GOODWILL = "GOODWILL"
    OPENING = "OPENING"
    CREDIT_NOTE_REVERSAL = "CREDIT_NOTE_REVERSAL"
    PAYMENT_REVERSAL = "PAYMENT_REVERSAL"
    PAYMENT_RETURN_REVERSAL = "PAYMENT_RETURN_REVERSAL"
    REFUND_SENT = "REFUND_SENT"
    REFUND_FAILED = "REFUND_FAILED"
    REFUND_REVERSAL = "REFUND_REVERSAL"
    GOODWILL_REVERSAL = "GOODWILL_REVERSAL"
    INDEMNITY = "INDEMNITY"
    INDEMNITY_REVERSAL = "INDEMNITY_REVERSAL"


class LedgerPosting(OfSubscriber, Base):
    """One event; `document_id` is the invoice, credit note, payment or refund that it books."""

    __tablename__ = "ledger_postings"
    __table_args__ = (
        within("billing_account_id", "billing_accounts"),
        by("billing_account_id", "booked_on"),
        by("document_id"),
    )

    billing_account_id: Mapped[int]
    kind: Mapped[PostingKind] = one_of(PostingKind)
    document_id: Mapped[int]
    document_number: Mapped[str | None] = mapped_column(String(80))
    booked_on: Mapped[date]
    recorded_at: Mapped[datetime]


class LedgerEntry(OfSubscriber, Base):
    """One side of a posting, in cents."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        within("posting_id", "ledger_postings"),
        by("posting_id"),
        by("account"),
        check("not_zero", "amount_cents <> 0"),
    )

    posting_id: Mapped[int]
    account: Mapped[LedgerAccount] = one_of(LedgerAccount)
    amount_cents: Mapped[int]
