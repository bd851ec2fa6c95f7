"""Errors of the graph: whose fault it was decides the code, and what is inside stays inside."""

import logging

import pytest

from backoffice.database import Database
from tests import factories
from tests.graphs import asking

_WHERE = "query($where: TicketWhere) { tickets(where: $where) { nodes { id } } }"
_BAD_INSTANTS = ["2026-03-31T14:05:00", "0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-01:00", "soon", 3]


class TestFaults:
    async def test_of_the_engine_are_internal_and_logged_once(
        self, database: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with database.unit_of_work() as session:
            await factories.create_subscriber(session, revision=2**31)

        with caplog.at_level(logging.ERROR, "backoffice.graph"):
            answer = await asking(database).ask("{ subscribers { nodes { revision } } }")

        (error,) = answer.body["errors"]
        assert error["extensions"] == {"code": "INTERNAL"}
        assert "test-request" in error["message"]
        assert "32-bit" not in error["message"]
        assert [record.getMessage() for record in caplog.records] == ["a field failed"]

    async def test_of_the_document_are_told(self, database: Database) -> None:
        assert await asking(database).codes("{ nothing }") == ["VALIDATION_FAILED"]
        assert await asking(database).codes("{ nothing") == ["SYNTAX_ERROR"]

    async def test_of_a_variable_that_is_null_are_told(self, database: Database) -> None:
        query = 'query($text: String = "x") { search(text: $text) { matchedBy } }'

        assert await asking(database).codes(query, text=None) == ["BAD_VARIABLES"]


class TestInstants:
    @pytest.mark.parametrize("instant", _BAD_INSTANTS)
    async def test_need_an_offset_and_a_year_that_utc_has(self, database: Database, instant: object) -> None:
        answer = await asking(database).ask(_WHERE, where={"opened": {"from": instant}})

        (error,) = answer.body["errors"]
        assert error["extensions"] == {"code": "BAD_VARIABLES"}
        assert '"2026-03-31T14:05:00+02:00"' in error["message"]

    async def test_need_an_offset_in_a_document_too(self, database: Database) -> None:
        query = '{ tickets(where: {opened: {from: "2026-03-31T14:05:00"}}) { nodes { id } } }'

        assert await asking(database).codes(query) == ["VALIDATION_FAILED"]

    @pytest.mark.parametrize("instant", ["2026-03-31T14:05:00+02:00", "2026-03-31T12:05Z"])
    async def test_are_read_with_their_offset(self, database: Database, instant: str) -> None:
        assert await asking(database).codes(_WHERE, where={"opened": {"from": instant}}) == []
