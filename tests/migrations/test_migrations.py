"""The migrations make the tables that the models declare, and take them away again."""

import pytest
from sqlalchemy import MetaData, inspect, text

from backoffice import migrations, models
from backoffice.database import Database, DatabaseUnreachable


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
