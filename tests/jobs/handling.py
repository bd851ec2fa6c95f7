"""Messages of the outbox, and handlers that do what a test tells them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.database import Database
from backoffice.jobs.tasks import Finished, Task, Waiting
from backoffice.models import OutboxMessage
from backoffice.services import outbox
from tests import factories
from tests.factories import NOW

ZONE = "Europe/Paris"


async def enqueue(database: Database, count: int = 1, *, at: datetime = NOW) -> list[int]:
    """`count` messages that ask for charges; returns what they are about, oldest first."""
    async with database.unit_of_work() as session:
        subscriber = await factories.create_subscriber(session)
        about = [factories.new_id() for _ in range(count)]
        for payment_id in about:
            outbox.charge(session, subscriber_id=subscriber.id, payment_id=payment_id, at=at)
    return about


async def messages(database: Database) -> list[OutboxMessage]:
    """All messages, oldest first."""
    async with database.reading() as session:
        return list((await session.execute(select(OutboxMessage).order_by(OutboxMessage.id))).scalars())


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds, at most half a minute."""
    for _ in range(3000):
        if await holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("It did not come to pass.")


async def nothing(task: Task) -> None:
    """What a handler does that only remembers."""


@dataclass
class Told:
    """A handler that remembers its tasks and what it booked, and first does what `act` says."""

    act: Callable[[Task], Awaitable[None]] = nothing
    is_final: bool = True
    tasks: list[Task] = field(default_factory=list)
    booked: list[tuple[int, datetime, date]] = field(default_factory=list)

    async def __call__(self, task: Task) -> Finished | Waiting:
        self.tasks.append(task)
        await self.act(task)

        async def book(session: AsyncSession, *, at: datetime, today: date) -> None:
            assert session.in_transaction()
            self.booked.append((task.payload["payment"], at, today))

        return Finished(book) if self.is_final else Waiting(NOW, book)

    @property
    def about(self) -> list[int]:
        """What the tasks were about, in the order of the attempts."""
        return [task.payload["payment"] for task in self.tasks]
