"""What a contract consists of, by date: the offer itself, options, fees, deposits."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check, one_of, within
from backoffice.models.offers import OfferKind


class ContractItem(OfSubscriber, Base):
    """An item is in force on `[starts_on, ends_on)`. Changing offer ends one item and starts another."""

    __tablename__ = "contract_items"
    __table_args__ = (
        within("contract_id", "contracts"),
        by("contract_id", "starts_on"),
        check("quantity_positive", "quantity > 0"),
        check("period_is_ordered", "ends_on IS NULL OR ends_on >= starts_on"),
    )

    contract_id: Mapped[int]
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    kind: Mapped[OfferKind] = one_of(OfferKind)
    quantity: Mapped[int] = mapped_column(default=1)
    agreed_amount_cents: Mapped[int | None]
    """A price agreed for this contract alone, cents a period; None: the catalogue's price of the day."""
    anchor_on: Mapped[date | None]
    """Own anchor day of a rolling option; None: billed with the contract."""
    billed_until: Mapped[date | None]
    """The end of the last period of a rolling option that was billed."""
    last_used_on: Mapped[date | None]
    """Last use, as the platform tells it: evidence of non-use without a list of titles."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
