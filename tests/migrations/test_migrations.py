"""The migrations make the tables that the models declare, and take them away again."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, delete, inspect, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import database as databases
from backoffice import migrations, models
from backoffice.database import Database, DatabaseUnreachable
from backoffice.services import audit
from tests import factories


class TestUpgrade:
    async def test_makes_what_the_models_declare(self, empty_url: str) -> None:
        database = Database(empty_url)

        await migrations.upgrade(database)

        await migrations.check(database)
        await migrations.require_current(database)
        await database.close()

    async def test_goes_down_to_nothing_and_up_again(self, empty_url: str) -> None:
        database = Database(empty_url)
        await migrations.upgrade(database)

        await migrations.downgrade(database, "base")
        left = await _tables(database)
        await migrations.upgrade(database)

        assert left == ["alembic_version"]
        await migrations.check(database)
        await database.close()

    async def test_does_nothing_the_second_time(self, database: Database) -> None:
        before = await _tables(database)

        await migrations.upgrade(database)

        assert await _tables(database) == before

    async def test_may_be_asked_for_by_several_processes_at_once(self, empty_url: str) -> None:
        environment = {**os.environ, "BACKOFFICE_DATABASE_URL": empty_url}
        command = [sys.executable, "-m", "backoffice", "migrate"]
        asking = [await asyncio.create_subprocess_exec(*command, env=environment, stdout=DEVNULL) for _ in range(4)]

        ended = [await process.wait() for process in asking]

        database = Database(empty_url)
        assert ended == [0, 0, 0, 0]
        await migrations.check(database)
        await database.close()

    async def test_waits_for_another_longer_than_a_statement_may_take(
        self, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(databases, "_STATEMENT_TIMEOUT_MS", 200)
        asking = [Database(postgresql_url) for _ in range(4)]

        await asyncio.gather(*(migrations.upgrade(database) for database in asking))

        await migrations.check(asking[0])
        for database in asking:
            await database.close()

    async def test_tells_the_fault_of_a_step_and_gives_back_its_lock(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(config: Config, _: str) -> None:
            config.attributes["connection"].execute(text("SELECT * FROM nothing_here"))

        with monkeypatch.context() as patched:
            patched.setattr(command, "upgrade", fail)
            with pytest.raises(DBAPIError, match="nothing_here"):
                await migrations.upgrade(database)

        await migrations.upgrade(database)


class TestTrails:
    @pytest.mark.parametrize(
        "table",
        ["audit_entries", "contract_events", "device_events", "ledger_entries", "ledger_postings", "ticket_events"],
    )
    async def test_can_only_be_added_to(self, demo: Database, table: str) -> None:
        rows = models.Base.metadata.tables[table]
        for change in (update(rows).values(subscriber_id=rows.c.subscriber_id), delete(rows)):
            async with demo.unit_of_work() as session:
                await _note(session)  # the demo has no trail of acts
                with pytest.raises(IntegrityError, match=f"{table} can only be added to"):
                    await session.execute(change)
                await session.rollback()

    async def test_cannot_be_emptied_at_once(self, demo: Database) -> None:
        if demo.is_sqlite:
            return  # it has no TRUNCATE
        with pytest.raises(IntegrityError, match="can only be added to"):
            async with demo.unit_of_work() as session:
                await session.execute(text("TRUNCATE audit_entries"))


class TestCheck:
    async def test_tells_a_table_that_differs(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            await session.execute(text("DROP TABLE throttles"))

        with pytest.raises(migrations.ModelsDiffer, match="throttles"):
            await migrations.check(database)


class TestRequireCurrent:
    async def test_refuses_a_database_without_tables(self, empty_url: str) -> None:
        database = Database(empty_url)

        with pytest.raises(migrations.MigrationPending, match="backoffice migrate"):
            await migrations.require_current(database)

        await database.close()

    async def test_refuses_a_server_that_is_not_there(self) -> None:
        database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")

        with pytest.raises(DatabaseUnreachable, match="BACKOFFICE_DATABASE_URL"):
            await migrations.require_current(database)

        await database.close()


class TestPartitions:
    async def test_every_table_of_a_subscriber_can_be_partitioned_by_hash(self, postgresql_url: str) -> None:
        database = Database(postgresql_url)
        metadata, of_subscribers = _partitioned()

        async with database.unit_of_work() as session:
            connection = await session.connection()
            await connection.run_sync(metadata.create_all)
            found = await session.execute(text("SELECT relname FROM pg_class WHERE relkind = 'p'"))
            partitioned = set(found.scalars())

        assert partitioned == of_subscribers
        assert len(of_subscribers) >= 30
        await database.close()


def _partitioned() -> tuple[MetaData, set[str]]:
    """Copies of all tables, those of subscribers partitioned: PostgreSQL refuses a key without the subscriber."""
    metadata, of_subscribers = MetaData(), set()
    for table in models.Base.metadata.sorted_tables:
        copy = table.to_metadata(metadata)
        is_root = table.name == "subscribers"
        if is_root or ("subscriber_id" in table.c and table.name != "directory"):
            key = "id" if is_root else "subscriber_id"
            copy.dialect_options["postgresql"]["partition_by"] = f"HASH ({key})"
            of_subscribers.add(table.name)
    return metadata, of_subscribers


async def _tables(database: Database) -> list[str]:
    async with database.writer.connect() as connection:
        return await connection.run_sync(lambda sync: sorted(inspect(sync).get_table_names()))


async def _note(session: AsyncSession) -> None:
    await audit.append(
        session, viewer=factories.viewer(), operation="test", outcome=models.AuditOutcome.DONE, at=factories.NOW
    )
