"""Throttles: failed attempts make the next ones wait, longer each time. They are rows: a restart forgives nothing.

An attempt is charged as a failure before it is judged, so that a thousand at once are not a thousand free guesses.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError
from backoffice.models import Throttle

_FIRST_WAIT = timedelta(seconds=2)
_FORGOTTEN_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Limit:
    """What is throttled, after how many failures waiting begins, and the longest wait; each wait doubles the last."""

    kind: str
    free_failures: int
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long the next attempt waits after so many failures."""
        beyond = failures - self.free_failures
        return timedelta(0) if beyond <= 0 else min(_FIRST_WAIT * 2 ** min(beyond - 1, 20), self.longest)


ACCOUNT = Limit("account", free_failures=4, longest=timedelta(minutes=5))
# Hundreds of agents may share the address of a call centre: their slips must not lock each other out.
ADDRESS = Limit("address", free_failures=50, longest=timedelta(minutes=1))


class TooManyAttempts(BackofficeError):
    """The attempt was not looked at; after `retry_after_seconds` the next one will be."""

    code = "TOO_MANY_ATTEMPTS"

    def __init__(self, *, retry_after_seconds: int) -> None:
        super().__init__(f"There were too many attempts; try again in {retry_after_seconds} s.")
        self.retry_after_seconds = retry_after_seconds


async def charge(session: AsyncSession, *, limit: Limit, subject: str, at: datetime) -> None:
    """Count an attempt as failed, before it is judged; raises TooManyAttempts while `subject` has to wait.

    Whoever charges two limits takes ACCOUNT first: rows locked in one order never deadlock.
    """
    throttle = await _locked(session, _key(limit, subject), at)
    waiting = throttle.blocked_until - at if throttle.blocked_until else timedelta(0)
    # A wait longer than the longest was written by a rehearsal whose clock was ahead.
    if timedelta(0) < waiting <= limit.longest:
        raise TooManyAttempts(retry_after_seconds=math.ceil(waiting.total_seconds()))
    throttle.failures = 1 if throttle.updated_at < at - _FORGOTTEN_AFTER else throttle.failures + 1
    wait = limit.wait(throttle.failures)
    throttle.blocked_until = at + wait if wait else None
    throttle.updated_at = at
    await session.flush()  # the next limit is locked after this one is written


async def forgive(session: AsyncSession, *, limit: Limit, subject: str) -> None:
    """Forget the failures of `subject`: it proved who it is."""
    await session.execute(delete(Throttle).where(Throttle.key == _key(limit, subject)))


async def take_back(session: AsyncSession, *, limit: Limit, subject: str) -> None:
    """Take back one charge that turned out to be no failure, and the wait that it began."""
    await session.execute(
        update(Throttle)
        .where(Throttle.key == _key(limit, subject), Throttle.failures > 0)
        .values(failures=Throttle.failures - 1, blocked_until=None)
    )


async def sweep(session: AsyncSession, *, at: datetime) -> None:
    """Remove what is too old to count, so that guesses at random names do not fill the table."""
    is_over = or_(Throttle.blocked_until.is_(None), Throttle.blocked_until < at)
    await session.execute(delete(Throttle).where(Throttle.updated_at < at - _FORGOTTEN_AFTER, is_over))


async def _locked(session: AsyncSession, key: str, at: datetime) -> Throttle:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    await session.execute(insert(Throttle).values(key=key, failures=0, updated_at=at).on_conflict_do_nothing())
    found = await session.execute(
        select(Throttle).where(Throttle.key == key).with_for_update().execution_options(populate_existing=True)
    )
    return found.scalar_one()


def _key(limit: Limit, subject: str) -> str:
    # A digest has one length whatever was typed, and tells nobody who reads the table what it was.
    return f"{limit.kind}:{hashlib.sha256(subject.encode()).hexdigest()}"
