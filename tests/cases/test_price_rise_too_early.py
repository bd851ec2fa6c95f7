"""A rise of 2.00 was announced on 20 September and billed from 1 October, though it may apply from 20 October only.

Everybody who was billed it gets the nineteen days back: 2.00 × 19/31 = 1.23 each, once, whatever stops the run.
"""

import asyncio
import os
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update

from backoffice import models
from backoffice.billing.periods import Period
from backoffice.ids import GlobalId
from backoffice.models import BulkCredit, Contract, ContractState, CreditNote, Subscriber, SubscriberState
from tests.acts import global_id
from tests.cases import books, copies, goods
from tests.cases.desk import Desk
from tests.factories import create_account, create_method, create_subscriber

EVERYBODY = int(os.environ.get("TESTS_RISE_SUBSCRIBERS", "60"))
"""The story has 1,842: set TESTS_RISE_SUBSCRIBERS to tell it whole."""

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
FIELDS = "bulkCorrection { id state planHash subscribers total { cents } earlyFrom earlyUntil freeExitUntil revision }"
LISTED = """query($id: ID!, $after: String) { node(id: $id) { ... on BulkCorrection {
  state credited finishedAt
  credits(first: 50, after: $after) {
    nodes {
      amount { cents } explanation subscriber { id }
      creditNote { number totalExcludingVat { cents } vat { cents } total { cents } }
    }
    pageInfo { hasNextPage endCursor } count { value }
  }
} } }"""


@dataclass(frozen=True)
class Story:
    """The price that rose, and the subscriber whose invoice is like that of all others."""

    version: str
    first: books.Bill
    others: list[int]

    def wanted(self, **given: Any) -> dict[str, Any]:
        """What is planned."""
        known = {"priceVersionId": self.version, "billedFrom": "2026-10-01", "billedUntil": "2026-11-01"}
        return {**known, "reason": "BILLING_ERROR", "note": "Hausse appliquée trop tôt", **given}


async def risen_too_early(desk: Desk, *, subscribers: int) -> Story:
    """So many subscribers who paid October at 24.99 instead of 22.99."""
    await desk.clock("2026-11-02T10:00+01:00")
    async with desk.database.unit_of_work() as session:
        owner = await create_subscriber(session)
        account = await create_account(session, owner)
        before = await goods.sell(session, "TV-ESSENTIEL", ends_on=OCTOBER.starts_on)
        risen = await goods.reprice(
            session, before.offer, cents=2499, starts_on=OCTOBER.starts_on, notified_on=date(2026, 9, 20)
        )
        _, item = await books.subscribe(session, account, before, starts_on=date(2026, 1, 1))
        charges = books.period_of(risen, item, OCTOBER)
        bill = await books.bill(session, account, charges, issued_on=OCTOBER.starts_on, days=OCTOBER)
        method = await create_method(session, account)
        await books.pay(session, account, bill, on=date(2026, 10, 15), method=method)
        others = await copies.copy_file(session, owner, times=subscribers - 1, series="F2026")
    return Story(GlobalId("PriceVersion", 0, risen.price.id).encode(), bill, others)


async def approved(desk: Desk, story: Story) -> dict[str, Any]:
    """The correction, planned by the billing team and approved by a supervisor."""
    planned = (await desk.write("bulkCorrectionPlan", who="billing", fields=FIELDS, **story.wanted()))["bulkCorrection"]
    await desk.step_up("supervisor")
    decided = await desk.write("bulkCorrectionDecide", who="supervisor", fields=FIELDS, **decision(planned))
    assert decided["userErrors"] == []
    return decided["bulkCorrection"]  # type: ignore[no-any-return]


