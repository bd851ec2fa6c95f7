"""Sessions of the staff: opened at sign-in, read at each request, ended at once on every process."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import new_id
from backoffice.models import SessionKind, Staff, StaffSession
from backoffice.vault import digest

LIFETIMES = {SessionKind.COOKIE: timedelta(hours=12), SessionKind.TOKEN: timedelta(hours=8)}
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that has just begun. The token is told here and never again: only its digest is kept."""

    id: int
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A session in course, and whose it is."""

    id: int
    staff: Staff
    expires_at: datetime
    stepped_up_until: datetime | None


def open_for(session: AsyncSession, *, staff: Staff, kind: SessionKind, at: datetime) -> Opened:
    """Begin a session with a token of its own, whatever the client sent."""
    opened = Opened(id=new_id(at), token=secrets.token_urlsafe(_TOKEN_BYTES), expires_at=at + LIFETIMES[kind])
    session.add(
        StaffSession(
            id=opened.id,
            staff_id=staff.id,
            kind=kind,
            token_digest=digest(opened.token),
            opened_at=at,
            expires_at=opened.expires_at,
        )
    )
    return opened


async def find(session: AsyncSession, *, token: str, kind: SessionKind, at: datetime) -> Found | None:
    """The session of this token, unless it ended, expired or its holder was disabled.

    A cookie's token is no Bearer token: a stolen one cannot leave the checks that browsers are under.
    """
    rows = await session.execute(
        select(StaffSession.id, StaffSession.expires_at, StaffSession.stepped_up_until, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(
            StaffSession.token_digest == digest(token),
            StaffSession.kind == kind,
            StaffSession.ended_at.is_(None),
            StaffSession.expires_at > at,
            Staff.is_active,
        )
    )
    row = rows.one_or_none()
    if row is None:
        return None
    return Found(id=row.id, staff=row.Staff, expires_at=row.expires_at, stepped_up_until=row.stepped_up_until)


async def step_up(session: AsyncSession, *, session_id: int, until: datetime) -> None:
    """Remember that a fresh one-time code was given in this session."""
    await session.execute(update(StaffSession).where(StaffSession.id == session_id).values(stepped_up_until=until))


async def end(session: AsyncSession, *, session_id: int, at: datetime) -> None:
    """End one session; ending it again changes nothing."""
    await session.execute(
        update(StaffSession).where(StaffSession.id == session_id, StaffSession.ended_at.is_(None)).values(ended_at=at)
    )


async def end_all(session: AsyncSession, *, staff_id: int, at: datetime) -> None:
    """End every session of one member of the staff."""
    await session.execute(
        update(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
        .values(ended_at=at)
    )
