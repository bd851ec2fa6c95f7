"""Quotes that were confirmed: each works once."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from backoffice.models.base import Base, OfSubscriber


class SpentQuote(OfSubscriber, Base):
    """`id` is the quote's own; the primary key lets one of two confirmations through."""

    __tablename__ = "spent_quotes"

    spent_at: Mapped[datetime]
