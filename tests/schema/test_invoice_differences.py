"""Two invoices compared through the graph, and lines that a separate program proves."""

from datetime import date
from typing import Any

import pytest

from backoffice import models
from backoffice.billing import discounts, lines
from backoffice.billing.discounts import AmountOff
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.ids import GlobalId
from backoffice.models import LineKind
from backoffice.permissions import Role
from tests import books, factories
from tests.acts import global_id
from tests.books import NOVEMBER, TWENTY, Article
from tests.graphs import asking

_DIFFERENCE = """query($earlier: ID!, $later: ID!) { invoiceDifference(earlier: $earlier, later: $later) {
  earlier { id } later { id } amount { cents }
  causes { kind label amount { cents } from { cents } to { cents } en: sentence(language: EN) fr: sentence }
} }"""
_PROVEN = "query($id: ID!) { node(id: $id) { ... on InvoiceLine { isProven } } }"
OCTOBER = Period(date(2026, 10, 1), NOVEMBER.starts_on)


def _month(days: Period, *, off_cents: int) -> Article:
    derived = lines.full_price(full_cents=4999, price_version="PACK 2026", period=days)
    if off_cents:
        derived = discounts.after_discounts(
            full_cents=4999,
            price_version="PACK 2026",
            discounts=[AmountOff(off_cents, "Bienvenue")],
            served=days,
            of=days,
        )
    return Article(derived.cents, days=days, derived=derived, facts={"unit_cents": 4999 - off_cents})


async def _bills(database: Database) -> tuple[Any, Any]:
    """October with a promotion; November without it, and with a fee."""
    async with database.unit_of_work() as session:
        account = await books.create_file(session)
        earlier = await books.bill(
            session, account, _month(OCTOBER, off_cents=1000), on=OCTOBER.starts_on, period=OCTOBER
        )
        fee = Article(750, TWENTY, kind=LineKind.FEE, label="Frais de rejet", days=None)
        later = await books.bill(session, account, _month(NOVEMBER, off_cents=0), fee)
    return earlier, later


class TestInvoiceDifference:
    async def test_tells_causes_that_add_up(self, database: Database) -> None:
        earlier, later = await _bills(database)

        data = await asking(database).data(_DIFFERENCE, earlier=global_id(earlier), later=global_id(later))

        assert data["invoiceDifference"] == {
            "earlier": {"id": global_id(earlier)},
            "later": {"id": global_id(later)},
            "amount": {"cents": 1750},
            "causes": [
                {
                    "kind": "PROMOTION_ENDED",
                    "label": "Bienvenue",
                    "amount": {"cents": 1000},
                    "from": {"cents": 1000},
                    "to": {"cents": 0},
                    "en": "Bienvenue: the promotion ended, the discount goes from €10.00 to €0.00 (+€10.00).",
                    "fr": "Bienvenue : la promotion a pris fin, la remise passe de 10,00 € à 0,00 € (+10,00 €).",
                },
                {
                    "kind": "FEE",
                    "label": "Frais de rejet",
                    "amount": {"cents": 750},
                    "from": {"cents": 0},
                    "to": {"cents": 750},
                    "en": "Frais de rejet: one-time fee (+€7.50).",
                    "fr": "Frais de rejet : frais uniques (+7,50 €).",
                },
            ],
        }

    async def test_logs_that_the_file_was_opened(self, database: Database) -> None:
        earlier, later = await _bills(database)

        await asking(database).data(_DIFFERENCE, earlier=global_id(earlier), later=global_id(later))

        async with database.reading() as session:
            entries = (await session.execute(models.AccessEntry.__table__.select())).all()
        assert [entry.subscriber_id for entry in entries] == [earlier.subscriber_id]

    @pytest.mark.parametrize("given", ["nonsense", GlobalId("Invoice", 5, 6).encode(), "contract"])
    async def test_answers_malformed_unknown_and_other_ids_alike(self, database: Database, given: str) -> None:
        earlier, later = await _bills(database)
        if given == "contract":
            given = GlobalId("Contract", later.subscriber_id, later.id).encode()

        answer = await asking(database).ask(_DIFFERENCE, earlier=global_id(earlier), later=given)

        [error] = answer.body["errors"]
        assert error["extensions"]["code"] == "NOT_FOUND"
        assert error["message"] == "There is no such invoice; check the id."
        assert answer.body["data"] == {"invoiceDifference": None}

    async def test_refuses_two_accounts_and_who_may_not_read_bills(self, database: Database) -> None:
        _, mine = await _bills(database)
        _, other = await _bills(database)
        given = {"earlier": global_id(mine), "later": global_id(other)}

        assert await asking(database).codes(_DIFFERENCE, **given) == ["INVOICES_OF_TWO_ACCOUNTS"]
        admin = asking(database, factories.viewer(Role.ADMIN))
        assert await admin.codes(_DIFFERENCE, **given) == ["FORBIDDEN"]


class TestIsProven:
    async def test_holds_for_a_derivation_that_gives_the_amount_and_for_no_other(self, database: Database) -> None:
        _, later = await _bills(database)
        async with database.unit_of_work() as session:
            right, wrong = await books.lines_of(session, later)
            wrong.derivation = {**wrong.derivation, "cents": 749}

        asked = asking(database)

        assert await asked.data(_PROVEN, id=global_id(right)) == {"node": {"isProven": True}}
        assert await asked.data(_PROVEN, id=global_id(wrong)) == {"node": {"isProven": False}}
