"""Payments are collected once, and captured or failed as the bank says."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from backoffice.gateway.sandbox import SETTLED_AFTER
from backoffice.models import Payment, PaymentState
from tests.factories import NOW
from tests.jobs.banking import CENTS, Desk
from tests.jobs.handling import messages

LATER = timedelta(seconds=10)


class TestCollect:
    async def test_captures_what_the_bank_accepts(self, desk: Desk) -> None:
        payment_id = await desk.ask_payment("tok_ok_1")

        await desk.work()

        payment = await desk.payment(payment_id)
        assert (payment.state, payment.captured_at) == ("CAPTURED", NOW)
        assert await desk.moved() == [(f"charge:{payment_id}", CENTS)]
        assert [message.state for message in await messages(desk.database)] == ["DONE"]

    @pytest.mark.parametrize(
        ("token", "state", "code"), [("tok_declined_1", "DENIED", "51"), ("tok_expired_1", "FAILED", "54")]
    )
    async def test_fails_what_the_bank_refuses(self, desk: Desk, token: str, state: str, code: str) -> None:
        payment_id = await desk.ask_payment(token)

        await desk.work()

        payment = await desk.payment(payment_id)
        assert (payment.state, payment.failure_code, payment.failed_at) == (state, code, NOW)
        assert await desk.moved() == []

    @pytest.mark.parametrize("token", ["tok_delayed_1", "tok_twice_1"])
    async def test_leaves_a_payment_pending_until_the_bank_decides(self, desk: Desk, token: str) -> None:
        payment_id = await desk.ask_payment(token)

        await desk.work()
        pending = await desk.payment(payment_id)
        await desk.work(later=SETTLED_AFTER)

        assert pending.state is PaymentState.PENDING
        assert (await desk.payment(payment_id)).state is PaymentState.CAPTURED
        assert await desk.moved() == [(f"charge:{payment_id}", CENTS)]

    @pytest.mark.parametrize("token", ["tok_timeout_after_1", "tok_timeout_before_1"])
    async def test_asks_again_for_what_got_no_answer(self, desk: Desk, token: str) -> None:
        payment_id = await desk.ask_payment(token)

        await desk.work()
        unanswered = await desk.payment(payment_id)
        await desk.work(later=LATER)

        assert unanswered.state is PaymentState.PENDING
        assert (await desk.payment(payment_id)).state is PaymentState.CAPTURED
        assert await desk.moved() == [(f"charge:{payment_id}", CENTS)]

    @pytest.mark.parametrize("state", [PaymentState.CAPTURED, PaymentState.CANCELLED, PaymentState.DENIED])
    async def test_leaves_what_is_not_to_be_collected(self, desk: Desk, state: PaymentState) -> None:
        payment_id = await desk.ask_payment("tok_ok_1")
        async with desk.database.unit_of_work() as session:
            await session.execute(update(Payment).values(state=state))

        await desk.work()

        assert (await desk.payment(payment_id)).state is state
        assert await desk.moved() == []
        assert [message.state for message in await messages(desk.database)] == ["DONE"]

    async def test_needs_something_to_collect_with(self, desk: Desk) -> None:
        payment_id = await desk.ask_payment(None)

        await desk.work()

        [message] = await messages(desk.database)
        assert (message.state, message.last_error) == ("PENDING", "NOT_FOUND")
        assert (await desk.payment(payment_id)).state is PaymentState.PENDING
        assert await desk.moved() == []
