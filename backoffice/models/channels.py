"""Television channels, and the offers that carry them."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, Shared


class Channel(Shared, Base):
    """A television channel."""

    __tablename__ = "channels"

    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    theme: Mapped[str] = mapped_column(String(40))


class OfferChannel(Shared, Base):
    """A channel is part of an offer on the days `[starts_on, ends_on)`."""

    __tablename__ = "offer_channels"
    __table_args__ = (Index(None, "offer_id", "starts_on"),)

    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
