"""Who works on which message: a worker takes messages for a while, and only who still holds one may close it.

A worker that dies closes nothing; when its lease has run out another one takes the message.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError
from backoffice.jobs.tasks import Task
from backoffice.models import OutboxKind, OutboxMessage, OutboxState

LENGTH = timedelta(seconds=30)
MOST_ATTEMPTS = 16
"""With the waits between them about seven hours: a night in which the bank is down loses nothing."""

WORKER_LOST = "WORKER_LOST"
"""The `last_error` of a message whose workers all died with it."""

_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(hours=1)


class LeaseLost(BackofficeError):
    """The lease ran out and another worker took the message: what this one did is not written down."""

    code = "LEASE_LOST"

    def __init__(self, task: Task) -> None:
        super().__init__(f"Message {task.id} belongs to another worker by now, which will close it.")


async def is_due(session: AsyncSession, *, kinds: Collection[OutboxKind], at: datetime) -> bool:
    """Whether there is anything to take: a look that disturbs no writer."""
    return (await session.execute(select(OutboxMessage.id).where(_due(kinds, at)).limit(1))).first() is not None


async def take(
    session: AsyncSession, *, kinds: Collection[OutboxKind], lease: str, count: int, at: datetime
) -> list[Task]:
    """Take up to `count` messages, oldest first, until `at` + LENGTH; what outlived too many workers is buried."""
    message = OutboxMessage
    await session.execute(
        update(message)
        .where(_due(kinds, at), message.attempts >= MOST_ATTEMPTS)
        .values(state=OutboxState.DEAD, lease=None, leased_until=None, last_error=WORKER_LOST)
    )
    # Two workers take different rows: PostgreSQL skips the locked ones, SQLite lets one writer in at a time.
    due = select(message).where(_due(kinds, at)).order_by(message.available_at, message.id).limit(count)
    taken = list((await session.execute(due.with_for_update(skip_locked=True))).scalars())
    for row in taken:
        row.lease, row.leased_until, row.attempts = lease, at + LENGTH, row.attempts + 1
    return [_task(row) for row in taken]


async def extend(session: AsyncSession, *, lease: str, at: datetime) -> None:
    """Hold on to what is still being worked on."""
    await session.execute(update(OutboxMessage).where(_held(lease)).values(leased_until=at + LENGTH))


async def release(session: AsyncSession, *, lease: str) -> None:
    """Give back what was not closed, so that nobody waits for the lease to run out."""
    await session.execute(update(OutboxMessage).where(_held(lease)).values(lease=None, leased_until=None))


async def finish(session: AsyncSession, *, task: Task, lease: str, at: datetime) -> None:
    """Mark a message as done; raises LeaseLost."""
    await _close(session, task, lease, state=OutboxState.DONE, done_at=at, last_error=None)


async def ask_later(session: AsyncSession, *, task: Task, lease: str, since: datetime, at: datetime) -> None:
    """Look again, the later the longer it takes since `since`; raises LeaseLost. There was an answer: attempts begin anew."""
    wait = min(max((at - since) // 4, _FIRST_WAIT), _LONGEST_WAIT)
    # 1 and not 0: what has left cannot be withdrawn.
    await _close(session, task, lease, attempts=1, available_at=at + wait, last_error=None)


async def retry(session: AsyncSession, *, task: Task, lease: str, code: str, at: datetime) -> bool:
    """Try again later; False when that was the last attempt, and the message is dead. Raises LeaseLost."""
    if task.attempts >= MOST_ATTEMPTS:
        await bury(session, task=task, lease=lease, code=code)
        return False
    await _close(session, task, lease, available_at=at + backoff(task), last_error=code)
    return True


async def bury(session: AsyncSession, *, task: Task, lease: str, code: str) -> None:
    """Give a message up, for the staff to see; raises LeaseLost."""
    await _close(session, task, lease, state=OutboxState.DEAD, last_error=code)


async def hasten(session: AsyncSession, *, keys: Collection[str], at: datetime) -> None:
    """Look now at messages that wait for the outside world: a hint, which changes nothing but the time."""
    message = OutboxMessage
    await session.execute(
        update(message)
        .where(message.dedupe_key.in_(keys), message.state == OutboxState.PENDING, message.available_at > at)
        .values(available_at=at)
    )


async def revive(session: AsyncSession, *, kinds: Collection[OutboxKind], at: datetime) -> int:
    """Try what was given up from the beginning, because its cause is gone; returns how many messages that are."""
    message = OutboxMessage
    revived = await session.execute(
        update(message)
        .where(message.state == OutboxState.DEAD, message.kind.in_(kinds))
        # 1 and not 0: the bank may know of it, so it cannot be withdrawn.
        .values(state=OutboxState.PENDING, attempts=1, available_at=at)
        .returning(message.id)
    )
    return len(revived.all())


def backoff(task: Task) -> timedelta:
    """How long to wait after a failed attempt: twice as long each time, and up to half of that more by the id.

    Messages that failed together so do not come back together, and a test knows when they do.
    """
    doubled = min(_FIRST_WAIT * (1 << task.attempts - 1), _LONGEST_WAIT)
    return doubled + doubled * (task.id % 500) // 1000


def _due(kinds: Collection[OutboxKind], at: datetime) -> ColumnElement[bool]:
    message = OutboxMessage
    return and_(
        message.state == OutboxState.PENDING,
        message.available_at <= at,
        message.kind.in_(kinds),
        or_(message.leased_until.is_(None), message.leased_until <= at),
    )


def _held(lease: str) -> ColumnElement[bool]:
    return and_(OutboxMessage.lease == lease, OutboxMessage.state == OutboxState.PENDING)


async def _close(session: AsyncSession, task: Task, lease: str, **values: Any) -> None:
    message = OutboxMessage
    closed = await session.execute(
        update(message)
        .where(message.subscriber_id == task.subscriber_id, message.id == task.id, _held(lease))
        .values(lease=None, leased_until=None, **values)
        .returning(message.id)
    )
    if closed.scalar_one_or_none() is None:
        raise LeaseLost(task)


def _task(row: OutboxMessage) -> Task:
    return Task(
        subscriber_id=row.subscriber_id,
        id=row.id,
        kind=row.kind,
        payload=row.payload,
        key=row.dedupe_key,
        attempts=row.attempts,
        created_at=row.created_at,
    )
