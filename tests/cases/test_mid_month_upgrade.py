"""An upgrade in mid month is billed with the whole difference: the days are worked out again, and twenty euros go back."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from backoffice.billing import lines
from backoffice.billing.periods import Period
from backoffice.ids import GlobalId
from backoffice.models import LineKind
from tests.acts import global_id
from tests.cases import books, goods
from tests.cases.desk import Desk
from tests.factories import create_account, create_method, create_subscriber, create_ticket

NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
UPGRADED_ON = date(2026, 11, 16)
TEN = Decimal("0.10")

_TRAIL = """query($by: SubscriberBy!) { subscriber(by: $by) { auditEntries(first: 50) { nodes {
  operation outcome actorName reason note target after } } } }"""
_INVOICE = """query($id: ID!) { node(id: $id) { ... on Invoice {
  number state total { cents } totalExcludingVat { cents } vat { cents } credited { cents } refunded { cents }
  lines { nodes { label amount { cents } amountExcludingVat { cents } vat { cents } credited { cents } } } } } }"""


class Upgrade:
    """Pack Cinéma became Tout inclus on the 16th; what was still to bill for November was billed in whole, and paid."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def begin(self) -> "Upgrade":
        """The rows that were there before the complaint."""
        async with self.desk.database.unit_of_work() as session:
            self.subscriber = await create_subscriber(session, number="S00000001")
            account = await create_account(session, self.subscriber)
            self.cinema = await goods.sell(session, "PACK-CINE")
            self.everything = await goods.sell(session, "TOUT-INCLUS")
            contract, item = await books.subscribe(session, account, self.cinema, starts_on=date(2025, 3, 1))
            charges = books.period_of(self.cinema, item, NOVEMBER)
            month = await books.bill(session, account, charges, issued_on=NOVEMBER.starts_on, days=NOVEMBER)
            item.ends_on = UPGRADED_ON
            upgraded = await books.add_item(session, contract, self.everything, starts_on=UPGRADED_ON)
            self.wrong = await books.bill(
                session,
                account,
                [self._difference(upgraded)],
                issued_on=date(2026, 11, 20),
                days=Period(date(2026, 12, 1), date(2027, 1, 1)),
            )
            method = await create_method(session, account)
            for bill in (month, self.wrong):
                await books.pay(session, account, bill, on=date(2026, 11, 20), method=method)
            self.ticket = await create_ticket(session, self.subscriber)
        return self

    def _difference(self, item: Any) -> books.Charge:
        label = "Rattrapage du changement d'offre, novembre"
        derived = lines.one_time(fee_cents=4000, price_version=label)
        return books.Charge(label, derived, TEN, LineKind.PRORATION, Period(UPGRADED_ON, NOVEMBER.ends_on), None, item)

    @property
    def correction(self) -> dict[str, Any]:
        """What the agent asks for."""
        offers = {name: GlobalId("Offer", 0, good.offer.id).encode() for name, good in self._offers().items()}
        return {
            "invoiceLineId": global_id(self.wrong.lines[0]),
            "change": {"on": UPGRADED_ON.isoformat(), **offers},
            "note": "Prorata de novembre recalculé.",
            "ticketId": global_id(self.ticket),
        }

    def _offers(self) -> dict[str, goods.Good]:
        return {"oldOfferId": self.cinema, "newOfferId": self.everything}

    async def invoice(self) -> Any:
        """The wrong invoice as the graph shows it."""
        return (await self.desk.data(_INVOICE, id=global_id(self.wrong.invoice)))["node"]

    async def trail(self) -> list[Any]:
        """What the trail of the file says, as a supervisor reads it."""
        told = await self.desk.data(_TRAIL, who="supervisor", by={"number": "S00000001"})
        return list(told["subscriber"]["auditEntries"]["nodes"])


@pytest.fixture
async def upgrade(desk: Desk) -> Upgrade:
    return await Upgrade(desk).begin()


