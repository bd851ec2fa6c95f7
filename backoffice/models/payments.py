"""Payments, and which invoices they paid."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check, one_of, within
from backoffice.models.payment_methods import PaymentMethodKind


class PaymentState(StrEnum):
    """RETURNED: the bank took a direct debit back after it had been captured."""

    PENDING = "PENDING"
    AUTHORIZED = "AUTHORIZED"
    CAPTURED = "CAPTURED"
    FAILED = "FAILED"
    DENIED = "DENIED"
    CANCELLED = "CANCELLED"
    RETURNED = "RETURNED"


class Payment(OfSubscriber, Base):
    """Money that came in, or failed to. `return_code` and `failure_code` are the bank's or the card scheme's own."""

    __tablename__ = "payments"
    __table_args__ = (
        within("billing_account_id", "billing_accounts"),
        within("payment_method_id", "payment_methods"),
        by("billing_account_id"),
        by("payment_method_id"),
        by("requested_at"),
        check("positive", "amount_cents > 0"),
        check("refunded_within_payment", "refunded_cents BETWEEN 0 AND amount_cents"),
    )

    billing_account_id: Mapped[int]
    payment_method_id: Mapped[int | None]
    state: Mapped[PaymentState] = one_of(PaymentState)
    amount_cents: Mapped[int]
    refunded_cents: Mapped[int] = mapped_column(default=0)
    means: Mapped[PaymentMethodKind | None] = one_of(PaymentMethodKind)
    """How money came in that no known means of payment brought, such as a check; None: see the means of payment."""
    note: Mapped[str | None] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(String(80))
    receipt_email: Mapped[str | None] = mapped_column(String(254))
    """To whom the receipt goes once the money is in; None: nobody asked for one."""
    requested_at: Mapped[datetime]
    captured_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure_code: Mapped[str | None] = mapped_column(String(40))
    returned_at: Mapped[datetime | None]
    return_code: Mapped[str | None] = mapped_column(String(4))


class PaymentAllocation(OfSubscriber, Base):
    """The part of a payment that paid an invoice; a returned payment keeps its rows with `is_undone`."""

    __tablename__ = "payment_allocations"
    __table_args__ = (
        within("payment_id", "payments"),
        within("invoice_id", "invoices"),
        by("payment_id"),
        by("invoice_id"),
        check("positive", "amount_cents > 0"),
    )

    payment_id: Mapped[int]
    invoice_id: Mapped[int]
    amount_cents: Mapped[int]
    is_undone: Mapped[bool] = mapped_column(default=False)
    undone_at: Mapped[datetime | None]
    """When the payment was returned or taken back, and with it this part; None for what an import brought."""
