"""Postal addresses: where the service is installed, and where invoices go."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, one_of


class AddressKind(StrEnum):
    """A move of the installation is a new row, never an edit."""

    INSTALLATION = "INSTALLATION"
    BILLING = "BILLING"


class Address(OfSubscriber, Base):
    """An address with the days on which it holds, half-open; `ends_on` is None for the one in force."""

    __tablename__ = "addresses"
    __table_args__ = (by("kind"), Index(None, "postcode"))

    kind: Mapped[AddressKind] = one_of(AddressKind)
    line1: Mapped[str] = mapped_column(String(120))
    line2: Mapped[str | None] = mapped_column(String(120))
    postcode: Mapped[str] = mapped_column(String(12))
    city: Mapped[str] = mapped_column(String(80))
    region: Mapped[str | None] = mapped_column(String(80))
    country: Mapped[str] = mapped_column(String(2), default="FR")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
