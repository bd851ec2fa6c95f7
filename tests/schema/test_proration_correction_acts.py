"""Corrections through the graph: an issued line recomputed, and what makes up for the difference."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from backoffice.database import Database
from backoffice.models import LineKind
from backoffice.services import verification
from tests import books, catalogues
from tests.acts import global_id
from tests.books import TEN, Article
from tests.money_acts import billing, do, only_cents, preview, refusal

_ALWAYS = date(2020, 1, 1)


@dataclass
class Case:
    """A file with a line that may be wrong."""

    line: Any
    invoice: Any
    contract: Any
    item: Any
    old: Any
    new: Any


async def _case(database: Database, cents: int, *, before: int | None = 3499, paid: bool = True, **facts: Any) -> Case:
    """Pack Cinéma at 34.99 and Tout inclus at 74.99; November billed at `before`, then a line of `cents`."""
    async with database.unit_of_work() as session:
        old = await catalogues.create_offer(session, "Pack Cinéma", (_ALWAYS, [(3499, TEN)]))
        new = await catalogues.create_offer(session, "Tout inclus", (_ALWAYS, [(7499, TEN)]))
        account = await books.create_file(session)
        contract, item = await catalogues.create_contract(session, account, old)
        about = {"contract_id": contract.id, "contract_item_id": item.id, "offer_id": old.id}
        if before is not None:
            await books.bill(session, account, Article(before, facts={**about, "unit_cents": before}))
        wrong = Article(cents, facts={**about, "unit_cents": cents, **facts})
        invoice = await books.bill(session, account, wrong, on=date(2026, 11, 20))
        if paid:
            await books.pay(session, account, invoice)
        [line] = await books.lines_of(session, invoice)
    return Case(line, invoice, contract, item, old, new)


def offer_id(offer: Any) -> str:
    """The id of an offer in the graph."""
    return str(catalogues.global_id(offer))


def _change(case: Case, on: str = "2026-11-16") -> dict[str, str]:
    return {"on": on, "oldOfferId": offer_id(case.old), "newOfferId": offer_id(case.new)}


async def _faults(database: Database) -> list[verification.Fault]:
    async with database.snapshot() as session:
        return [fault async for fault in verification.faults(session)]


class TestProrationCorrectionPreview:
    async def test_recomputes_a_change_of_offer_as_a_chain(self, database: Database) -> None:
        case = await _case(database, 4000, kind=LineKind.PRORATION)

        shown = only_cents(
            await preview(
                billing(database),
                "prorationCorrection",
                invoiceLineId=global_id(case.line),
                change=_change(case),
            )
        )

        assert shown["userErrors"] == []
        document = shown["preview"]["document"]
        assert (document["totalExcludingVat"], document["vat"], document["total"]) == (1818, 182, 2000)
        facts = shown["preview"]["facts"]
        assert [part["cents"] for part in facts["correct_lines"]] == [-1750, 3750]
        assert (facts["billed_cents"], facts["correct_cents"]) == (4000, 2000)

    @pytest.mark.parametrize(
        ("on", "credited"),
        [("2026-11-01", 0), ("2026-11-02", 133), ("2026-11-30", 3867), ("2026-12-01", 4000)],
    )
    async def test_gives_the_new_offer_its_own_days(self, database: Database, on: str, credited: int) -> None:
        case = await _case(database, 4000)

        shown = only_cents(
            await preview(
                billing(database), "prorationCorrection", invoiceLineId=global_id(case.line), change=_change(case, on)
            )
        )

        if credited:
            assert shown["preview"]["document"]["total"] == credited
        else:
            assert refusal(shown) == "NOTHING_TO_CORRECT"

    async def test_recomputes_the_line_from_the_contract_as_it_stands(self, database: Database) -> None:
        case = await _case(database, 3499, before=None)
        async with database.unit_of_work() as session:
            await catalogues.create_promotion(
                session,
                case.item,
                discount_cents=1000,
                starts_on=date(2025, 11, 15),
                ends_on=date(2026, 11, 15),
                reminder_on=date(2026, 11, 8),
            )

        shown = only_cents(await preview(billing(database), "prorationCorrection", invoiceLineId=global_id(case.line)))

        document = shown["preview"]["document"]
        assert (document["totalExcludingVat"], document["vat"], document["total"]) == (425, 42, 467)
        assert [part["cents"] for part in shown["preview"]["facts"]["correct_lines"]] == [1166, 1866]

    async def test_charges_what_was_billed_too_little_on_the_next_invoice(self, database: Database) -> None:
        case = await _case(database, 3499, before=None)

        shown = only_cents(
            await preview(
                billing(database), "prorationCorrection", invoiceLineId=global_id(case.line), offerId=offer_id(case.new)
            )
        )

        assert shown["preview"]["document"]["nature"] == "INVOICE"
        assert shown["preview"]["document"]["total"] == 4000
        assert shown["preview"]["postings"] == []

    async def test_refuses_days_outside_of_the_period(self, database: Database) -> None:
        case = await _case(database, 3499, before=None)

        shown = await preview(
            billing(database),
            "prorationCorrection",
            invoiceLineId=global_id(case.line),
            servedFrom="2026-10-31",
            servedUntil="2026-11-10",
        )

        assert refusal(shown) == "DATES_OUTSIDE_LINE"


class TestProrationCorrectionConfirm:
    async def test_credits_the_days_that_were_not_served_and_not_twice(self, database: Database) -> None:
        case = await _case(database, 3499, before=None)
        asked = billing(database)
        given = {"invoiceLineId": global_id(case.line), "servedFrom": "2026-11-01", "servedUntil": "2026-11-16"}

        done = only_cents(await do(asked, "prorationCorrection", **given))
        again = await preview(asked, "prorationCorrection", **given)

        [line] = done["prorationCorrection"]["creditNote"]["lines"]["nodes"]
        assert (line["amount"], line["startsOn"], line["endsOn"]) == (1749, "2026-11-16", "2026-12-01")
        assert [refund["amount"] for refund in done["prorationCorrection"]["creditNote"]["refunds"]["nodes"]] == [1749]
        assert refusal(again) == "NOTHING_TO_CORRECT"
        assert await _faults(database) == []

    async def test_counts_earlier_credits_of_the_same_days(self, database: Database) -> None:
        case = await _case(database, 3000, before=None)
        asked = billing(database)
        await do(
            asked,
            "creditNote",
            invoiceId=global_id(case.invoice),
            invoiceLineId=global_id(case.line),
            startsOn="2026-11-21",
            endsOn="2026-12-01",
            reason="SERVICE_FAILURE",
        )

        done = only_cents(
            await do(
                asked,
                "prorationCorrection",
                invoiceLineId=global_id(case.line),
                servedFrom="2026-11-01",
                servedUntil="2026-11-16",
            )
        )

        assert done["prorationCorrection"]["creditNote"]["total"] == 500

    async def test_leaves_a_charge_that_can_be_taken_back(self, database: Database) -> None:
        case = await _case(database, 3499, before=None)
        asked = billing(database)
        done = only_cents(
            await do(asked, "prorationCorrection", invoiceLineId=global_id(case.line), offerId=offer_id(case.new))
        )

        undone = only_cents(
            await do(
                asked,
                "prorationCorrectionReverse",
                extraChargeId=done["prorationCorrection"]["extraCharge"]["id"],
                note="Erreur.",
            )
        )

        assert (
            done["prorationCorrection"]["extraCharge"]["label"],
            done["prorationCorrection"]["extraCharge"]["amount"],
        ) == ("Complément – Pack Cinéma", 4000)
        assert undone["prorationCorrection"]["extraCharge"]["cancelledAt"] is not None
        again = await preview(
            asked, "prorationCorrectionReverse", extraChargeId=done["prorationCorrection"]["extraCharge"]["id"]
        )
        assert refusal(again) == "ALREADY_REVERSED"
