"""Failed attempts make the next ones wait, on both engines, and a race buys no free guess."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from backoffice.database import Database
from backoffice.models import Throttle
from backoffice.services import throttles
from backoffice.services.throttles import ACCOUNT, ADDRESS, TooManyAttempts

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


async def charge(database: Database, *, at: datetime = NOW, subject: str = "alix") -> None:
    async with database.unit_of_work() as session:
        await throttles.charge(session, limit=ACCOUNT, subject=subject, at=at)


async def rows(database: Database) -> list[Throttle]:
    async with database.reading() as session:
        return list(await session.scalars(select(Throttle)))


class TestLimit:
    @pytest.mark.parametrize(
        ("failures", "seconds"), [(0, 0), (4, 0), (5, 2), (6, 4), (7, 8), (11, 128), (13, 300), (1000, 300)]
    )
    def test_doubles_the_wait_up_to_the_longest(self, failures: int, seconds: int) -> None:
        assert ACCOUNT.wait(failures) == timedelta(seconds=seconds)


class TestCharge:
    async def test_makes_the_sixth_attempt_wait(self, database: Database) -> None:
        for _ in range(5):
            await charge(database)

        with pytest.raises(TooManyAttempts) as refused:
            await charge(database, at=NOW + timedelta(seconds=0.5))

        assert refused.value.retry_after_seconds == 2
        assert [row.failures for row in await rows(database)] == [5]

    async def test_looks_at_an_attempt_again_after_the_wait(self, database: Database) -> None:
        for _ in range(5):
            await charge(database)

        await charge(database, at=NOW + timedelta(seconds=2))

        assert [row.failures for row in await rows(database)] == [6]

    async def test_keeps_subjects_apart(self, database: Database) -> None:
        for _ in range(5):
            await charge(database)

        await charge(database, subject="bela")

        assert sorted(row.failures for row in await rows(database)) == [1, 5]

    async def test_forgets_after_a_quarter_of_an_hour(self, database: Database) -> None:
        for _ in range(4):
            await charge(database)

        await charge(database, at=NOW + timedelta(minutes=15, seconds=1))

        assert [(row.failures, row.blocked_until) for row in await rows(database)] == [(1, None)]

    async def test_lets_only_the_free_attempts_of_a_crowd_through(self, database: Database) -> None:
        answers = await asyncio.gather(*(charge(database) for _ in range(12)), return_exceptions=True)

        assert sum(answer is None for answer in answers) == 5
        assert sum(isinstance(answer, TooManyAttempts) for answer in answers) == 7

    async def test_survives_a_restart(self, database: Database) -> None:
        for _ in range(5):
            await charge(database)

        restarted = Database(database.url)
        with pytest.raises(TooManyAttempts):
            await charge(restarted)
        await restarted.close()

    async def test_ignores_a_wait_that_a_clock_far_ahead_wrote(self, database: Database) -> None:
        for _ in range(5):
            await charge(database, at=NOW + timedelta(days=365))

        await charge(database)

        assert [row.updated_at for row in await rows(database)] == [NOW]

    async def test_stores_nothing_that_was_typed(self, database: Database) -> None:
        await charge(database, subject="my password by mistake")

        assert ["password" in row.key for row in await rows(database)] == [False]


class TestForgive:
    async def test_ends_the_wait_of_whoever_proved_themselves(self, database: Database) -> None:
        for _ in range(5):
            await charge(database)

        async with database.unit_of_work() as session:
            await throttles.forgive(session, limit=ACCOUNT, subject="alix")

        assert await rows(database) == []


class TestTakeBack:
    async def test_takes_one_charge_and_its_wait_back(self, database: Database) -> None:
        for _ in range(ADDRESS.free_failures + 1):
            async with database.unit_of_work() as session:
                await throttles.charge(session, limit=ADDRESS, subject="192.0.2.1", at=NOW)

        async with database.unit_of_work() as session:
            await throttles.take_back(session, limit=ADDRESS, subject="192.0.2.1")

        assert [(row.failures, row.blocked_until) for row in await rows(database)] == [(50, None)]


class TestSweep:
    async def test_removes_what_no_longer_counts(self, database: Database) -> None:
        await charge(database, subject="long ago", at=NOW - timedelta(hours=1))
        await charge(database, subject="just now")

        async with database.unit_of_work() as session:
            await throttles.sweep(session, at=NOW)

        assert [row.updated_at for row in await rows(database)] == [NOW]
