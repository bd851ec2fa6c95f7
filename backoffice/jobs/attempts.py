"""One attempt at one message: the handler talks to the outside world, and what came of it is written down."""

from contextlib import suppress
from dataclasses import dataclass

import structlog

from backoffice.billing.periods import civil_day
from backoffice.clock import Now
from backoffice.database import Database
from backoffice.errors import BackofficeError
from backoffice.gateway import KeyReused
from backoffice.jobs import leases
from backoffice.jobs.leases import LeaseLost
from backoffice.jobs.tasks import Finished, Handler, Task, Waiting

log = structlog.get_logger("backoffice.jobs")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A task in the hands of the worker that holds `lease`; `zone` tells which civil day `now` is."""

    task: Task
    lease: str
    database: Database
    now: Now
    zone: str

    async def run(self, handler: Handler) -> None:
        """Carry the task out and close its message, or have it tried again; raises only what the database refuses."""
        try:
            result = await handler(self.task)
            await self._close(result)
        except LeaseLost as lost:
            log.warning("lease lost", code=lost.code, **self._facts())
        except Exception as error:
            await self._fail(error)

    async def _close(self, result: Finished | Waiting) -> None:
        at = self.now()
        async with self.database.unit_of_work() as session:
            if result.book is not None:
                await result.book(session, at=at, today=civil_day(at, self.zone))
            # After the booking: acts lock the file before its messages too. A lost lease undoes what was booked.
            if isinstance(result, Finished):
                await leases.finish(session, task=self.task, lease=self.lease, at=at)
            else:
                await leases.ask_later(session, task=self.task, lease=self.lease, since=result.since, at=at)

    async def _fail(self, error: Exception) -> None:
        # A code or a type, and never a message: that might quote a person.
        code = error.code if isinstance(error, BackofficeError) else type(error).__name__
        if not isinstance(error, BackofficeError):
            log.exception("attempt failed", exc_info=error, **self._facts())
        with suppress(LeaseLost):
            if not await self._try_later(code, is_hopeless=isinstance(error, KeyReused)):
                log.error("message is dead", code=code, **self._facts())

    async def _try_later(self, code: str, *, is_hopeless: bool) -> bool:
        async with self.database.unit_of_work() as session:
            if is_hopeless:
                await leases.bury(session, task=self.task, lease=self.lease, code=code)
                return False
            return await leases.retry(session, task=self.task, lease=self.lease, code=code, at=self.now())

    def _facts(self) -> dict[str, object]:
        return {"message_id": self.task.id, "kind": self.task.kind, "attempts": self.task.attempts}
