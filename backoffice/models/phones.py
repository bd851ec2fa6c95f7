"""Telephone numbers under which a subscriber is reached."""

from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, one_of


class PhoneKind(StrEnum):
    """The three numbers of a file."""

    MOBILE = "MOBILE"
    HOME = "HOME"
    OTHER = "OTHER"


class Phone(OfSubscriber, Base):
    """What was typed is kept; `number` is its E.164 form when it is a possible number."""

    __tablename__ = "phones"
    __table_args__ = (by("kind"), Index(None, "number"))

    kind: Mapped[PhoneKind] = one_of(PhoneKind)
    typed: Mapped[str] = mapped_column(String(40))
    number: Mapped[str | None] = mapped_column(String(20))
