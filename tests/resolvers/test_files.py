"""Every row of a subscriber that leaves is an opened file, and the log is written before it leaves."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import event, select

from backoffice import models
from backoffice.database import Database
from backoffice.ids import GlobalId
from backoffice.models import AccessKind
from backoffice.resolvers import files
from backoffice.services.access_log import AccessLog
from tests import acts, factories
from tests.graphs import asking, context

_NODE = "query($id: ID!) { node(id: $id) { id } }"
_BY = "query($by: SubscriberBy!) { subscriber(by: $by) { number } }"


@pytest.fixture
async def subscribers(database: Database) -> list[models.Subscriber]:
    async with database.unit_of_work() as session:
        rows = [await factories.create_subscriber(session, number=f"S0177610{count}") for count in range(3)]
        for row in rows:
            await factories.create_holder(session, row, "Zoé", "Lefèvre")
            await factories.create_ticket(session, row)
    return rows


async def opened(database: Database) -> list[int]:
    """The subscribers whose file was opened, in their order."""
    async with database.reading() as session:
        found = select(models.AccessEntry.subscriber_id).where(models.AccessEntry.kind == AccessKind.FILE)
        return sorted((await session.execute(found)).scalars())


async def searched(database: Database) -> list[tuple[str | None, int | None]]:
    """What was looked for, and how often it was found."""
    async with database.reading() as session:
        entry = models.AccessEntry
        found = select(entry.query, entry.hits).where(entry.kind == AccessKind.SEARCH).order_by(entry.id)
        return [(query, hits) for query, hits in await session.execute(found)]


class TestOpened:
    @pytest.mark.parametrize(
        "query",
        [
            '{ search(text: "lefevre") { subscriber { fullName } } }',
            "{ subscribers(first: 40) { nodes { fullName } } }",
            "{ tickets { nodes { number } } }",
            "{ tickets { nodes { subscriber { number } } } a: tickets { nodes { subscriber { fullName } } } }",
        ],
    )
    async def test_is_logged_once_for_each_file_that_leaves(
        self, database: Database, subscribers: list[models.Subscriber], query: str
    ) -> None:
        await asking(database).data(query)

        assert await opened(database) == sorted(row.id for row in subscribers)

    async def test_is_written_with_the_search_in_one_transaction(
        self, database: Database, subscribers: list[models.Subscriber]
    ) -> None:
        commits: list[Any] = []
        event.listen(database.writer.sync_engine, "commit", commits.append)

        await asking(database).data("{ subscribers { nodes { fullName } } }")

        assert len(commits) == 1
        assert len(await opened(database)) == 3

    async def test_is_logged_for_what_an_act_answers(
        self, database: Database, subscribers: list[models.Subscriber]
    ) -> None:
        await acts.open_ticket(asking(database), **acts.opening(subscribers[0]))

        assert await opened(database) == [subscribers[0].id]

    async def test_is_not_logged_for_the_catalogue(self, database: Database) -> None:
        await asking(database).data("{ offers { nodes { code } } }")

        assert await opened(database) == []
        assert await searched(database) == []


class TestFailedLog:
    @pytest.fixture
    def tried(self, monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
        """The files whose opening could not be written."""
        tried: list[list[int]] = []

        async def fail(_: AccessLog, *, subscriber_ids: list[int], **__: Any) -> None:
            await asyncio.sleep(0)
            tried.append(list(subscriber_ids))
            raise RuntimeError("the disk is full")

        monkeypatch.setattr(AccessLog, "files", fail)
        return tried

    async def test_fails_every_reader_of_the_file(self, database: Database, tried: list[list[int]]) -> None:
        asked = context(database, factories.viewer())

        ended = await asyncio.gather(files.opened(asked, 5), files.opened(asked, 5), return_exceptions=True)

        assert [str(each) for each in ended] == ["the disk is full"] * 2
        assert tried == [[5]]

    async def test_is_tried_again_by_the_next_reader(self, database: Database, tried: list[list[int]]) -> None:
        asked = context(database, factories.viewer())

        for _ in range(2):
            with pytest.raises(RuntimeError, match="the disk is full"):
                await files.opened(asked, 5)

        assert tried == [[5], [5]]

    async def test_shows_no_alias_of_the_file(
        self, database: Database, subscribers: list[models.Subscriber], tried: list[list[int]]
    ) -> None:
        answer = await asking(database).ask(
            '{ a: subscriber(by: {number: "01776100"}) { id } b: subscriber(by: {number: "01776100"}) { id } }'
        )

        assert answer.body["data"] == {"a": None, "b": None}
        assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["INTERNAL"] * 2


class TestSearched:
    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("{ subscribers { nodes { id } } }", ("subscribers", 3)),
            (
                "{ subscribers(where: {state: [ACTIVE], isFragile: false}) { nodes { id } } }",
                ("subscribers state: [ACTIVE], isFragile: false", 3),
            ),
            (
                '{ invoices(where: {not: {issued: {from: "2026-01-01"}}}) { nodes { id } } }',
                ("invoices not: {issued: {from: 2026-01-01}}", 0),
            ),
            (
                "{ invoices(where: {or: [{isUnpaid: true}, {state: [PAID]}]}) { nodes { id } } }",
                ("invoices or: [{isUnpaid: true}, {state: [PAID]}]", 0),
            ),
        ],
    )
    async def test_tells_which_rows_of_a_list(
        self, database: Database, subscribers: list[models.Subscriber], query: str, said: tuple[str, int]
    ) -> None:
        await asking(database).data(query)

        assert await searched(database) == [said]

    @pytest.mark.parametrize(
        ("by", "said"),
        [
            ({"number": "99999999"}, "number 99999999"),
            ({"email": "nobody@example.net"}, "email nobody@example.net"),
            ({"contractNumber": "FR76 3000 6000 0112 3456 7890 189"}, "contract_number IBAN …0189"),
            ({"deviceSerial": "4111 1111 1111 1111"}, "device_serial [card number removed]"),
            ({"number": "a\x00b"}, "number a b"),
            ({"id": GlobalId("Subscriber", 5, 5).encode()}, f"id {GlobalId('Subscriber', 5, 5).encode()}"),
        ],
    )
    async def test_tells_of_a_key_that_leads_nowhere(self, database: Database, by: dict[str, str], said: str) -> None:
        await asking(database).data(_BY, by=by)

        assert await searched(database) == [(said, 0)]
        assert await opened(database) == []

    async def test_tells_how_many_share_a_key(self, database: Database, subscribers: list[models.Subscriber]) -> None:
        async with database.unit_of_work() as session:
            for row in subscribers:
                factories.enter(session, models.DirectoryKind.EMAIL, "a@example.net", row.id)

        codes = await asking(database).codes(_BY, by={"email": "a@example.net"})

        assert codes == ["AMBIGUOUS_KEY"]
        assert await searched(database) == [("email a@example.net", 3)]

    @pytest.mark.parametrize("text", [GlobalId("Ticket", 5, 6).encode(), "nonsense"])
    async def test_tells_of_an_id_that_stands_for_nothing(self, database: Database, text: str) -> None:
        data = await asking(database).data(_NODE, id=text)

        assert data == {"node": None}
        assert await searched(database) == [(f"node {text}", 0)]
