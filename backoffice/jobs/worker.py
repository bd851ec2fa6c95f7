"""The worker: takes messages of the outbox and has them carried out.

Any number may run, in the served processes and alone. One that is killed leaves a lease that runs out; whoever takes the
message then asks the outside world with the same key.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import structlog

from backoffice.clock import Now
from backoffice.database import Database
from backoffice.errors import BackofficeError
from backoffice.jobs import leases
from backoffice.jobs.attempts import Attempt
from backoffice.jobs.tasks import Handler, Task
from backoffice.models import OutboxKind
from backoffice.services import outbox

_TAKEN_AT_ONCE = 4
_IDLE_SECONDS = 1.0
_BEAT_SECONDS = leases.LENGTH.total_seconds() / 3
_SECONDS_TO_FINISH = 8.0

log = structlog.get_logger("backoffice.jobs")


class Worker:
    """Takes only the kinds that have a handler. `now` is its clock, `zone` tells which civil day that is."""

    def __init__(self, database: Database, handlers: Mapping[OutboxKind, Handler], *, now: Now, zone: str) -> None:
        self._database = database
        self._handlers = handlers
        self._now = now
        self._zone = zone
        self._heard: set[str] = set()
        self._woken = asyncio.Event()
        self._is_stopping = False

    async def run(self) -> None:
        """Work until `stop`: at once when this process commits a message, else with a look each second."""
        with outbox.listening(self._woken.set):
            while not self._is_stopping:
                self._woken.clear()
                if not await self._try_round() and not self._is_stopping:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._woken.wait(), _IDLE_SECONDS)

    async def drain(self) -> int:
        """Carry out everything that is due, and say how many attempts that took."""
        count = 0
        while not self._is_stopping and (done := await self._round()):
            count += done
        return count

    async def revive(self) -> int:
        """Make due again what was given up, once its cause is gone; returns how many messages that are."""
        async with self._database.unit_of_work() as session:
            return await leases.revive(session, kinds=self._handlers, at=self._now())

    def stop(self) -> None:
        """Take no more; what is taken is finished."""
        self._is_stopping = True
        self._woken.set()

    def notice(self, key: str) -> None:
        """Look again at the message with this key.

        What a gateway tells by itself is only a hint: forged or told twice, it moves nothing.
        """
        self._heard.add(key)
        self._woken.set()

    async def _try_round(self) -> int:
        """A round whose failure, because the database is away for example, does not end the worker."""
        try:
            return await self._round()
        except BackofficeError as refusal:
            log.warning("worker held up", code=refusal.code)
        except Exception as error:
            log.exception("worker failed", exc_info=error)
        return 0

    async def _round(self) -> int:
        """Take some messages, attempt each, and say how many there were; a worker that is cancelled gives them back."""
        lease = secrets.token_hex(16)
        tasks = await self._take(lease)
        if not tasks:
            return 0
        beating = asyncio.create_task(self._beat(lease))
        try:
            ended = await asyncio.gather(*(self._attempt(task, lease) for task in tasks), return_exceptions=True)
        except asyncio.CancelledError:
            await asyncio.shield(self._release(lease))
            raise
        finally:
            beating.cancel()
        for error in filter(None, ended):
            raise error
        return len(tasks)

    async def _take(self, lease: str) -> list[Task]:
        at = self._now()
        if self._heard:
            keys, self._heard = self._heard, set()
            async with self._database.unit_of_work() as session:
                await leases.hasten(session, keys=keys, at=at)
        async with self._database.reading() as session:
            if not await leases.is_due(session, kinds=self._handlers, at=at):
                return []
        async with self._database.unit_of_work() as session:
            return await leases.take(session, kinds=self._handlers, lease=lease, count=_TAKEN_AT_ONCE, at=at)

    async def _attempt(self, task: Task, lease: str) -> None:
        attempt = Attempt(task=task, lease=lease, database=self._database, now=self._now, zone=self._zone)
        await attempt.run(self._handlers[task.kind])

    async def _beat(self, lease: str) -> None:
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            # A beat that fails is made up by the next: a lease outlives two.
            with suppress(BackofficeError):
                async with self._database.unit_of_work() as session:
                    await leases.extend(session, lease=lease, at=self._now())

    async def _release(self, lease: str) -> None:
        with suppress(BackofficeError):
            async with self._database.unit_of_work() as session:
                await leases.release(session, lease=lease)


async def drain(database: Database, handlers: Mapping[OutboxKind, Handler], *, at: datetime, zone: str) -> int:
    """Carry out everything that is due at `at`, and say how many attempts that took."""
    return await Worker(database, handlers, now=lambda: at, zone=zone).drain()


@asynccontextmanager
async def beside(worker: Worker) -> AsyncIterator[None]:
    """Let the worker run beside the block; at its end it finishes what it holds, or gives it back after 8 s."""
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        with suppress(TimeoutError):
            await asyncio.wait_for(running, _SECONDS_TO_FINISH)
