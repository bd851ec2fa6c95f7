"""A worker process that is killed at a chosen moment: `python -m tests.jobs.dying MOMENT DATABASE_URL SANDBOX`.

It signals itself: nothing in it can run any more, as when the machine loses power.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.database import Database
from backoffice.gateway import Answer
from backoffice.gateway.sandbox import Sandbox
from backoffice.jobs import handlers
from backoffice.jobs.tasks import Finished, Task, Waiting
from backoffice.jobs.worker import drain
from backoffice.models import OutboxKind
from tests.factories import NOW
from tests.jobs.handling import ZONE

MOMENTS = ("before the bank", "after the bank", "while booking", "between two")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Bank(Sandbox):
    """A bank during whose second refund we die."""

    moment = ""
    asked = 0

    async def refund(self, **given: Any) -> Answer:
        self.asked += 1
        is_second = self.asked == 2
        if self.moment == "before the bank" and is_second:
            die()
        answer = await super().refund(**given)
        if self.moment == "after the bank" and is_second:
            die()
        return answer


async def work(moment: str, url: str, sandbox: str) -> None:
    database, bank = Database(url), Bank(Path(sandbox), now=lambda: NOW)
    bank.moment = moment
    booked = 0

    async def handler(task: Task) -> Finished | Waiting:
        result = await handle(task)

        async def book(session: AsyncSession, **given: Any) -> None:
            nonlocal booked
            if moment == "between two" and booked:
                die()
            assert result.book is not None
            await result.book(session, **given)
            booked += 1
            if moment == "while booking":
                await session.flush()  # so that something is written when we die
                die()

        return Finished(book)

    handle = handlers.of_money(database, bank, currency="EUR")[OutboxKind.REFUND]
    await drain(database, {OutboxKind.REFUND: handler}, at=NOW, zone=ZONE)


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