async def test_shows_both_prorations_and_what_is_left_to_credit(upgrade: Upgrade) -> None:
    shown = (await upgrade.desk.preview("prorationCorrection", **upgrade.correction))["preview"]

    assert [part["cents"] for part in shown["facts"]["correct_lines"]] == [-1750, 3750]
    assert (shown["facts"]["billed_cents"], shown["facts"]["correct_cents"]) == (4000, 2000)
    assert shown["document"]["rates"] == [{"vatRate": "0.10", "totalExcludingVat": 1818, "vat": 182, "total": 2000}]
    assert shown["disposition"] == {
        "offset": 0,
        "refunds": [{"means": "DIRECT_DEBIT", "amount": 2000}],
        "balance": 0,
    }
    assert shown["requirements"] == []


async def test_credits_the_line_and_leaves_the_invoice_as_it_was_issued(upgrade: Upgrade) -> None:
    before, desk = await upgrade.invoice(), upgrade.desk
    fields = """creditNote { number reason total { cents } totalExcludingVat { cents } vat { cents } invoice { number }
      ticket { id } lines { nodes { amount { cents } invoiceLine { id } derivation } } }"""

    made = await desk.do("prorationCorrection", fields=fields, **upgrade.correction)

    note = made["creditNote"]
    assert (note["number"], note["reason"]) == ("A2026-0000001", "PRORATION_ERROR")
    assert (note["totalExcludingVat"], note["vat"], note["total"]) == (1818, 182, 2000)
    assert (note["invoice"]["number"], note["ticket"]["id"]) == (before["number"], global_id(upgrade.ticket))
    [line] = note["lines"]["nodes"]
    assert line["invoiceLine"]["id"] == global_id(upgrade.wrong.lines[0])
    roundings = [step["mode"] for step in line["derivation"]["steps"] if step["kind"] == "rounding"]
    assert roundings == ["HALF_UP", "HALF_UP"]
    after = await upgrade.invoice()
    assert {**after, "credited": 0, "refunded": 0, "lines": None} == {**before, "lines": None}
    assert [{**each, "credited": 0} for each in after["lines"]["nodes"]] == before["lines"]["nodes"]
    assert (after["credited"], after["refunded"]) == (2000, 2000)
    again = await desk.refusal("prorationCorrection", **upgrade.correction)
    assert again["code"] == "NOTHING_TO_CORRECT"
    await desk.verify()


async def test_leaves_who_why_and_in_which_ticket_in_the_trail(upgrade: Upgrade) -> None:
    desk, ticket_id = upgrade.desk, global_id(upgrade.ticket)
    await desk.do("prorationCorrection", fields="creditNote { number }", **upgrade.correction)
    answer = {"ticketId": ticket_id, "body": "Vingt euros vous sont rendus.", "expectedRevision": 1}
    await desk.write("ticketReply", fields="ticket { id }", **answer)

    told = {each["operation"]: each for each in await upgrade.trail()}

    corrected, replied = told["prorationCorrection"], told["ticketReply"]
    assert (corrected["outcome"], corrected["reason"]) == ("DONE", "PRORATION_ERROR")
    assert (corrected["actorName"], replied["actorName"]) == ("Alix Agent", "Alix Agent")
    assert (corrected["note"], corrected["target"]) == (
        "Prorata de novembre recalculé.",
        global_id(upgrade.wrong.lines[0]),
    )
    assert (corrected["after"]["ticket"], replied["target"]) == (ticket_id, ticket_id)


async def test_is_undone_by_a_document_when_it_was_wrong(upgrade: Upgrade) -> None:
    before, desk = await upgrade.invoice(), upgrade.desk
    made = await desk.do("prorationCorrection", fields="creditNote { id }", **upgrade.correction)

    undone = await desk.do(
        "prorationCorrectionReverse",
        fields="creditNote { number kind total { cents } reverses { number } }",
        creditNoteId=made["creditNote"]["id"],
    )

    assert undone["creditNote"] == {
        "number": "D2026-0000001",
        "kind": "REVERSAL",
        "total": 2000,
        "reverses": {"number": "A2026-0000001"},
    }
    assert await upgrade.invoice() == before
    await desk.verify()
