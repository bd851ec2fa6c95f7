"""Whatever the bank says, and whoever changes their mind in the meantime, the books add up."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backoffice.gateway.sandbox import SETTLED_AFTER
from backoffice.ids import GlobalId
from backoffice.services import verification
from tests import books
from tests.acts import global_id
from tests.books import Article
from tests.jobs.banking import Desk
from tests.money_acts import billing, confirm, do, preview

DELAY = timedelta(minutes=10)
"""How long a refund waits before it leaves."""


async def refund(desk: Desk, reference: str) -> str:
    """The global id of a refund of 5.00, decided by the staff on a paid invoice."""
    async with desk.database.unit_of_work() as session:
        account = await books.create_file(session)
        invoice = await books.bill(session, account, Article(2999))
        await books.pay(session, account, invoice, reference=reference)
    given = {"invoiceId": global_id(invoice), "amount": 500, "reason": "BILLING_ERROR"}
    done = await do(billing(desk.database), "refund", **given)
    return str(done["refund"]["id"])


async def faults(desk: Desk) -> list[Any]:
    async with desk.database.snapshot() as session:
        return [fault async for fault in verification.faults(session)]


async def state(desk: Desk, of: str) -> str:
    decoded = GlobalId.decode(of)
    assert decoded is not None
    return (await desk.refund(decoded.id)).state


class TestBooks:
    @pytest.mark.parametrize(
        ("reference", "states", "moved"),
        [
            ("CA00FF", ["APPROVED", "SETTLED", "SETTLED"], 1),
            ("tok_declined_1", ["APPROVED", "FAILED", "FAILED"], 0),
            ("tok_delayed_1", ["APPROVED", "SENT", "SETTLED"], 1),
            ("tok_delayed_declined_1", ["APPROVED", "SENT", "FAILED"], 0),
            ("tok_timeout_after_1", ["APPROVED", "APPROVED", "SETTLED"], 1),
        ],
    )
    async def test_add_up_at_each_step_of_a_refund(
        self, desk: Desk, reference: str, states: list[str], moved: int
    ) -> None:
        refund_id = await refund(desk, reference)

        for expected, later in zip(states, (DELAY - SETTLED_AFTER, DELAY, DELAY + 2 * SETTLED_AFTER), strict=True):
            await desk.work(later)
            assert await state(desk, refund_id) == expected
            assert await faults(desk) == []

        assert [cents for _, cents in await desk.moved()] == [500] * moved

    async def test_add_up_when_agents_take_refunds_back_that_just_leave(self, desk: Desk) -> None:
        refund_ids = [await refund(desk, "CA00FF") for _ in range(8)]
        staff = billing(desk.database)
        quotes = [(await preview(staff, "refundReverse", refundId=each))["quote"] for each in refund_ids]

        reversing = [confirm(staff, "refundReverse", quote) for quote in quotes]
        done, *_ = await asyncio.gather(asyncio.gather(*reversing), desk.work(DELAY), desk.work(DELAY))

        states = {refund_id: await state(desk, refund_id) for refund_id in refund_ids}
        cancelled = {each for each, payload in zip(refund_ids, done, strict=True) if payload["userErrors"] == []}
        assert states == {each: "CANCELLED" if each in cancelled else "SETTLED" for each in refund_ids}
        assert len(await desk.moved()) == 8 - len(cancelled)
        assert await faults(desk) == []
