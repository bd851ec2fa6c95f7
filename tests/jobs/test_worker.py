"""The worker carries out each message once, tries again what failed, and stops without losing anything."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import nullcontext, suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from backoffice.database import Database
from backoffice.errors import NotFound
from backoffice.gateway import GatewayTimeout, KeyReused
from backoffice.jobs import worker as workers
from backoffice.jobs.leases import LENGTH, MOST_ATTEMPTS
from backoffice.jobs.tasks import Finished, Handler, Task
from backoffice.jobs.worker import Worker, beside, drain
from backoffice.models import OutboxKind
from backoffice.services import outbox
from tests import factories
from tests.factories import NOW, TODAY
from tests.jobs.handling import ZONE, Told, enqueue, eventually, messages

SECOND = timedelta(seconds=1)


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    structlog.reset_defaults()
    with capture_logs() as entries:
        yield entries


def make(database: Database, handler: Told) -> Worker:
    return Worker(database, {OutboxKind.CHARGE: handler}, now=lambda: NOW, zone=ZONE)


async def drained(database: Database, handler: Any, *, later: timedelta = timedelta(0)) -> int:
    return await drain(database, {OutboxKind.CHARGE: handler}, at=NOW + later, zone=ZONE)


async def raising(error: Exception) -> None:
    raise error


async def until(told: Told, count: int) -> None:
    """Wait until the handler was called so often."""

    async def called() -> bool:
        return len(told.tasks) >= count

    await eventually(called)


class TestDrain:
    async def test_carries_out_all_that_is_due_oldest_first(self, database: Database) -> None:
        asked, told = await enqueue(database, 9), Told()
        await enqueue(database, at=NOW + SECOND)

        count = await drained(database, told)

        assert (count, told.about, sorted(told.booked)) == (9, asked, [(each, NOW, TODAY) for each in asked])
        assert [message.state for message in await messages(database)] == ["DONE"] * 9 + ["PENDING"]

    async def test_hands_over_what_the_message_says(self, database: Database) -> None:
        [about], told = await enqueue(database), Told()

        await drained(database, told)

        [message] = await messages(database)
        assert told.tasks == [
            Task(message.subscriber_id, message.id, OutboxKind.CHARGE, {"payment": about}, f"charge:{about}", 1, NOW)
        ]

    async def test_leaves_mails_to_whoever_can_send_them(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            subscriber = await factories.create_subscriber(session)
            outbox.mail(session, subscriber_id=subscriber.id, template="ticket_reply", about=1, at=NOW)

        assert await drained(database, Told()) == 0
        assert [message.attempts for message in await messages(database)] == [0]

    async def test_tells_the_civil_day_of_the_installation(self, database: Database) -> None:
        await enqueue(database)
        told, late = Told(), timedelta(hours=14, minutes=30)  # 23:30 in UTC, half past midnight in Paris

        await drained(database, told, later=late)

        assert told.booked == [(told.about[0], NOW + late, TODAY + timedelta(days=1))]

    async def test_asks_again_later_while_the_outside_has_not_decided(self, database: Database) -> None:
        await enqueue(database)
        told = Told(is_final=False)

        counts = [await drained(database, told, later=later) for later in (0 * SECOND, 4 * SECOND, 5 * SECOND)]
        told.is_final = True
        counts.append(await drained(database, told, later=10 * SECOND))

        assert (counts, len(told.booked)) == ([1, 0, 1, 1], 3)
        assert [message.state for message in await messages(database)] == ["DONE"]


class TestFailure:
    async def test_is_tried_again_later_and_books_nothing(self, database: Database) -> None:
        await enqueue(database)
        failing, told = Told(lambda _: raising(GatewayTimeout())), Told()

        counts = [await drained(database, failing), await drained(database, failing, later=4 * SECOND)]
        [failed] = await messages(database)
        counts.append(await drained(database, told, later=8 * SECOND))

        assert (counts, failing.booked, len(told.booked)) == ([1, 0, 1], [], 1)
        assert (failed.state, failed.attempts, failed.last_error) == ("PENDING", 1, "GATEWAY_TIMEOUT")
        assert 5 * SECOND <= failed.available_at - NOW < 7.5 * SECOND
        [done] = await messages(database)
        assert (done.state, done.attempts, done.last_error) == ("DONE", 2, None)

    async def test_that_does_not_end_makes_a_message_dead(self, database: Database, logged: list[Any]) -> None:
        await enqueue(database)
        failing = Told(lambda _: raising(GatewayTimeout()))

        for day in range(MOST_ATTEMPTS + 2):
            await drained(database, failing, later=timedelta(days=day))

        [message] = await messages(database)
        assert (message.state, message.last_error, message.lease) == ("DEAD", "GATEWAY_TIMEOUT", None)
        assert len(failing.tasks) == MOST_ATTEMPTS
        assert [(line["event"], line["code"]) for line in logged] == [("message is dead", "GATEWAY_TIMEOUT")]

    async def test_that_no_repetition_heals_makes_it_dead_at_once(self, database: Database) -> None:
        await enqueue(database)

        await drained(database, Told(lambda _: raising(KeyReused("charge:1"))))

        [message] = await messages(database)
        assert (message.state, message.attempts, message.last_error) == ("DEAD", 1, "GATEWAY_KEY_REUSED")

    async def test_that_nobody_foresaw_is_kept_by_its_type_alone(self, database: Database, logged: list[Any]) -> None:
        await enqueue(database)

        await drained(database, Told(lambda _: raising(RuntimeError("card of marie@example.org"))))

        [message] = await messages(database)
        assert (message.state, message.last_error) == ("PENDING", "RuntimeError")
        assert [line["event"] for line in logged] == ["attempt failed"]

    async def test_of_booking_undoes_the_booking_and_keeps_the_message(self, database: Database) -> None:
        await enqueue(database)

        async def handler(task: Task) -> Finished:
            async def book(session: AsyncSession, **_: object) -> None:
                outbox.charge(session, subscriber_id=task.subscriber_id, payment_id=1, at=NOW)
                await session.flush()  # so that there is something to undo
                raise GatewayTimeout

            return Finished(book)

        await drained(database, handler)

        assert [(message.state, message.attempts) for message in await messages(database)] == [("PENDING", 1)]

    async def test_of_one_message_does_not_hold_up_the_others(self, database: Database) -> None:
        asked = await enqueue(database, 3)

        async def act(task: Task) -> None:
            if task.payload["payment"] == asked[1]:
                raise GatewayTimeout

        await drained(database, Told(act))

        assert [message.state for message in await messages(database)] == ["DONE", "PENDING", "DONE"]


class TestTwoWorkers:
    async def test_share_the_messages_without_doing_one_twice(self, database: Database) -> None:
        asked = await enqueue(database, 30)
        beginning = asyncio.Barrier(2)

        async def meet(task: Task) -> None:
            if task.payload["payment"] in (first.about[:1] + second.about[:1]) and beginning.n_waiting < 2:
                async with asyncio.timeout(10):
                    await beginning.wait()

        first, second = Told(meet), Told(meet)
        await asyncio.gather(drained(database, first), drained(database, second))

        assert sorted(first.about + second.about) == asked
        assert first.about
        assert second.about

    async def test_book_once_when_the_first_was_too_slow(self, database: Database, logged: list[Any]) -> None:
        await enqueue(database)

        def booking(template: str, first: Callable[[], Awaitable[object]] | None = None) -> Handler:
            async def handler(task: Task) -> Finished:
                async def book(session: AsyncSession, *, at: datetime, today: date) -> None:
                    outbox.mail(session, subscriber_id=task.subscriber_id, template=template, about=1, at=at)
                    await session.flush()  # so that there is something to undo

                if first:
                    await first()
                return Finished(book)

            return handler

        slow = booking("slow", lambda: drained(database, booking("quick"), later=LENGTH))
        await drained(database, slow)

        [message, *booked] = await messages(database)
        assert [mail.payload["template"] for mail in booked] == ["quick"]
        assert (message.state, message.done_at, message.attempts) == ("DONE", NOW + LENGTH, 2)
        assert [line["event"] for line in logged] == ["lease lost"]

    async def test_leave_what_is_slow_to_the_one_whose_heart_beats(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workers, "_BEAT_SECONDS", 0.01)
        await enqueue(database)
        clock = [NOW]
        quick = Told()

        async def is_extended() -> bool:
            return (await messages(database))[0].leased_until == clock[0] + LENGTH

        async def act(_: Task) -> None:
            clock[0] = NOW + LENGTH - SECOND
            await eventually(is_extended)
            await drained(database, quick, later=LENGTH)

        slow = Told(act)
        await Worker(database, {OutboxKind.CHARGE: slow}, now=lambda: clock[0], zone=ZONE).drain()

        assert (len(slow.booked), quick.tasks) == (1, [])


class TestRun:
    async def test_is_woken_by_what_this_process_commits(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workers, "_IDLE_SECONDS", 60)
        told = Told()
        async with beside(make(database, told)):
            await asyncio.sleep(0.1)
            asked = await enqueue(database)
            await until(told, 1)

        assert told.about == asked

    async def test_is_not_woken_by_what_was_undone(self, database: Database) -> None:
        rung: list[None] = []
        with outbox.listening(lambda: rung.append(None)), suppress(NotFound):
            async with database.unit_of_work() as session:
                subscriber = await factories.create_subscriber(session)
                outbox.charge(session, subscriber_id=subscriber.id, payment_id=1, at=NOW)
                await session.flush()  # so that there is something to undo
                raise NotFound("undone")

        assert rung == []

    async def test_looks_by_itself_for_what_others_commit(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workers, "_IDLE_SECONDS", 0.05)
        monkeypatch.setattr(outbox, "listening", nullcontext)
        told = Told()
        async with beside(make(database, told)):
            await asyncio.sleep(0.1)
            await enqueue(database)
            await until(told, 1)

        assert len(told.booked) == 1

    async def test_looks_at_once_at_what_a_gateway_gives_notice_of(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workers, "_IDLE_SECONDS", 60)
        [about] = await enqueue(database)
        told = Told(is_final=False)

        async def is_waiting() -> bool:
            return (await messages(database))[0].available_at > NOW

        worker = make(database, told)
        async with beside(worker):
            await until(told, 1)
            told.is_final = True
            await eventually(is_waiting)
            worker.notice(f"charge:{about}")
            worker.notice(f"charge:{about}")
            await until(told, 2)

        assert len(told.booked) == 2
        assert [message.state for message in await messages(database)] == ["DONE"]

    async def test_outlives_a_database_that_is_away(self, logged: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(workers, "_IDLE_SECONDS", 0.01)
        nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")

        async def was_held_up_twice() -> bool:
            return len(logged) >= 2

        async with beside(make(nowhere, Told())):
            await eventually(was_held_up_twice)

        assert {(line["event"], line["code"]) for line in logged} == {("worker held up", "DATABASE_UNREACHABLE")}


class TestStop:
    async def test_finishes_what_is_taken_and_takes_no_more(self, database: Database) -> None:
        asked = await enqueue(database, 6)
        begun = asyncio.Event()

        async def slow(_: Task) -> None:
            begun.set()
            await asyncio.sleep(0.2)

        told = Told(slow)
        async with beside(make(database, told)):
            await begun.wait()

        assert (told.about, sorted(about for about, _, _ in told.booked)) == (asked[:4], asked[:4])
        assert [message.attempts for message in await messages(database)] == [1] * 4 + [0] * 2

    async def test_gives_back_what_does_not_finish_in_time(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workers, "_SECONDS_TO_FINISH", 0.1)
        await enqueue(database)
        begun = asyncio.Event()

        async def stuck(_: Task) -> None:
            begun.set()
            await asyncio.sleep(60)

        told = Told(stuck)
        async with beside(make(database, told)):
            await begun.wait()

        [message] = await messages(database)
        assert (told.booked, message.state, message.lease, message.leased_until) == ([], "PENDING", None, None)
        assert await drained(database, Told()) == 1
