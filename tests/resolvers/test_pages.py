"""Every list can be followed to its end, in each of its orders."""

from datetime import timedelta
from typing import Any

import pytest

from backoffice import models
from backoffice.database import Database
from backoffice.fields import ENTITIES
from backoffice.resolvers.pages import asked
from backoffice.resolvers.refusals import BadCursor
from backoffice.resolvers.roots import ROOTS
from tests import factories
from tests.acts import global_id
from tests.factories import NOW
from tests.graphs import asking

_LISTED = ["subscribers", "devices", "tickets"]


async def follow(database: Database, name: str, **given: Any) -> list[str]:
    """The ids of all rows of a root list, one a page, as an agent's program would read them."""
    query = f"""
    query($after: String) {{
      {name}(first: 1, after: $after {"".join(f", {key}: {value}" for key, value in given.items())}) {{
        nodes {{ id }} pageInfo {{ hasNextPage endCursor }}
      }}
    }}"""
    found, after = [], None
    for _ in range(10):
        page = (await asking(database).data(query, after=after))[name]
        found += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
    raise AssertionError("the list has no end")


@pytest.fixture
async def rows(database: Database) -> dict[str, list[Any]]:
    made: dict[str, list[Any]] = {name: [] for name in _LISTED}
    async with database.unit_of_work() as session:
        for days in (3, 1, 2, 2):
            at = NOW - timedelta(days=days, microseconds=days)
            subscriber = await factories.create_subscriber(session, created_at=at)
            made["subscribers"].append(subscriber)
            made["tickets"].append(await factories.create_ticket(session, subscriber, opened_at=at))
            made["devices"].append(await factories.create_device(session, subscriber, linked_at=at))
    return made


class TestFollowing:
    @pytest.mark.parametrize("name", _LISTED)
    async def test_visits_each_row_once_newest_first(
        self, database: Database, rows: dict[str, list[Any]], name: str
    ) -> None:
        found = await follow(database, name)

        assert len(found) == len(set(found)) == 4
        numbered = {global_id(row): index for index, row in enumerate(rows[name])}
        assert [numbered[each] for each in found] == [1, 3, 2, 0]

    @pytest.mark.parametrize("name", ["subscribers", "tickets"])
    async def test_visits_each_row_once_oldest_first(
        self, database: Database, rows: dict[str, list[Any]], name: str
    ) -> None:
        found = await follow(database, name, sort="OLDEST")

        numbered = {global_id(row): index for index, row in enumerate(rows[name])}
        assert [numbered[each] for each in found] == [0, 2, 3, 1]

    async def test_follows_a_list_ordered_by_a_code(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            subscriber = await factories.create_subscriber(session)
            for kind in models.PhoneKind:
                session.add(
                    models.Phone(subscriber_id=subscriber.id, id=factories.new_id(), kind=kind, typed=kind.value)
                )
        query = """
        query($id: ID!, $after: String) {
          subscriber(by: {id: $id}) { phones(first: 1, after: $after) { nodes { typed } pageInfo { endCursor } } }
        }"""

        found, after = [], None
        for _ in models.PhoneKind:
            data = await asking(database).data(query, id=global_id(subscriber), after=after)
            page = data["subscriber"]["phones"]
            found += [node["typed"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]

        assert found == sorted(kind.value for kind in models.PhoneKind)


class TestCursor:
    @pytest.mark.parametrize(
        "after",
        [
            "WzEsIDJd",  # [1, 2]
            "W251bGwsIG51bGxd",  # [null, null]
            "WyIyMDI2LTExLTIxIiwgMV0",  # ["2026-11-21", 1]: a day where an instant stands
            "WyIyMDI2LTExLTIxVDA5OjAwOjAwIiwgMV0",  # an instant without its offset
            "WyIyMDI2LTExLTIxVDA5OjAwOjAwKzAwOjAwIiwgdHJ1ZV0",  # true is no id
            "WyIyMDI2LTExLTIxVDA5OjAwOjAwKzAwOjAwIiwgMTAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwXQ",  # an id of 24 digits
            "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwgMV0",  # before the year 1 in UTC
        ],
    )
    async def test_is_refused_unless_the_list_could_have_given_it(self, database: Database, after: str) -> None:
        codes = await asking(database).codes("query($a: String) { tickets(after: $a) { nodes { id } } }", a=after)

        assert codes == ["BAD_CURSOR"]

    async def test_is_refused_with_a_text_that_no_row_can_have(self, database: Database) -> None:
        after = "WyJcdTAwMDAiLCAxXQ"  # ["\u0000", 1]

        codes = await asking(database).codes("query($a: String) { offers(after: $a) { nodes { id } } }", a=after)

        assert codes == ["BAD_CURSOR"]

    def test_is_refused_when_it_is_none(self) -> None:
        with pytest.raises(BadCursor):
            asked(ROOTS["tickets"], ENTITIES["Ticket"], {"after": ""})
