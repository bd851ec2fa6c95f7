"""Refunds leave once, and settle or fail where the staff can see it."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from backoffice.gateway import GatewayTimeout
from backoffice.gateway.sandbox import SETTLED_AFTER
from backoffice.jobs import leases
from backoffice.jobs.leases import MOST_ATTEMPTS
from backoffice.models import OutboxKind, OutboxMessage, Payment, PaymentMethodKind, RefundState
from tests.factories import NOW
from tests.jobs.banking import CENTS, Desk
from tests.jobs.handling import messages

LATER = timedelta(seconds=10)


class TestSend:
    async def test_settles_what_the_bank_accepts(self, desk: Desk) -> None:
        refund_id = await desk.ask_refund("CA00FF")

        await desk.work()

        refund, answer = await desk.refund(refund_id), await desk.bank.find(f"refund:{refund_id}")
        assert answer is not None
        assert (refund.state, refund.reference, refund.settled_at) == ("SETTLED", answer.reference, NOW)
        assert await desk.moved() == [(f"refund:{refund_id}", CENTS)]
        assert [message.state for message in await messages(desk.database)] == ["DONE"]

    @pytest.mark.parametrize(("reference", "code"), [("tok_declined_1", "51"), ("tok_expired_1", "54")])
    async def test_fails_what_the_bank_refuses(self, desk: Desk, reference: str, code: str) -> None:
        refund_id = await desk.ask_refund(reference)

        await desk.work()

        refund = await desk.refund(refund_id)
        assert (refund.state, refund.failure_code, refund.failed_at) == ("FAILED", code, NOW)
        assert await desk.moved() == []
        assert [message.state for message in await messages(desk.database)] == ["DONE"]

    @pytest.mark.parametrize(
        ("reference", "state", "count"),
        [("tok_delayed_1", "SETTLED", 1), ("tok_delayed_declined_1", "FAILED", 0), ("tok_twice_1", "SETTLED", 1)],
    )
    async def test_waits_for_a_bank_that_decides_later(
        self, desk: Desk, reference: str, state: str, count: int
    ) -> None:
        refund_id = await desk.ask_refund(reference)

        await desk.work()
        sent = await desk.refund(refund_id)
        await desk.work(later=SETTLED_AFTER)

        decided = await desk.refund(refund_id)
        assert (sent.state, sent.sent_at, decided.state) == ("SENT", NOW, state)
        assert sent.reference == decided.reference is not None
        assert await desk.moved() == [(f"refund:{refund_id}", CENTS)] * count

    @pytest.mark.parametrize(("reference", "moved"), [("tok_timeout_after_1", 1), ("tok_timeout_before_1", 0)])
    async def test_sends_again_what_got_no_answer(self, desk: Desk, reference: str, moved: int) -> None:
        refund_id = await desk.ask_refund(reference)

        await desk.work()
        unanswered, moved_at_once = await desk.refund(refund_id), await desk.moved()
        [message] = await messages(desk.database)
        await desk.work(later=LATER)

        assert (unanswered.state, message.last_error, len(moved_at_once)) == ("APPROVED", GatewayTimeout.code, moved)
        assert (await desk.refund(refund_id)).state is RefundState.SETTLED
        assert await desk.moved() == [(f"refund:{refund_id}", CENTS)]

    async def test_never_calls_a_refund_failed_that_the_bank_did_not_refuse(self, desk: Desk) -> None:
        refund_id = await desk.ask_refund("tok_unavailable_1")

        for day in range(MOST_ATTEMPTS + 1):
            await desk.work(later=timedelta(days=day))

        [message] = await messages(desk.database)
        assert (message.state, message.last_error) == ("DEAD", "GATEWAY_UNAVAILABLE")
        assert (await desk.refund(refund_id)).state is RefundState.APPROVED
        assert await desk.moved() == []

    async def test_goes_on_under_the_same_key_when_the_dead_are_revived(self, desk: Desk) -> None:
        refund_id = await desk.ask_refund("tok_timeout_after_1")
        async with desk.database.unit_of_work() as session:
            await session.execute(update(OutboxMessage).values(attempts=MOST_ATTEMPTS - 1))
        await desk.work()
        [dead] = await messages(desk.database)
        async with desk.database.unit_of_work() as session:
            await leases.revive(session, kinds=[OutboxKind.REFUND], at=NOW)

        await desk.work()

        assert (dead.state, (await desk.refund(refund_id)).state) == ("DEAD", "SETTLED")
        assert await desk.moved() == [(f"refund:{refund_id}", CENTS)]

    async def test_keeps_the_money_of_a_payment_that_was_returned_meanwhile(self, desk: Desk) -> None:
        refund_id = await desk.ask_refund("CA00FF")
        await desk.take_payment_back()

        await desk.work()

        refund = await desk.refund(refund_id)
        assert (refund.state, refund.failure_code, refund.failed_at) == ("FAILED", "PAYMENT_RETURNED", NOW)
        assert await desk.moved() == []
        assert [message.state for message in await messages(desk.database)] == ["DONE"]

    @pytest.mark.parametrize("means", [PaymentMethodKind.TRANSFER, PaymentMethodKind.CHECK])
    async def test_never_tells_the_bank_a_reference_that_somebody_typed(
        self, desk: Desk, means: PaymentMethodKind
    ) -> None:
        refund_id = await desk.ask_refund("CA00FF")
        async with desk.database.unit_of_work() as session:
            await session.execute(update(Payment).values(means=means))

        await desk.work()

        refund = await desk.refund(refund_id)
        assert (refund.state, refund.failure_code, refund.failed_at) == ("FAILED", "REFUND_NEEDS_A_MEANS", NOW)
        assert await desk.bank.find(f"refund:{refund_id}") is None
        assert [message.state for message in await messages(desk.database)] == ["DONE"]

    @pytest.mark.parametrize(("reference", "later"), [("tok_timeout_after_1", LATER), ("tok_delayed_1", SETTLED_AFTER)])
    async def test_still_settles_what_the_bank_had_been_asked_for(
        self, desk: Desk, reference: str, later: timedelta
    ) -> None:
        refund_id = await desk.ask_refund(reference)
        await desk.work()
        await desk.take_payment_back()

        await desk.work(later=later)

        assert (await desk.refund(refund_id)).state is RefundState.SETTLED
        assert await desk.moved() == [(f"refund:{refund_id}", CENTS)]

    @pytest.mark.parametrize(
        "state",
        [RefundState.CANCELLED, RefundState.REFUSED, RefundState.SETTLED, RefundState.FAILED],
    )
    async def test_leaves_what_is_not_to_be_sent(self, desk: Desk, state: RefundState) -> None:
        refund_id = await desk.ask_refund("CA00FF", state)

        await desk.work()

        assert (await desk.refund(refund_id)).state is state
        assert await desk.bank.find(f"refund:{refund_id}") is None
        assert [message.state for message in await messages(desk.database)] == ["DONE"]
