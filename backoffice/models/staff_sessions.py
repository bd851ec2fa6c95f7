"""Sessions of the staff, the one-time codes they have spent, and the guesses that were throttled."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, Shared, one_of


class SessionKind(StrEnum):
    """A COOKIE is for browsers, a TOKEN for programs."""

    COOKIE = "COOKIE"
    TOKEN = "TOKEN"  # noqa: S105 - a kind, not a secret


class StaffSession(Shared, Base):
    """Read at each request, so that ending one is effective at once on every process."""

    __tablename__ = "staff_sessions"
    __table_args__ = (Index(None, "staff_id", "ended_at"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[SessionKind] = one_of(SessionKind)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    stepped_up_until: Mapped[datetime | None]


class SpentCode(Base):
    """A one-time code works once: the time step it belongs to is written when it is used."""

    __tablename__ = "spent_codes"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    time_step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Throttle(Base):
    """Failed attempts under one key (an account, an address); rows, so that a restart forgives nothing."""

    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    failures: Mapped[int]
    blocked_until: Mapped[datetime | None]
    updated_at: Mapped[datetime]
