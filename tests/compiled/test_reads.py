"""Compiled operations answer what the normal executor answers, to the byte; the rest takes the normal way."""

import itertools
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backoffice import models
from backoffice.compiled.reads import CompiledGraph
from backoffice.database import Database
from backoffice.permissions import ActorKind, Role, Viewer
from backoffice.schema.execution import Graph
from tests import factories
from tests.graphs import STAFF, context

_SUBSCRIBER_360 = (Path(__file__).parents[2] / "frontend_queries/staff/subscriber_360.graphql").read_text()


@pytest.fixture
def compiled(demo: Database) -> CompiledGraph:
    return CompiledGraph(STAFF, is_sqlite=demo.is_sqlite)


async def _answer(
    graph: Graph, database: Database, query: str, variables: dict[str, Any], viewer: Viewer | None = None
) -> str:
    answer = await graph.execute(
        query=query,
        variables=variables,
        operation_name=None,
        context=context(database, viewer or factories.viewer()),
        allow_mutation=False,
    )
    return json.dumps(answer.body)


async def _numbers(database: Database) -> list[str]:
    async with database.reading() as session:
        found = await session.execute(select(models.Subscriber.number).order_by(models.Subscriber.id))
        return [number for number in found.scalars() if number]


class TestSubscriber360:
    async def test_is_equal_for_every_demo_subscriber(self, demo: Database, compiled: CompiledGraph) -> None:
        numbers = await _numbers(demo)

        for number in numbers:
            variables = {"by": {"number": number}}
            assert await _answer(compiled, demo, _SUBSCRIBER_360, variables) == await _answer(
                STAFF, demo, _SUBSCRIBER_360, variables
            )

        assert len(numbers) >= 40
        assert compiled.fallbacks == 0

    async def test_is_null_for_an_unknown_number(self, demo: Database, compiled: CompiledGraph) -> None:
        answer = await _answer(compiled, demo, _SUBSCRIBER_360, {"by": {"number": "nobody"}})

        assert json.loads(answer) == {"data": {"subscriber": None}}
        assert compiled.fallbacks == 0

    async def test_logs_the_opened_file_like_the_normal_way(self, demo: Database, compiled: CompiledGraph) -> None:
        number = (await _numbers(demo))[3]
        viewer = factories.viewer(id=4242)

        await _answer(compiled, demo, _SUBSCRIBER_360, {"by": {"number": number}}, viewer)

        async with demo.reading() as session:
            logged = await session.execute(
                select(models.AccessEntry.kind, models.AccessEntry.operation).where(models.AccessEntry.actor_id == 4242)
            )
        assert logged.all() == [(models.AccessKind.FILE, "Subscriber360")]


