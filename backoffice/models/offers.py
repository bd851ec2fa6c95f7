"""The catalogue: what the operator sells."""

from datetime import date
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, Shared, check, one_of


class OfferKind(StrEnum):
    """An OFFER is what a contract is about; OPTIONs hang on it; FEEs are paid once, DEPOSITs are given back."""

    OFFER = "OFFER"
    OPTION = "OPTION"
    FEE = "FEE"
    DEPOSIT = "DEPOSIT"


class ServiceFamily(StrEnum):
    """The four families of services, and the bundle of several."""

    TV = "TV"
    INTERNET = "INTERNET"
    FIXED = "FIXED"
    MOBILE = "MOBILE"
    BUNDLE = "BUNDLE"


class Offer(Shared, Base):
    """An offer, option, fee or deposit; its prices are dated versions."""

    __tablename__ = "offers"
    __table_args__ = (check("commitment_at_most_24_months", "commitment_months BETWEEN 0 AND 24"),)

    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_fr: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    kind: Mapped[OfferKind] = one_of(OfferKind)
    family: Mapped[ServiceFamily] = one_of(ServiceFamily)
    commitment_months: Mapped[int] = mapped_column(default=0)
    """Months of commitment, at most 24 (Code de la consommation, L224-28 I)."""
    has_subsidised_terminal: Mapped[bool] = mapped_column(default=False)
    is_rolling_month: Mapped[bool] = mapped_column(default=False)
    """Renewed month by month from its own anchor day, whatever the day on which the contract is billed."""
    device_slots: Mapped[int] = mapped_column(default=0)
    simultaneous_streams: Mapped[int] = mapped_column(default=0)
    sold_from: Mapped[date]
    sold_until: Mapped[date | None]
