"""Goodwill credits: gifts on the account, which correct no document and return no money."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check, one_of, within


class GoodwillState(StrEnum):
    """REVERSED: taken back, because it was given by mistake."""

    GRANTED = "GRANTED"
    REVERSED = "REVERSED"


class GoodwillCredit(OfSubscriber, Base):
    """`amount_cents` lowers what the account owes."""

    __tablename__ = "goodwill_credits"
    __table_args__ = (
        within("billing_account_id", "billing_accounts"),
        by("billing_account_id"),
        by("granted_on"),
        check("positive", "amount_cents > 0"),
    )

    billing_account_id: Mapped[int]
    state: Mapped[GoodwillState] = one_of(GoodwillState, default=GoodwillState.GRANTED)
    amount_cents: Mapped[int]
    note: Mapped[str | None] = mapped_column(Text)
    ticket_id: Mapped[int | None]
    granted_on: Mapped[date]
    granted_at: Mapped[datetime]
    reversed_at: Mapped[datetime | None]