_INVOICE = "id kind state issuedOn total { amount: cents currency decimal } isOverdue due { cents }"
_WELL_COMPILED = [
    "query Q($by: SubscriberBy!) { s: subscriber(by: $by) { __typename name: fullName createdAt } }",
    "query Q($by: SubscriberBy!) { subscriber(by: $by) { ...F } } fragment F on Subscriber { id phones { nodes { id } } }",
    "query Q($by: SubscriberBy!) { subscriber(by: $by) { contracts { nodes { subscriber { number } } } } }",
    (
        "query Q($by: SubscriberBy!) { subscriber(by: $by) { invoices(first: 1) { pageInfo { hasNextPage hasPreviousPage"
        f" startCursor endCursor }} nodes {{ {_INVOICE} lines {{ nodes {{ vatRate derivation }} }} }} }} }} }}"
    ),
    "query Q($by: SubscriberBy!) { subscriber(by: $by) { tickets { nodes { isLate } pageInfo { endCursor } } } }",
    "query Q($by: SubscriberBy!) { subscriber(by: $by) { sessions(first: 2) { pageInfo { startCursor endCursor } } } }",
    "query Q($by: SubscriberBy!) { subscriber(by: $by) { id id number ... on Subscriber { number state } } }",
    (
        "query Q($by: SubscriberBy!) { subscriber(by: $by) { billingAccounts { nodes { postings { nodes { recordedAt entries"
        " { nodes { account amount { decimal } } } } } } } contracts { nodes { history { nodes { details device { id } } }"
        " offer { prices { nodes { components { nodes { vatRate } } } } } } } } }"
    ),
]
_TAKES_THE_NORMAL_WAY = [
    "{ viewer { displayName } }",
    "query Q($by: SubscriberBy!) { subscriber(by: $by) { can { action } } }",
    "query Q($by: SubscriberBy!) { subscriber(by: $by) { invoices { count { value } } } }",
    "query Q($by: SubscriberBy!) { subscriber(by: $by) { invoices { edges { cursor } } } }",
    "query Q($by: SubscriberBy!) { subscriber(by: $by) { invoices(sort: OLDEST) { nodes { id } } } }",
    "query Q($by: SubscriberBy!, $n: Int = 2) { subscriber(by: $by) { invoices(first: $n) { nodes { id } } } }",
    "query Q($by: SubscriberBy!) { subscriber(by: $by) { invoices(first: 0) { nodes { id } } } }",
    "query Q($by: SubscriberBy!) { subscriber(by: $by) { id @include(if: false) number } }",
    "query Q($by: SubscriberBy!) { subscriber(by: $by) { nothing } }",
    "query Q($by: SubscriberBy!) { a: subscriber(by: $by) { id } b: subscriber(by: $by) { id } }",
    "query Q($by: SubscriberBy!) { subscriber(by: $by) { contracts { a: nodes { x: id } b: nodes { x: number } } } }",
    "query Q($by: SubscriberBy!) { subscriber(by: $by) { " + " ".join(f"a{n}: number" for n in range(120)) + " } }",
    "query Q($by: SubscriberBy!) {",
    "query Q($by: Int!) { subscriber(by: $by) { id } }",
]


