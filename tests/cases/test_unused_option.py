"""A rolling option that renewed itself and was not used: the days left are the agent's to give, all of it a supervisor's."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from backoffice.billing.periods import Period
from tests import books as files
from tests.acts import global_id
from tests.cases import books, goods
from tests.cases.desk import Desk
from tests.factories import create_account, create_method, create_subscriber, create_ticket

_INVOICES = "{ invoices(first: 10) { nodes { lines { nodes { label credited { cents } } } } } }"
RENEWED = Period(date(2026, 7, 11), date(2026, 8, 11))


@dataclass
class Option:
    """The option for sport, renewed on 11 July for 19.99 and paid; she writes on the 14th."""

    desk: Desk
    bill: books.Bill
    item: Any
    ticket: Any

    def credit(self, **given: Any) -> dict[str, Any]:
        """What credits the line."""
        about = {"invoiceId": global_id(self.bill.invoice), "invoiceLineId": global_id(self.bill.lines[0])}
        return {**about, "ticketId": global_id(self.ticket), **given}

    @property
    def days_left(self) -> dict[str, Any]:
        """From the day on which she writes to the end of the cycle."""
        return self.credit(startsOn="2026-07-14", endsOn="2026-08-11", reason="UNUSED_OPTION")

    async def prove(self) -> None:
        """She sends a proof."""
        async with self.desk.database.unit_of_work() as session:
            await files.attach(session, self.ticket)


@pytest.fixture
async def option(desk: Desk) -> Option:
    await desk.clock("2026-07-14T10:00+02:00")
    async with desk.database.unit_of_work() as session:
        subscriber = await create_subscriber(session)
        account = await create_account(session, subscriber)
        cinema, sport = [await goods.sell(session, code) for code in ("PACK-CINE", "OPT-SPORT-MOIS")]
        contract, _ = await books.subscribe(
            session, account, cinema, starts_on=date(2026, 1, 1), billed_until=date(2026, 8, 1)
        )
        item = await books.add_item(
            session,
            contract,
            sport,
            starts_on=date(2026, 6, 11),
            anchor_on=date(2026, 6, 11),
            billed_until=RENEWED.ends_on,
            last_used_on=date(2026, 7, 10),
        )
        charges = books.period_of(sport, item, RENEWED)
        bill = await books.bill(session, account, charges, issued_on=RENEWED.starts_on, days=RENEWED)
        method = await create_method(session, account)
        await books.pay(session, account, bill, on=date(2026, 7, 12), method=method)
        ticket = await create_ticket(session, subscriber, opened_at=desk.now)
    return Option(desk, bill, item, ticket)


async def test_gives_the_days_left_back_once_there_is_a_proof(option: Option) -> None:
    desk = option.desk
    shown = await desk.preview("creditNote", **option.days_left)
    without = await desk.refusal("creditNote", quote=shown["quote"])
    await option.prove()
    proven = await desk.preview("creditNote", **option.days_left)

    done = await desk.confirm(
        "creditNote",
        proven["quote"],
        fields="totalExcludingVat { cents } vat { cents } total { cents } refunds { nodes { amount { cents } } }",
    )

    assert shown["preview"]["requirements"] == [{"requirement": "TICKET", "isMet": False}]
    assert without["code"] == "TICKET_REQUIRED"
    assert done["creditNote"] == {
        "totalExcludingVat": 1642,
        "vat": 164,
        "total": 1806,
        "refunds": {"nodes": [{"amount": 1806}]},
    }
    await desk.verify()


@pytest.mark.parametrize("reason", ["UNUSED_OPTION", "GOODWILL"])
async def test_asks_a_supervisor_for_more_than_the_policy_proposes(option: Option, reason: str) -> None:
    desk = option.desk
    await option.prove()
    whole = option.credit(reason=reason, note="Geste commercial, option sport.")

    shown = await desk.preview("creditNote", **whole)
    asked = await desk.confirm("creditNote", shown["quote"])
    decided = await desk.write(
        "approvalDecide",
        who="supervisor",
        fields="approval { state requestedBy { login } decidedBy { login } }",
        approvalId=asked["approval"]["id"],
        isApproved=True,
        expectedRevision=asked["approval"]["revision"],
    )

    assert shown["preview"]["document"]["rates"] == [
        {"vatRate": "0.10", "totalExcludingVat": 1817, "vat": 182, "total": 1999}
    ]
    assert (asked["creditNote"], asked["approval"]["state"]) == (None, "PENDING_APPROVAL")
    assert decided["approval"] == {
        "state": "APPROVED",
        "requestedBy": {"login": "agent"},
        "decidedBy": {"login": "supervisor"},
    }
    notes = "query($id: ID!) { node(id: $id) { ... on Invoice { credited { cents } refunded { cents } } } }"
    told = await desk.data(notes, id=global_id(option.bill.invoice))
    assert told["node"] == {"credited": 1999, "refunded": 1999}
    await desk.verify()


async def test_switches_it_off_so_that_there_is_no_third_cycle(option: Option) -> None:
    desk = option.desk
    await option.prove()
    await desk.do("creditNote", **option.days_left)

    ended = await desk.do(
        "optionEnd", contractItemId=global_id(option.item), when="AT_ONCE", fields="state effectiveOn"
    )
    await desk.clock("2026-08-11T05:00+02:00")
    await desk.run("bill", "--on", "2026-08-11")

    assert ended == {"state": "APPLIED", "effectiveOn": "2026-07-14"}
    told = await desk.data(_INVOICES)
    assert [[line["label"] for line in invoice["lines"]["nodes"]] for invoice in told["invoices"]["nodes"]] == [
        ["Pack Cinéma"],
        ["Sport, un mois glissant"],
    ]
    assert [[line["credited"] for line in invoice["lines"]["nodes"]] for invoice in told["invoices"]["nodes"]] == [
        [0],
        [1806],
    ]
    await desk.verify()
