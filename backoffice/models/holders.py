"""The persons named on a subscriber's contracts; several may hold one together."""

from datetime import date

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, Folded, OfSubscriber, by


class Holder(OfSubscriber, Base):
    """Position 0 is the holder whose name heads the file."""

    __tablename__ = "holders"
    __table_args__ = (by("position"), Index(None, "name_key"), Index(None, "name_key_reversed"))

    position: Mapped[int] = mapped_column(default=0)
    civility: Mapped[str | None] = mapped_column(String(20))
    first_name: Mapped[str | None] = mapped_column(String(80))
    last_name: Mapped[str] = mapped_column(String(120))
    full_name: Mapped[str] = mapped_column(String(201))
    name_key: Mapped[str] = mapped_column(Folded)
    """`first last` folded: no accents, no case, single blanks; searched by prefix."""
    name_key_reversed: Mapped[str] = mapped_column(Folded)
    """`last first` folded."""
    birth_on: Mapped[date | None]
