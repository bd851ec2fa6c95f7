"""Who reads is written down before the answer leaves, many in one transaction."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.database import Database
from backoffice.models import AccessEntry, AccessKind
from backoffice.services.access_log import AccessLog
from tests import factories
from tests.factories import NOW


@contextmanager
def counting_commits(database: Database) -> Iterator[list[None]]:
    """One item for each transaction that is committed inside."""
    commits: list[None] = []
    listen = lambda _: commits.append(None)  # noqa: E731
    event.listen(database.writer.sync_engine, "commit", listen)
    yield commits
    event.remove(database.writer.sync_engine, "commit", listen)


async def open_file(log: AccessLog, subscriber_id: int) -> None:
    await log.file(viewer=factories.viewer(), subscriber_id=subscriber_id, operation="File", at=NOW)


async def logged(database: Database) -> list[int]:
    async with database.reading() as session:
        return sorted((await session.execute(select(AccessEntry.subscriber_id))).scalars())


class TestAccessLog:
    async def test_has_the_entry_when_the_write_returns(self, database: Database) -> None:
        await open_file(AccessLog(database), 5)

        async with database.reading() as session:
            entry = (await session.execute(select(AccessEntry))).scalar_one()
        assert (entry.subscriber_id, entry.kind, entry.operation, entry.at) == (5, AccessKind.FILE, "File", NOW)
        assert (entry.actor_id, entry.actor_name, entry.query, entry.hits) == (7, "Alix Agent", None, None)

    async def test_tells_what_was_looked_for(self, database: Database) -> None:
        log = AccessLog(database)

        await log.search(viewer=factories.viewer(), query="é" * 300, hits=0, operation="x" * 100, at=NOW)

        async with database.reading() as session:
            entry = (await session.execute(select(AccessEntry))).scalar_one()
        assert (entry.subscriber_id, entry.kind, entry.query, entry.hits) == (0, AccessKind.SEARCH, "é" * 200, 0)
        assert entry.operation == "x" * 80

    @pytest.mark.parametrize(
        ("query", "kept"),
        [
            ("FR76 3000 6000 0112 3456 7890 189", "IBAN …0189"),
            ("fr76-3000-6000-0112-3456-7890-189", "IBAN …0189"),
            ("FR7630006000011234567890188", "IBAN …0188"),
            ("Zoé FR7630006000011234567890189 Lefèvre", "Zoé IBAN …0189 Lefèvre"),
            ("carte 4111 1111 1111 1111", "carte [card number removed]"),
            ("x" * 190 + " 4111111111111111", "x" * 190 + " [card num"),
            ("S01776108", "S01776108"),
            ("lefevre\x00 68000", "lefevre  68000"),
        ],
    )
    async def test_keeps_no_number_of_a_card_or_an_account(self, database: Database, query: str, kept: str) -> None:
        await AccessLog(database).search(viewer=factories.viewer(), query=query, hits=0, operation=None, at=NOW)

        async with database.reading() as session:
            assert (await session.execute(select(AccessEntry.query))).scalar_one() == kept

    async def test_writes_several_files_in_one_transaction(self, database: Database) -> None:
        with counting_commits(database) as commits:
            await AccessLog(database).files(
                viewer=factories.viewer(), subscriber_ids=[1, 2, 3], operation="Files", at=NOW
            )

        assert await logged(database) == [1, 2, 3]
        assert len(commits) == 1

    async def test_writes_nothing_for_no_file(self, database: Database) -> None:
        with counting_commits(database) as commits:
            await AccessLog(database).files(viewer=factories.viewer(), subscriber_ids=[], operation=None, at=NOW)

        assert commits == []

    async def test_writes_many_in_few_transactions(self, database: Database) -> None:
        log = AccessLog(database)

        with counting_commits(database) as commits:
            await asyncio.gather(*(open_file(log, subscriber_id) for subscriber_id in range(1, 41)))

        assert await logged(database) == list(range(1, 41))
        assert len(commits) == 1

    async def test_begins_a_new_group_while_one_is_written(self, database: Database) -> None:
        log = AccessLog(database)
        began = asyncio.Event()

        async def late() -> None:
            await began.wait()
            await open_file(log, 2)

        with counting_commits(database) as commits:
            event.listen(database.writer.sync_engine, "begin", lambda _: began.set())
            await asyncio.gather(open_file(log, 1), late())

        assert await logged(database) == [1, 2]
        assert len(commits) == 2

    async def test_keeps_the_entries_of_others_when_one_hangs_up(self, database: Database) -> None:
        log = AccessLog(database)

        tasks = [asyncio.create_task(open_file(log, subscriber_id)) for subscriber_id in (1, 2, 3)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)

        assert [type(each) for each in ended] == [asyncio.CancelledError, type(None), type(None)]
        assert await logged(database) == [1, 2, 3]

    async def test_keeps_an_entry_whose_reader_hung_up_alone(self, database: Database) -> None:
        log = AccessLog(database)

        task = asyncio.create_task(open_file(log, 1))
        await asyncio.sleep(0)
        task.cancel()
        await open_file(log, 2)

        assert await logged(database) == [1, 2]

    async def test_tells_every_reader_of_a_group_that_could_not_be_written(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log = AccessLog(database)

        @asynccontextmanager
        async def broken() -> AsyncIterator[AsyncSession]:
            raise RuntimeError("the disk is full")
            yield

        with monkeypatch.context() as patched:
            patched.setattr(database, "unit_of_work", broken)
            ended: list[Any] = await asyncio.gather(open_file(log, 1), open_file(log, 2), return_exceptions=True)
        await open_file(log, 3)

        assert [str(each) for each in ended] == ["the disk is full"] * 2
        assert await logged(database) == [3]