class TestOtherOperations:
    @pytest.mark.parametrize("query", _WELL_COMPILED)
    async def test_are_equal_when_compiled(self, demo: Database, compiled: CompiledGraph, query: str) -> None:
        for number in itertools.islice(await _numbers(demo), 8):
            variables = {"by": {"number": number}}
            assert await _answer(compiled, demo, query, variables) == await _answer(STAFF, demo, query, variables)

        assert compiled.fallbacks == 0

    @pytest.mark.parametrize("query", _TAKES_THE_NORMAL_WAY)
    async def test_are_equal_when_they_fall_back(self, demo: Database, compiled: CompiledGraph, query: str) -> None:
        variables = {"by": {"number": (await _numbers(demo))[0]}}

        answered = await _answer(compiled, demo, query, variables)

        assert answered == await _answer(STAFF, demo, query, variables)
        assert compiled.fallbacks == 1

    async def test_refuse_what_the_viewer_may_not_see_in_the_same_words(
        self, demo: Database, compiled: CompiledGraph
    ) -> None:
        variables = {"by": {"number": (await _numbers(demo))[0]}}
        admin = factories.viewer(Role.ADMIN)

        answered = await _answer(compiled, demo, _SUBSCRIBER_360, variables, admin)

        assert json.loads(answered)["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert answered == await _answer(STAFF, demo, _SUBSCRIBER_360, variables, admin)

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.ANALYST])
    async def test_keep_the_rule_of_the_root(self, demo: Database, compiled: CompiledGraph, role: Role) -> None:
        query = "query Q($by: SubscriberBy!) { subscriber(by: $by) { __typename } }"
        variables = {"by": {"number": (await _numbers(demo))[0]}}
        await _answer(compiled, demo, query, variables)

        answered = await _answer(compiled, demo, query, variables, factories.viewer(role))

        assert json.loads(answered)["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert answered == await _answer(STAFF, demo, query, variables, factories.viewer(role))

    async def test_never_share_a_plan_with_another_kind_of_viewer(
        self, demo: Database, compiled: CompiledGraph
    ) -> None:
        numbers = await _numbers(demo)
        variables = {"by": {"number": numbers[0]}}
        subscriber = factories.viewer(kind=ActorKind.SUBSCRIBER, subscriber_id=1)
        await _answer(compiled, demo, _SUBSCRIBER_360, variables)

        answered = await _answer(compiled, demo, _SUBSCRIBER_360, variables, subscriber)

        assert json.loads(answered) == {"data": {"subscriber": None}}
        assert compiled.fallbacks == 1

    async def test_are_equal_for_a_rate_of_three_decimals(self, database: Database) -> None:
        compiled = CompiledGraph(STAFF, is_sqlite=database.is_sqlite)
        async with database.unit_of_work() as session:
            row = await factories.create_subscriber(session, number="S01000001")
            invoice = await factories.create_invoice(session, await factories.create_account(session, row))
            for position, rate in enumerate(("0.055", "0.021", "0.2", "0.1", "0")):
                await factories.create_line(session, invoice, position=position, vat_rate=Decimal(rate))
        query = (
            "query Q($by: SubscriberBy!) { subscriber(by: $by) { invoices { nodes { lines { nodes { vatRate } } } } } }"
        )
        variables = {"by": {"number": "S01000001"}}

        answered = await _answer(compiled, database, query, variables)

        (shown,) = json.loads(answered)["data"]["subscriber"]["invoices"]["nodes"]
        assert [line["vatRate"] for line in shown["lines"]["nodes"]] == ["0.055", "0.021", "0.20", "0.10", "0.00"]
        assert answered == await _answer(STAFF, database, query, variables)
        assert compiled.fallbacks == 0

    async def test_read_the_access_log_after_this_reading_is_in_it(self, database: Database) -> None:
        compiled = CompiledGraph(STAFF, is_sqlite=database.is_sqlite)
        async with database.unit_of_work() as session:
            await factories.create_subscriber(session, number="S01000001")
        query = "query Q($by: SubscriberBy!) { subscriber(by: $by) { accessEntries { nodes { operation } } } }"

        answered = await _answer(compiled, database, query, {"by": {"number": "01000001"}}, factories.viewer(Role.DPO))

        assert "Q" in answered

    async def test_refuse_a_shared_key_in_the_same_words(self, database: Database) -> None:
        compiled = CompiledGraph(STAFF, is_sqlite=database.is_sqlite)
        async with database.unit_of_work() as session:
            for _ in range(2):
                row = await factories.create_subscriber(session)
                factories.enter(session, models.DirectoryKind.PHONE, "+33639980001", row.id)
        variables = {"by": {"phone": "0639980001"}}

        answered = await _answer(compiled, database, _SUBSCRIBER_360, variables)

        assert json.loads(answered)["errors"][0]["extensions"]["code"] == "AMBIGUOUS_KEY"
        assert answered == await _answer(STAFF, database, _SUBSCRIBER_360, variables)

    async def test_refuse_numbers_that_the_graph_cannot_show_in_the_same_words(self, database: Database) -> None:
        compiled = CompiledGraph(STAFF, is_sqlite=database.is_sqlite)
        async with database.unit_of_work() as session:
            row = await factories.create_subscriber(session, number="S01000001", revision=2**31)
            await factories.create_account(session, row, balance_cents=2**53 + 1)
        queries = (
            "query Q($by: SubscriberBy!) { subscriber(by: $by) { revision } }",
            "query Q($by: SubscriberBy!) { subscriber(by: $by) { billingAccounts { nodes { balance { cents } } } } }",
        )

        for query in queries:
            variables = {"by": {"number": "S01000001"}}
            answered = await _answer(compiled, database, query, variables)

            assert "errors" in json.loads(answered)
            assert answered == await _answer(STAFF, database, query, variables)

    @pytest.mark.parametrize("by", [{"number": "1", "email": "x"}, {}, {"number": None}, {"other": "1"}, None, 3])
    async def test_refuse_bad_keys_in_the_same_words(self, demo: Database, compiled: CompiledGraph, by: object) -> None:
        answered = await _answer(compiled, demo, _SUBSCRIBER_360, {"by": by})

        assert "errors" in json.loads(answered)
        assert answered == await _answer(STAFF, demo, _SUBSCRIBER_360, {"by": by})
