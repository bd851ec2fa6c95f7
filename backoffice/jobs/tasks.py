"""What a worker hands to a handler, and what the handler hands back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import OutboxKind


@dataclass(frozen=True, slots=True)
class Task:
    """A message of the outbox that a worker holds. `attempts` counts from 1 and includes the one that runs."""

    subscriber_id: int
    id: int
    kind: OutboxKind
    payload: Mapping[str, Any]
    key: str
    attempts: int
    created_at: datetime


class Book(Protocol):
    """Writes an outcome down, in the transaction that also closes the message: both are kept, or neither."""

    async def __call__(self, session: AsyncSession, *, at: datetime, today: date) -> object:
        """Called once for the outcome, and again only if that transaction was undone."""
        ...


@dataclass(frozen=True, slots=True)
class Finished:
    """The outside world has decided; there is nothing more to ask."""

    book: Book | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The outside world has had the request since an instant, and decides later: it is to be asked again."""

    since: datetime
    book: Book | None = None


class Handler(Protocol):
    """Does what a message asks for, and holds no session while it talks to the outside world.

    It may be called again for the same task, by another process even, so what it does must be harmless twice. Raising
    means another attempt later.
    """

    async def __call__(self, task: Task) -> Finished | Waiting:
        """Talk to the outside world, and say what is to be written down."""
        ...
