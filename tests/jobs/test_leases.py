"""Who works on which message: nobody works on what another holds, and nothing is held by the dead for ever."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from backoffice.database import Database
from backoffice.jobs import leases
from backoffice.jobs.leases import LENGTH, MOST_ATTEMPTS, LeaseLost
from backoffice.jobs.tasks import Task
from backoffice.models import OutboxKind, OutboxMessage
from tests.factories import NOW
from tests.jobs.handling import enqueue, messages

KINDS = [OutboxKind.CHARGE]
MINE, YOURS = "1" * 32, "2" * 32
SECOND = timedelta(seconds=1)


async def take(
    database: Database, lease: str = MINE, *, count: int = 10, later: timedelta = timedelta(0)
) -> list[Task]:
    async with database.unit_of_work() as session:
        return await leases.take(session, kinds=KINDS, lease=lease, count=count, at=NOW + later)


def about(tasks: list[Task]) -> list[int]:
    return [task.payload["payment"] for task in tasks]


class TestTake:
    async def test_gives_two_workers_different_messages(self, database: Database) -> None:
        asked = await enqueue(database, 5)

        async with database.unit_of_work() as session:
            mine = await leases.take(session, kinds=KINDS, lease=MINE, count=3, at=NOW)
        yours = await take(database, YOURS)

        assert (about(mine), about(yours)) == (asked[:3], asked[3:])
        assert {task.attempts for task in (*mine, *yours)} == {1}

    # On SQLite a second writer waits for the first.
    @pytest.mark.parametrize("database", ["postgresql"], indirect=True)
    async def test_passes_over_rows_that_another_is_just_taking(self, database: Database) -> None:
        asked = await enqueue(database, 4)

        async with database.unit_of_work() as session, database.unit_of_work() as other:
            mine = await leases.take(session, kinds=KINDS, lease=MINE, count=2, at=NOW)
            yours = await leases.take(other, kinds=KINDS, lease=YOURS, count=4, at=NOW)

        assert (about(mine), about(yours)) == (asked[:2], asked[2:])

    @pytest.mark.parametrize(("later", "count"), [(LENGTH - SECOND, 0), (LENGTH, 1)])
    async def test_gets_what_another_held_for_too_long(self, database: Database, later: timedelta, count: int) -> None:
        await enqueue(database)
        await take(database)

        taken = await take(database, YOURS, later=later)

        assert [task.attempts for task in taken] == [2] * count

    async def test_leaves_what_is_not_due_and_kinds_without_a_handler(self, database: Database) -> None:
        await enqueue(database, at=NOW + SECOND)
        async with database.unit_of_work() as session:
            refunds = await leases.take(session, kinds=[OutboxKind.REFUND], lease=MINE, count=9, at=NOW + SECOND)

        assert (await take(database), refunds) == ([], [])

    async def test_buries_what_outlived_too_many_workers(self, database: Database) -> None:
        await enqueue(database, 2)
        later = timedelta(0)
        for _ in range(MOST_ATTEMPTS):
            assert len(await take(database, count=1, later=later)) == 1
            later += LENGTH
        [dying, waiting] = await messages(database)

        taken = await take(database, later=later)

        assert (dying.attempts, waiting.attempts) == (MOST_ATTEMPTS, 0)
        assert [task.id for task in taken] == [waiting.id]
        [dead, _] = await messages(database)
        assert (dead.state, dead.last_error, dead.lease) == ("DEAD", "WORKER_LOST", None)


class TestIsDue:
    async def test_tells_what_take_would_take(self, database: Database) -> None:
        await enqueue(database)
        async with database.reading() as session:
            before = await leases.is_due(session, kinds=KINDS, at=NOW - SECOND)
            due = await leases.is_due(session, kinds=KINDS, at=NOW)
            other = await leases.is_due(session, kinds=[OutboxKind.MAIL], at=NOW)
        await take(database)
        async with database.reading() as session:
            held = await leases.is_due(session, kinds=KINDS, at=NOW)
            lapsed = await leases.is_due(session, kinds=KINDS, at=NOW + LENGTH)

        assert (before, due, other, held, lapsed) == (False, True, False, False, True)


class TestExtend:
    async def test_keeps_a_message_from_others(self, database: Database) -> None:
        await enqueue(database, 2)
        await take(database, count=1)
        await take(database, YOURS)
        async with database.unit_of_work() as session:
            await leases.extend(session, lease=MINE, at=NOW + LENGTH)

        taken = await take(database, "3" * 32, later=LENGTH)

        [mine, yours] = await messages(database)
        assert [task.id for task in taken] == [yours.id]
        assert (mine.lease, mine.leased_until) == (MINE, NOW + 2 * LENGTH)


class TestRelease:
    async def test_gives_back_what_is_still_open(self, database: Database) -> None:
        await enqueue(database, 2)
        [first, second] = await take(database)
        async with database.unit_of_work() as session:
            await leases.finish(session, task=first, lease=MINE, at=NOW)

        async with database.unit_of_work() as session:
            await leases.release(session, lease=MINE)

        assert [task.id for task in await take(database, YOURS)] == [second.id]


class TestFinish:
    async def test_closes_a_message_for_good(self, database: Database) -> None:
        await enqueue(database)
        [task] = await take(database)

        async with database.unit_of_work() as session:
            await leases.finish(session, task=task, lease=MINE, at=NOW + SECOND)

        [message] = await messages(database)
        assert (message.state, message.done_at, message.lease) == ("DONE", NOW + SECOND, None)
        assert await take(database, later=2 * LENGTH) == []

    async def test_is_refused_to_whom_the_message_does_not_belong_any_more(self, database: Database) -> None:
        await enqueue(database)
        [task] = await take(database)
        await take(database, YOURS, later=LENGTH)

        with pytest.raises(LeaseLost):
            async with database.unit_of_work() as session:
                await leases.finish(session, task=task, lease=MINE, at=NOW + LENGTH)

        [message] = await messages(database)
        assert (message.state, message.lease) == ("PENDING", YOURS)

    async def test_is_refused_the_second_time(self, database: Database) -> None:
        await enqueue(database)
        [task] = await take(database)
        async with database.unit_of_work() as session:
            await leases.finish(session, task=task, lease=MINE, at=NOW)

        with pytest.raises(LeaseLost):
            async with database.unit_of_work() as session:
                await leases.finish(session, task=task, lease=MINE, at=NOW)


class TestAskLater:
    @pytest.mark.parametrize(
        ("age", "wait"),
        [
            (timedelta(0), timedelta(seconds=5)),
            (timedelta(seconds=20), timedelta(seconds=5)),
            (timedelta(seconds=24), timedelta(seconds=6)),
            (timedelta(hours=4), timedelta(hours=1)),
            (timedelta(days=5), timedelta(hours=1)),
        ],
    )
    async def test_waits_longer_for_what_takes_longer(
        self, database: Database, age: timedelta, wait: timedelta
    ) -> None:
        await enqueue(database)
        [task] = await take(database, later=age)

        async with database.unit_of_work() as session:
            await leases.ask_later(session, task=task, lease=MINE, since=NOW, at=NOW + age)

        [message] = await messages(database)
        assert (message.state, message.available_at - NOW - age) == ("PENDING", wait)

    async def test_forgets_the_attempts_that_failed_before(self, database: Database) -> None:
        await enqueue(database)
        async with database.unit_of_work() as session:
            await session.execute(update(OutboxMessage).values(attempts=9, last_error="GATEWAY_TIMEOUT"))
        [task] = await take(database)

        async with database.unit_of_work() as session:
            await leases.ask_later(session, task=task, lease=MINE, since=NOW, at=NOW)

        [message] = await messages(database)
        assert (task.attempts, message.attempts, message.last_error) == (10, 1, None)


class TestRetry:
    async def test_waits_twice_as_long_each_time_and_gives_up_at_last(self, database: Database) -> None:
        await enqueue(database)
        later, waits, goes_on = timedelta(0), [], True
        while goes_on:
            [task] = await take(database, later=later)
            async with database.unit_of_work() as session:
                goes_on = await leases.retry(session, task=task, lease=MINE, code="GATEWAY_TIMEOUT", at=NOW + later)
            [message] = await messages(database)
            if goes_on:
                assert (message.state, message.last_error, message.lease) == ("PENDING", "GATEWAY_TIMEOUT", None)
                waits.append(message.available_at - NOW - later)
                later += waits[-1]

        spread = timedelta(milliseconds=task.id % 500)
        doubled = [timedelta(seconds=5 * 2**step) for step in range(10)] + [timedelta(hours=1)] * 5
        assert waits == [wait + spread * (wait // timedelta(seconds=1)) for wait in doubled]
        assert (message.state, message.attempts, message.last_error) == ("DEAD", MOST_ATTEMPTS, "GATEWAY_TIMEOUT")
        assert await take(database, later=timedelta(days=9)) == []


class TestRevive:
    async def test_gives_the_dead_of_a_kind_their_attempts_back(self, database: Database) -> None:
        await enqueue(database, 3)
        [dying, other, _] = await take(database)
        async with database.unit_of_work() as session:
            await leases.bury(session, task=dying, lease=MINE, code="GATEWAY_TIMEOUT")
            await leases.finish(session, task=other, lease=MINE, at=NOW)

        async with database.unit_of_work() as session:
            others = await leases.revive(session, kinds=[OutboxKind.MAIL], at=NOW)
            revived = await leases.revive(session, kinds=KINDS, at=NOW + SECOND)

        [message, *_] = await messages(database)
        assert (others, revived) == (0, 1)
        assert (message.state, message.attempts, message.last_error) == ("PENDING", 1, "GATEWAY_TIMEOUT")
        assert [task.id for task in await take(database, later=SECOND)] == [dying.id]


class TestHasten:
    async def test_makes_due_what_waits_and_nothing_else(self, database: Database) -> None:
        [first, second, third] = await enqueue(database, 3, at=NOW + SECOND)
        [task] = await take(database, count=1, later=SECOND)
        async with database.unit_of_work() as session:
            await leases.finish(session, task=task, lease=MINE, at=NOW + SECOND)

        async with database.unit_of_work() as session:
            await leases.hasten(session, keys=[f"charge:{first}", f"charge:{second}", "charge:1"], at=NOW)

        assert about(await take(database)) == [second]
        assert about(await take(database, later=SECOND)) == [third]
