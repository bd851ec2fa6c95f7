"""Payments that the bank takes back after it had collected them, and returns that were recorded by mistake.

What had gone back to the subscriber of such a payment stays gone: the whole payment is due again. What only waits to go
back is kept. Nothing is charged a second time by itself.
"""

import re
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.periods import civil_day
from backoffice.errors import BackofficeError, BadInput
from backoffice.ids import GlobalId
from backoffice.models import Payment, PaymentMethodKind, PaymentState, PostingKind, Refund, RefundState
from backoffice.permissions import Capability
from backoffice.services import (
    accounts,
    allocations,
    credit_applications,
    credit_note_reversals,
    payment_means,
    payment_postings,
    payments,
    refunds,
)
from backoffice.services.payment_reversals import require_payment
from backoffice.services.plans import Caution, Order, Plan, Situation
from backoffice.services.quoted_acts import Act

UNCONDITIONAL_DAYS = 56
"""Eight weeks from the debit, in which the bank gives a direct debit back without asking why (CMF L133-25-1)."""
_CODE = re.compile(r"[A-Z]{2}[0-9]{2}")


class PaymentNotCollected(BackofficeError):
    """The payment brought no money that the bank could take back."""

    code = "PAYMENT_NOT_COLLECTED"

    def __init__(self, state: PaymentState) -> None:
        super().__init__(
            f"This payment is {state.lower()}: only what was collected can be returned.", field="paymentId"
        )
        self.state = state


class MeansUnknown(BackofficeError):
    """Nobody knows any more how the payment came in: an import summed up many."""

    code = "PAYMENT_MEANS_UNKNOWN"

    def __init__(self) -> None:
        super().__init__(
            "This payment sums up what was paid before the import, so no bank can return it: record the return there.",
            field="paymentId",
        )


class PaymentReturnOrder(Order):
    """The bank took a payment back; `return_code` is its reason, an ISO 20022 code such as AM04 or MD06."""

    payment_id: int
    return_code: str


async def plan(session: AsyncSession, situation: Situation, order: PaymentReturnOrder) -> Plan:
    """What is open again. Raises NotFound, BadInput, PaymentNotCollected and MeansUnknown."""
    if not _CODE.fullmatch(order.return_code):
        raise BadInput("Give the bank's code: two letters and two digits, such as AM04 or MD06.", field="returnCode")
    payment = await require_payment(session, subscriber_id=order.subscriber_id, payment_id=order.payment_id)
    if payment.state is not PaymentState.CAPTURED:
        raise PaymentNotCollected(payment.state)
    kind = await payment_means.kind_of(session, payment)
    if kind is None:
        raise MeansUnknown
    account = await accounts.require(session, subscriber_id=order.subscriber_id, account_id=payment.billing_account_id)
    paid = await allocations.standing(session, payment=payment)
    until = _unconditional_until(payment, kind)
    waiting = await _refunds_waiting(session, payment)
    kept = [refund for refund in waiting if await credit_note_reversals.is_withdrawable(session, refund, situation.at)]
    kept_cents = sum(refund.amount_cents for refund in kept)
    found = {
        Caution.BECOMES_DUE_AGAIN: bool(paid),
        Caution.REFUND_ON_ITS_WAY: len(kept) < len(waiting),
        Caution.DEADLINE_OVER: until is not None and situation.today > until,
    }
    return Plan(
        account_id=account.id,
        target=GlobalId("Payment", order.subscriber_id, payment.id),
        amount_cents=payment.amount_cents,
        balance_before_cents=account.balance_cents,
        postings=(
            *(credit_note_reversals.reversal_posting(refund) for refund in kept),
            payment_postings.planned(PostingKind.PAYMENT_RETURN, payment.amount_cents),
        ),
        allocations=allocations.taken_back(paid),
        cautions=tuple(caution for caution, holds in found.items() if holds),
        is_limited=False,
        facts={
            "reason": order.return_code,
            "refunded_cents": payment.refunded_cents - kept_cents,
            "taken_back": [refund.id for refund in kept],
            "unconditional_refund_until": until.isoformat() if until else None,
        },
    )


async def carry_out(session: AsyncSession, situation: Situation, order: PaymentReturnOrder, plan: Plan) -> Payment:
    """Keep what waits to go back, book the return, open the invoices again, and let the account's credit settle again.

    Raises QuoteStale when the outbox has begun to send such a refund.
    """
    account, payment = await payments.locked(session, subscriber_id=order.subscriber_id, payment_id=order.payment_id)
    for refund_id in plan.facts["taken_back"]:
        refund = await session.get_one(Refund, {"subscriber_id": order.subscriber_id, "id": refund_id})
        await refunds.cancel(session, account=account, refund=refund, at=situation.at, today=situation.today)
    payment.state, payment.returned_at, payment.return_code = PaymentState.RETURNED, situation.at, order.return_code
    await allocations.undo(session, payment=payment, at=situation.at)
    await payment_postings.post(session, account, payment, PostingKind.PAYMENT_RETURN, situation.at, situation.today)
    await credit_applications.settle(session, account=account, at=situation.at)
    return payment


def _unconditional_until(payment: Payment, kind: PaymentMethodKind) -> date | None:
    if kind is not PaymentMethodKind.DIRECT_DEBIT or payment.captured_at is None:
        return None
    return civil_day(payment.captured_at) + timedelta(days=UNCONDITIONAL_DAYS)


async def _refunds_waiting(session: AsyncSession, payment: Payment) -> list[Refund]:
    found = await session.execute(
        select(Refund)
        .where(Refund.subscriber_id == payment.subscriber_id, Refund.payment_id == payment.id)
        .where(Refund.state == RefundState.APPROVED)
        .order_by(Refund.id)
        .execution_options(populate_existing=True)
    )
    return list(found.scalars())


ACT = Act(
    operation="paymentReturn",
    needs=Capability.PAYMENT_WRITE,
    order=PaymentReturnOrder,
    plan=plan,
    carry_out=carry_out,
)