def decision(planned: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Approve what was read."""
    known = {"bulkCorrectionId": planned["id"], "isApproved": True, "planHash": planned["planHash"]}
    return {**known, "expectedRevision": planned["revision"], **given}


async def credited(desk: Desk, correction_id: str) -> list[dict[str, Any]]:
    """The whole list, page by page."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        told = (await desk.data(LISTED, who="billing", id=correction_id, after=after))["node"]["credits"]
        found += told["nodes"]
        after = told["pageInfo"]["endCursor"]
        if not told["pageInfo"]["hasNextPage"]:
            assert told["count"]["value"] == len(found)
            return found


async def test_credits_everybody_the_days_before_it_could_apply(desk: Desk) -> None:
    story = await risen_too_early(desk, subscribers=EVERYBODY)

    dry = (await desk.write("bulkCorrectionPlan", who="billing", fields=FIELDS, **story.wanted()))["bulkCorrection"]
    shown = await credited(desk, dry["id"])
    await desk.step_up("supervisor")
    await desk.write("bulkCorrectionDecide", who="supervisor", fields=FIELDS, **decision(dry))
    ended = await desk.run("bulk", "run", dry["id"])

    assert {**dry, "id": None, "planHash": None} == {
        "id": None,
        "planHash": None,
        "state": "PLANNED",
        "subscribers": EVERYBODY,
        "total": 123 * EVERYBODY,
        "earlyFrom": "2026-10-01",
        "earlyUntil": "2026-10-20",
        "freeExitUntil": "2027-01-20",
        "revision": 1,
    }
    assert {each["amount"] for each in shown} == {123}
    assert {each["creditNote"] for each in shown} == {None}
    assert ended.out.startswith(f"Credited {EVERYBODY:,}: {EVERYBODY * 123 // 100}.{EVERYBODY * 123 % 100:02} EUR")
    done = await credited(desk, dry["id"])
    assert [each["subscriber"]["id"] for each in done] == [each["subscriber"]["id"] for each in shown]
    assert sorted(each["creditNote"].pop("number") for each in done) == [
        f"A2026-{number:07}" for number in range(1, EVERYBODY + 1)
    ]
    assert all(each["creditNote"] == {"totalExcludingVat": 112, "vat": 11, "total": 123} for each in done)
    told = (await desk.data(LISTED, who="billing", id=dry["id"]))["node"]
    assert (told["state"], told["credited"], told["finishedAt"] is None) == ("DONE", EVERYBODY, False)
    await desk.verify()


async def test_credits_nobody_twice(desk: Desk) -> None:
    story = await risen_too_early(desk, subscribers=3)
    first = await approved(desk, story)
    await desk.run("bulk", "run", first["id"])

    again = await desk.run("bulk", "run", first["id"])
    planned = await desk.write("bulkCorrectionPlan", who="billing", fields=FIELDS, **story.wanted())

    assert again.out.startswith("Credited 0: 0.00 EUR")
    assert [error["code"] for error in planned["userErrors"]] == ["NOTHING_TO_CORRECT"]
    await desk.verify()


async def test_goes_on_after_it_was_killed(desk: Desk) -> None:
    story = await risen_too_early(desk, subscribers=EVERYBODY)
    correction = await approved(desk, story)
    await desk.stop()

    running = desk.begin("bulk", "run", correction["id"])
    while not 0 < await notes(desk) < EVERYBODY:
        assert running.process.is_alive(), await running.ended()
        await asyncio.sleep(0.01)
    killed = await running.kill()
    before = await notes(desk)
    await desk.run("bulk", "run", correction["id"])

    assert killed.code == -9
    assert 0 < before < EVERYBODY
    assert await notes(desk) == EVERYBODY
    async with desk.database.reading() as session:
        distinct = select(func.count(CreditNote.invoice_id.distinct()))
        assert await session.scalar(distinct) == EVERYBODY
    await desk.verify()


async def test_pays_back_who_has_left_and_credits_the_account_of_who_stays(desk: Desk) -> None:
    story = await risen_too_early(desk, subscribers=2)
    [left] = story.others
    async with desk.database.unit_of_work() as session:
        gone = {"state": ContractState.TERMINATED, "ends_on": OCTOBER.ends_on}
        await session.execute(update(Contract).where(Contract.subscriber_id == left).values(gone))
        await session.execute(update(Subscriber).where(Subscriber.id == left).values(state=SubscriberState.FORMER))
    correction = await approved(desk, story)

    ended = await desk.run("bulk", "run", correction["id"])

    assert ended.out == "Credited 2: 2.46 EUR; 1 are paid back.\n"
    async with desk.database.reading() as session:
        refunds = await session.execute(select(models.Refund.subscriber_id, models.Refund.amount_cents))
        assert refunds.all() == [(left, 123)]
        balances = dict(
            (
                await session.execute(select(models.BillingAccount.subscriber_id, models.BillingAccount.balance_cents))
            ).all()
        )
    assert balances == {story.first.invoice.subscriber_id: -123, left: 0}
    await desk.verify()


async def test_runs_only_the_list_that_somebody_else_approved(desk: Desk) -> None:
    story = await risen_too_early(desk, subscribers=3)
    planned = (await desk.write("bulkCorrectionPlan", who="billing", fields=FIELDS, **story.wanted()))["bulkCorrection"]
    await desk.step_up("billing")

    early = await desk.run("bulk", "run", planned["id"], code=2)
    refused = [
        await desk.write("bulkCorrectionDecide", who=who, fields=FIELDS, **decision(planned, **given))
        for who, given in (
            ("billing", {}),
            ("supervisor", {}),
            ("supervisor", {"planHash": "0" * 64}),
            ("supervisor", {"expectedRevision": 2}),
        )
    ]

    assert early.err.startswith("error BULK_NOT_APPROVED: ")
    assert [[error["code"] for error in each["userErrors"]] for each in refused] == [
        ["OWN_REQUEST"],
        [],
        ["BULK_CLOSED"],
        ["BULK_CLOSED"],
    ]


async def test_refuses_a_list_that_has_changed_since(desk: Desk) -> None:
    story = await risen_too_early(desk, subscribers=3)
    correction = await approved(desk, story)
    line = {"invoiceId": global_id(story.first.invoice), "invoiceLineId": global_id(story.first.lines[0])}
    by_hand = {**line, "startsOn": "2026-10-01", "endsOn": "2026-10-20", "reason": "BILLING_ERROR"}
    await desk.step_up("billing")
    await desk.do("creditNote", who="billing", **by_hand)

    ended = await desk.run("bulk", "run", correction["id"], code=1)

    assert ended.err.startswith("error BULK_PLAN_OUTDATED: ")
    assert await notes(desk) == 1
    await desk.verify()


@pytest.mark.parametrize(("billed_from", "billed_until"), [("2026-10-20", "2026-11-01"), ("2026-09-01", "2026-10-01")])
async def test_finds_nothing_on_days_when_the_price_was_right(desk: Desk, billed_from: str, billed_until: str) -> None:
    story = await risen_too_early(desk, subscribers=1)

    given = story.wanted(billedFrom=billed_from, billedUntil=billed_until)
    planned = await desk.write("bulkCorrectionPlan", who="billing", fields=FIELDS, **given)

    assert [error["code"] for error in planned["userErrors"]] == ["RISE_NOT_CORRECTABLE"]
    async with desk.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(BulkCredit)) == 0


async def notes(desk: Desk) -> int:
    """How many credit notes were issued."""
    async with desk.database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(CreditNote)) or 0)
