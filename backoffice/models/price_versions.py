"""Prices by date, with the components on which VAT is due."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, Shared, check, one_of


class PriceBasis(StrEnum):
    """Consumer prices include VAT (TTC), business prices may not (HT)."""

    TTC = "TTC"
    HT = "HT"


class PriceVersion(Shared, Base):
    """The price of an offer on the days `[starts_on, ends_on)`. A version never changes once it has been billed."""

    __tablename__ = "price_versions"
    __table_args__ = (
        Index(None, "offer_id", "starts_on", unique=True),
        check("not_negative", "amount_cents >= 0"),
    )

    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    notified_on: Mapped[date | None]
    """When subscribers were told of a change, at least a month before it (Code de la consommation, L224-33)."""
    amount_cents: Mapped[int]
    basis: Mapped[PriceBasis] = one_of(PriceBasis)
    months: Mapped[int] = mapped_column(default=1)
    """How many months one price covers; 0 for what is paid once."""


class PriceComponent(Shared, Base):
    """A part of a price with a VAT rate of its own; the parts add up to the price. No rate: outside the scope of VAT."""

    __tablename__ = "price_components"
    __table_args__ = (Index(None, "price_version_id", "position"),)

    price_version_id: Mapped[int] = mapped_column(ForeignKey("price_versions.id"))
    position: Mapped[int]
    label_fr: Mapped[str] = mapped_column(String(120))
    label_en: Mapped[str] = mapped_column(String(120))
    amount_cents: Mapped[int]
    vat_rate: Mapped[Decimal | None]
