"""A fault of the database is told from a fault of the code that uses it, and as what it is."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from backoffice.cli import proving
from backoffice.database import Database, DatabaseBusy, DatabaseUnreachable
from backoffice.fields.declare import Moment, entity
from backoffice.resolvers.loaders import Loaders
from backoffice.services import verification
from tests import factories

_FAULTS_OF_THE_BODY = [FileNotFoundError, PermissionError, TimeoutError, ConnectionResetError]


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Another process writes to this SQLite file."""
    other = sqlite3.connect(str(make_url(database.url).database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.rollback()
    other.close()


class TestBody:
    @pytest.mark.parametrize("kind", _FAULTS_OF_THE_BODY)
    async def test_keeps_its_own_faults(self, database: Database, kind: type[OSError]) -> None:
        for work in (database.unit_of_work, database.reading, database.snapshot, database.connecting):
            with pytest.raises(kind, match=r"^of the body$"):
                async with work():
                    raise kind("of the body")

    async def test_may_quote_what_an_unreachable_database_says(self, database: Database) -> None:
        quoting = "SELECT [unable to open]" if database.is_sqlite else "SELECT CAST('unable to open' AS integer)"

        with pytest.raises(DBAPIError, match="unable to open"):
            async with database.reading() as session:
                await session.execute(text(quoting))


class TestUnreachable:
    @pytest.mark.parametrize("address", ["127.0.0.1:1", "no-such-host.invalid:5432"])
    async def test_is_a_server_that_is_not_there(self, address: str) -> None:
        database = Database(f"postgresql+asyncpg://nobody@{address}/nothing")

        with pytest.raises(DatabaseUnreachable):
            async with database.unit_of_work() as session:
                await session.execute(text("SELECT 1"))

        await database.close()

    async def test_is_a_server_that_hangs_up(self, postgresql_url: str) -> None:
        database = Database(postgresql_url)

        with pytest.raises(DatabaseUnreachable):
            async with database.unit_of_work() as session:
                await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

        await database.close()

    async def test_is_a_folder_in_place_of_a_file(self, tmp_path: Path) -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path}")

        with pytest.raises(DatabaseUnreachable):
            async with database.reading() as session:
                await session.execute(text("SELECT 1"))

        await database.close()
        for thread in threading.enumerate():
            if "_connection_worker_thread" in thread.name:
                await asyncio.to_thread(thread.join, 5)  # the driver's thread still answers to this loop


class TestBusy:
    async def test_is_a_file_that_another_process_writes_to(self, migrated_file: Path, tmp_path: Path) -> None:
        path = shutil.copy(migrated_file, tmp_path / "backoffice.sqlite3")
        database = Database(f"sqlite+aiosqlite:///{path}", busy_timeout_ms=20)

        with locked(database), pytest.raises(DatabaseBusy, match=r"^Someone else is writing; try again\.$") as refused:
            async with database.unit_of_work() as session:
                await session.execute(text("SELECT 1"))

        assert refused.value.code == "DATABASE_BUSY"
        async with database.unit_of_work() as session:
            await session.execute(text("DELETE FROM throttles"))
        await database.close()

    async def test_is_a_statement_that_takes_too_long(self, postgresql_url: str) -> None:
        database = Database(postgresql_url)

        async with database.unit_of_work() as session:
            await session.execute(text("SET LOCAL statement_timeout = 20"))
            with pytest.raises(DatabaseBusy, match=r"^The database took too long; try again\.$"):
                await session.execute(text("SELECT pg_sleep(5)"))
            await session.rollback()

        await database.close()

    async def test_is_a_lock_that_somebody_holds(self, postgresql_url: str) -> None:
        database = Database(postgresql_url)
        async with database.unit_of_work() as session:
            await session.execute(text("CREATE TABLE things (id bigint)"))

        async with database.unit_of_work() as holder:
            await holder.execute(text("LOCK TABLE things"))
            with pytest.raises(DatabaseBusy, match=r"^Someone else is writing; try again\.$"):
                async with database.unit_of_work() as session:
                    await session.execute(text("LOCK TABLE things NOWAIT"))

        await database.close()

    async def test_is_a_deadlock(self, postgresql_url: str) -> None:
        database = Database(postgresql_url)
        async with database.unit_of_work() as session:
            await session.execute(text("CREATE TABLE ones (id bigint)"))
            await session.execute(text("CREATE TABLE others (id bigint)"))
        both_hold_one = asyncio.Barrier(2)

        async def lock(first: str, second: str) -> None:
            async with database.unit_of_work() as session:
                await session.execute(text(f"LOCK TABLE {first}"))
                await both_hold_one.wait()
                await session.execute(text(f"LOCK TABLE {second}"))

        ended = await asyncio.gather(lock("ones", "others"), lock("others", "ones"), return_exceptions=True)

        assert [type(fault) for fault in ended if fault] == [DatabaseBusy]
        await database.close()

    async def test_is_a_row_that_changed_since_the_snapshot(self, postgresql_url: str) -> None:
        database = Database(postgresql_url)
        async with database.unit_of_work() as session:
            await session.execute(text("CREATE TABLE things AS SELECT 1 AS id"))

        async with database.unit_of_work() as late:
            await late.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            await late.execute(text("SELECT id FROM things"))
            async with database.unit_of_work() as quicker:
                await quicker.execute(text("UPDATE things SET id = 2"))
            with pytest.raises(DatabaseBusy, match=r"^Someone else is writing; try again\.$"):
                await late.execute(text("UPDATE things SET id = 3"))
            await late.rollback()

        await database.close()


class TestConnecting:
    async def test_has_no_limit_and_lends_none_without_one(self, postgresql_url: str) -> None:
        database = Database(postgresql_url)

        async with database.connecting() as connection:
            within = (await connection.execute(text("SHOW statement_timeout"))).scalar_one()
        async with database.unit_of_work() as session:
            after = (await session.execute(text("SHOW statement_timeout"))).scalar_one()

        assert (within, after) == ("0", "15s")
        await database.close()


class TestLoaders:
    async def test_take_more_keys_than_a_statement_can(self, database: Database) -> None:
        loaders = Loaders(database, factories.viewer(), Moment(at=factories.NOW, today=factories.TODAY))

        rows = await loaders.row(entity("Subscriber")).load_many([(key, key) for key in range(1, 33_001)])

        assert rows == [None] * 33_000


class TestVerify:
    async def test_names_faults_outside_its_snapshot(
        self, database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        said_within: list[str] = []

        async def faults(_: object) -> AsyncIterator[verification.Fault]:
            for number in range(25):
                yield verification.Fault("ledger", str(number), "is wrong")
            said_within.append(capsys.readouterr().err)

        monkeypatch.setattr(verification, "faults", faults)

        with pytest.raises(proving.BooksDiffer, match=r"^25 faults"):
            await proving._verify(database)

        assert said_within == [""]
        assert capsys.readouterr().err.splitlines() == [f"ledger: {number}: is wrong" for number in range(20)]
