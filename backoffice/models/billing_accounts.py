"""Billing accounts: who pays, when, and what is still open."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check


class BillingAccount(OfSubscriber, Base):
    """`balance_cents` is what the subscriber owes us (negative: what we owe), equal to the ledger's receivable."""

    __tablename__ = "billing_accounts"
    __table_args__ = (by("number"), check("debit_day_known", "debit_day BETWEEN 1 AND 28"))

    number: Mapped[str] = mapped_column(String(40))
    debit_day: Mapped[int] = mapped_column(default=5)
    balance_cents: Mapped[int] = mapped_column(default=0)
    is_paper_requested: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
