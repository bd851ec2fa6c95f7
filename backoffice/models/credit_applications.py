"""Credit of an account that pays an invoice: an overpayment, a goodwill credit, a credit note on another invoice."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from backoffice.models.base import Base, OfSubscriber, by, check, within


class CreditApplication(OfSubscriber, Base):
    """One movement, in cents: above zero the account's credit pays the invoice, below zero it no longer does.

    Rows are only added. Their sum is the invoice's `applied_cents`; no ledger entry goes with them, because the account
    owes as much as before.
    """

    __tablename__ = "credit_applications"
    __table_args__ = (
        within("billing_account_id", "billing_accounts"),
        within("invoice_id", "invoices"),
        by("billing_account_id"),
        by("invoice_id"),
        check("not_zero", "amount_cents <> 0"),
    )

    billing_account_id: Mapped[int]
    invoice_id: Mapped[int]
    amount_cents: Mapped[int]
    at: Mapped[datetime]
