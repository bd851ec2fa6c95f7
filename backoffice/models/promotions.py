"""Promotions: a lower price for a time."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check, within


class Promotion(OfSubscriber, Base):
    """Takes `discount_cents` (TTC, a period) off an item on the days `[starts_on, ends_on)`."""

    __tablename__ = "promotions"
    __table_args__ = (
        within("contract_id", "contracts"),
        within("contract_item_id", "contract_items"),
        by("contract_id"),
        by("contract_item_id"),
        check("discount_positive", "discount_cents > 0"),
    )

    contract_id: Mapped[int]
    contract_item_id: Mapped[int]
    label: Mapped[str] = mapped_column(String(120))
    discount_cents: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reminder_on: Mapped[date]
    """A week before the end, when the subscriber is told of the price to come."""
