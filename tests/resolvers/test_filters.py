"""Filters split a list in two, and never say more than one statement can hold."""

from datetime import date
from typing import Any

import pytest

from backoffice import models
from backoffice.database import Database
from backoffice.errors import BadInput
from backoffice.fields import entity
from backoffice.fields.declare import By
from backoffice.resolvers import cursors
from backoffice.resolvers.filters import freeze
from backoffice.resolvers.refusals import BadCursor
from backoffice.schema.contracts import ContractWhere
from backoffice.schema.scalars import DateRange
from tests.graphs import asking

_CONTRACTS = "query($where: ContractWhere) { contracts(where: $where, first: 50) { nodes { id } } }"
_FILTERS = [
    {"ends": {"from": "2026-01-01"}},
    {"ends": {"to": "2027-01-01"}},
    {"commitmentEnds": {"from": "2026-01-01"}},
    {"state": ["ACTIVE"]},
    {"or": [{"ends": {"from": "2026-01-01"}}, {"billedBy": ["OPERATOR"]}]},
    {"not": {"ends": {"from": "2026-01-01"}}},
    {},
]


async def _ids(database: Database, where: Any) -> list[str]:
    data = await asking(database).data(_CONTRACTS, where=where)
    return [node["id"] for node in data["contracts"]["nodes"]]


class TestNot:
    @pytest.mark.parametrize("where", _FILTERS)
    async def test_keeps_exactly_the_other_rows(self, demo: Database, where: dict[str, Any]) -> None:
        all_ids = await _ids(demo, None)

        kept, others = await _ids(demo, where), await _ids(demo, {"not": where})

        # The lists are cut at one page, so each row of the page of all is in one of the two, and none in both.
        assert not set(kept) & set(others)
        assert set(all_ids) <= set(kept) | set(others)

    async def test_keeps_the_rows_without_a_value(self, demo: Database) -> None:
        others = await _ids(demo, {"not": {"ends": {"from": str(date.min)}}})

        assert others == await _ids(demo, {"not": {"ends": {"to": str(date.max)}}})
        assert others


class TestFreeze:
    def test_takes_a_hundred_alternatives_and_no_more(self) -> None:
        days = [ContractWhere(**_ends(n)) for n in range(101)]

        freeze(ContractWhere(or_=days[:100]))
        with pytest.raises(BadInput, match="100 members in an 'and' or an 'or'"):
            freeze(ContractWhere(or_=days))

    def test_counts_equal_members_once(self) -> None:
        active = models.ContractState.ACTIVE

        frozen = freeze(ContractWhere(state=[active] * 500, and_=[ContractWhere(state=[active])] * 500))

        assert frozen == (("state", (active,)), ("and_", ((("state", (active,)),),)))

    def test_refuses_more_than_200_values(self) -> None:
        with pytest.raises(BadInput, match="200 different values in a list"):
            freeze(ContractWhere(state=list(range(201))))  # type: ignore[arg-type]  # no code has so many values

    def test_refuses_many_lists_inside_each_other(self) -> None:
        outer = [ContractWhere(or_=[ContractWhere(**_ends(100 * n + m)) for m in range(100)]) for n in range(100)]

        with pytest.raises(BadInput, match="2,000 names and values in all"):
            freeze(ContractWhere(and_=outer))

    @pytest.mark.parametrize("cents", [12.5, 2**60])
    async def test_takes_no_amount_that_is_not_in_cents(self, database: Database, cents: float) -> None:
        query = "query($where: InvoiceWhere) { invoices(where: $where) { nodes { id } } }"

        assert await asking(database).codes(query, where={"total": {"from": cents}}) == ["BAD_INPUT"]

    async def test_is_told_to_whoever_asks(self, database: Database) -> None:
        where = {"or": [{"starts": {"from": str(date.fromordinal(700_000 + n))}} for n in range(101)]}

        assert await asking(database).codes(_CONTRACTS, where=where) == ["BAD_INPUT"]


def _ends(number: int) -> dict[str, Any]:
    from_ = date.fromordinal(700_000 + number)
    return {"ends": DateRange(from_=from_)}


class TestRead:
    def test_refuses_half_a_character(self) -> None:
        offers = entity("Offer")
        cursor = cursors.write(["\ud800", 1])

        with pytest.raises(BadCursor):
            cursors.read(offers, (By("code"), By("id")), cursor)

    def test_reads_a_whole_one(self) -> None:
        offers = entity("Offer")

        assert cursors.read(offers, (By("code"), By("id")), cursors.write(["é", 1])) == ("é", 1)
