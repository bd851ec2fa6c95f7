"""The outbox: what must happen outside is written down in the transaction that causes it.

Each message has a key of its own within the subscriber; the database refuses a second one. For money the key is also the
one that the bank is given, so that whatever is sent again is done once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, event, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import new_id
from backoffice.models import OutboxKind, OutboxMessage, OutboxState

_bells: set[Callable[[], None]] = set()


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages of a kind are in a state, and since when the oldest is."""

    kind: OutboxKind
    state: OutboxState
    count: int
    oldest_at: datetime


def mail(session: AsyncSession, *, subscriber_id: int, template: str, about: int, at: datetime) -> None:
    """Ask for a mail to the subscriber, made of `template` and the row `about`; the same two are sent once."""
    payload = {"template": template, "about": about}
    _add(session, subscriber_id, OutboxKind.MAIL, payload, mail_key(template, about), at, at)


def refund(session: AsyncSession, *, subscriber_id: int, refund_id: int, at: datetime, from_: datetime) -> None:
    """Ask that a refund be sent, not before the instant `from_`."""
    _add(session, subscriber_id, OutboxKind.REFUND, {"refund": refund_id}, refund_key(refund_id), at, from_)


def charge(session: AsyncSession, *, subscriber_id: int, payment_id: int, at: datetime) -> None:
    """Ask that a payment be charged to its card or mandate."""
    _add(session, subscriber_id, OutboxKind.CHARGE, {"payment": payment_id}, charge_key(payment_id), at, at)


def mail_key(template: str, about: int | str) -> str:
    """Under which a mail is asked for, once."""
    return f"mail:{template}:{about}"


def refund_key(refund_id: int) -> str:
    """Under which a refund is sent, once: here and at the gateway."""
    return f"refund:{refund_id}"


def charge_key(payment_id: int) -> str:
    """Under which a payment is charged, once: here and at the gateway."""
    return f"charge:{payment_id}"


async def withdraw(session: AsyncSession, *, subscriber_id: int, key: str, at: datetime) -> bool:
    """Take a message back that nobody has begun to work on; false when it is too late."""
    taken = await session.execute(
        update(OutboxMessage)
        .where(_is_untouched(subscriber_id, key, at))
        .values(state=OutboxState.DONE, done_at=at, last_error="WITHDRAWN")
        .returning(OutboxMessage.id)
    )
    return taken.one_or_none() is not None


async def is_waiting(session: AsyncSession, *, subscriber_id: int, key: str, at: datetime) -> bool:
    """Whether a message could be withdrawn now."""
    found = await session.execute(select(OutboxMessage.id).where(_is_untouched(subscriber_id, key, at)))
    return found.first() is not None


async def depths(session: AsyncSession) -> list[Depth]:
    """What waits and what was given up, by kind; what is done is not counted, for it only grows."""
    message = OutboxMessage
    rows = await session.execute(
        select(message.kind, message.state, func.count(), func.min(message.created_at))
        .where(message.state.in_([OutboxState.PENDING, OutboxState.DEAD]))
        .group_by(message.kind, message.state)
        .order_by(message.kind, message.state)
    )
    return [Depth(*row) for row in rows]


@contextmanager
def listening(bell: Callable[[], None]) -> Iterator[None]:
    """Call `bell` whenever this process has committed a message, so that a worker need not wait for its next look."""
    _bells.add(bell)
    try:
        yield
    finally:
        _bells.discard(bell)


def _is_untouched(subscriber_id: int, key: str, at: datetime) -> ColumnElement[bool]:
    message = OutboxMessage
    return and_(
        message.subscriber_id == subscriber_id,
        message.dedupe_key == key,
        message.state == OutboxState.PENDING,
        message.attempts == 0,
        or_(message.leased_until.is_(None), message.leased_until < at),
    )


def _add(
    session: AsyncSession,
    subscriber_id: int,
    kind: OutboxKind,
    payload: dict[str, Any],
    key: str,
    at: datetime,
    available_at: datetime,
) -> None:
    session.add(
        OutboxMessage(
            subscriber_id=subscriber_id,
            id=new_id(at),
            kind=kind,
            payload=payload,
            dedupe_key=key,
            created_at=at,
            available_at=available_at,
        )
    )
    # Not before the commit: a worker that looked earlier would see nothing.
    event.listen(session.sync_session, "after_commit", _ring, once=True)


def _ring(_: object) -> None:
    for bell in tuple(_bells):
        bell()
