"""A document is measured before it runs: a short text can ask for more than there is memory."""

import time
from pathlib import Path
from typing import Any

import pytest
from graphql import get_introspection_query

from backoffice.database import Database
from backoffice.permissions import Contract
from backoffice.schema.execution import Graph
from tests.graphs import STAFF, asking

_FOLDER = Path(__file__).parents[2] / "frontend_queries" / "staff"
_OPERATIONS = {path.stem: path.read_text() for path in sorted(_FOLDER.glob("*.graphql"))}


def nested(times: int) -> str:
    """Contracts of subscribers of contracts, so many times."""
    return "{ subscribers { nodes { " + "contracts { nodes { subscriber { " * times + "id" + " } } }" * times + " } } }"


def doubled(times: int) -> str:
    """Fragments that each spread the next one twice."""
    fragments = [
        f"fragment F{step} on Subscriber {{ ...F{step + 1} contracts {{ nodes {{ subscriber {{ ...F{step + 1} }} }} }} }}"
        for step in range(times)
    ]
    return " ".join(["{ subscribers { nodes { ...F0 } } }", *fragments, f"fragment F{times} on Subscriber {{ id }}"])


_LARGE = {
    "text": "{ viewer { displayName } }" + " " * 65_536,
    "tokens": "{ " + "viewer { displayName } " * 600 + "}",
    "doubled": doubled(12),
    "doubled more": doubled(30),
    "fragments": "{ viewer { ...F0 } }" + "".join(f" fragment F{n} on Viewer {{ displayName }}" for n in range(61)),
    "selected": "{ viewer { " + "displayName " * 201 + "} }",
    "repeated": "{ " + "viewer { displayName } " * 120 + "}",
    "operations": "".join(f"query Q{n} {{ ...F }} " for n in range(20))
    + "fragment F on Query {"
    + " ".join(f"a{n}: viewer {{ displayName }}" for n in range(100))
    + "}",
}
_LISTS = (
    "query Q($n: Int) { subscribers(first: $n) {"
    " nodes { invoices(first: 100) { nodes { lines(first: $n) { nodes { id } } } } } } }"
)


async def _said(database: Database, query: str, **variables: Any) -> tuple[str, str, bool]:
    answer = await asking(database).ask(query, **variables)
    error = answer.body["errors"][0]
    return error["extensions"]["code"], error["message"], answer.is_request_error


class TestLimits:
    @pytest.mark.parametrize("name", _LARGE)
    async def test_refuse_what_is_large_at_once(self, database: Database, name: str) -> None:
        began = time.process_time()
        code, _, is_request_error = await _said(database, _LARGE[name])

        assert (code, is_request_error) == ("DOCUMENT_TOO_LARGE", True)
        assert time.process_time() - began < 1

    async def test_tell_the_figure_and_the_limit(self, database: Database) -> None:
        _, message, _ = await _said(database, _LARGE["selected"])

        assert message == (
            "The document has 201 selections in one pair of braces; at most 200 are answered. Ask in several requests."
        )

    @pytest.mark.parametrize("times", [7, 60, 250])
    async def test_refuse_what_is_deep(self, database: Database, times: int) -> None:
        code, _, is_request_error = await _said(database, nested(times))

        assert (code, is_request_error) == ("DOCUMENT_TOO_DEEP", True)

    async def test_refuse_a_long_chain_of_fragments(self, database: Database) -> None:
        code, message, is_request_error = await _said(database, doubled(50))

        assert (code, is_request_error) == ("DOCUMENT_TOO_DEEP", True)
        assert "at most 20" in message

    async def test_refuse_pages_inside_pages(self, database: Database) -> None:
        code, message, is_request_error = await _said(database, nested(5))

        assert (code, is_request_error) == ("DOCUMENT_TOO_COSTLY", True)
        assert "at most 2,000,000" in message

    async def test_count_a_page_as_its_variable_says(self, database: Database) -> None:
        codes = [await asking(database).codes(_LISTS, n=size) for size in (1, 100, True)]

        assert codes == [[], ["DOCUMENT_TOO_COSTLY"], ["DOCUMENT_TOO_COSTLY"]]

    async def test_count_a_page_without_a_size_by_default(self, database: Database) -> None:
        assert await asking(database).codes(_LISTS) == []
        assert await asking(database).codes(_LISTS.replace("Int)", "Int = 100)")) == ["DOCUMENT_TOO_COSTLY"]
        assert await asking(database).codes(_LISTS.replace("Int)", "Int = 100)"), n=1) == []

    async def test_leave_a_page_that_is_too_large_to_the_list(self, database: Database) -> None:
        codes = await asking(database).codes("{ subscribers(first: 999999999999) { nodes { id } } }")

        assert codes == ["VALIDATION_FAILED"]
        assert await asking(database).codes("{ subscribers(first: 101) { nodes { id } } }") == ["PAGE_TOO_LARGE"]

    async def test_leave_a_circle_to_validation(self, database: Database) -> None:
        circle = "{ viewer { ...A } } fragment A on Viewer { ...B ...B } fragment B on Viewer { ...A ...A }"

        assert set(await asking(database).codes(circle)) == {"VALIDATION_FAILED"}

    async def test_allow_introspection(self, database: Database) -> None:
        query = get_introspection_query(schema_description=True, input_value_deprecation=True)

        assert "__schema" in await asking(database).data(query)

    @pytest.mark.parametrize("name", _OPERATIONS)
    def test_allow_the_operations_of_the_staff(self, name: str) -> None:
        assert STAFF.document(_OPERATIONS[name]) is not None


class TestRememberedDocuments:
    def test_are_the_valid_and_short_ones(self) -> None:
        graph = Graph(Contract.STAFF)
        short = "{ viewer { displayName } }"
        long = short + " " * 16_384

        assert graph.document(short) is graph.document(short)
        assert graph.document(long) is not graph.document(long)
        assert graph._prepare("{ nothing }") is not graph._prepare("{ nothing }")

    def test_give_way_to_later_ones(self) -> None:
        graph = Graph(Contract.STAFF)
        first = graph.document("{ viewer { displayName } }")

        for number in range(200):
            graph.document(f"{{ a{number}: viewer {{ displayName }} }}")

        assert graph.document("{ viewer { displayName } }") is not first
