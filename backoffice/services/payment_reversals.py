"""Undoing a payment that was recorded by mistake: it never came in, and what it paid is open again."""

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError, NotFound
from backoffice.ids import GlobalId
from backoffice.models import Payment, PaymentMethodKind, PaymentState, PostingKind
from backoffice.permissions import Capability
from backoffice.services import (
    accounts,
    allocations,
    amounts,
    credit_applications,
    known_payments,
    outbox,
    payment_means,
    payment_postings,
    payments,
)
from backoffice.services.credit_note_reversals import AlreadyReversed
from backoffice.services.plans import Caution, Order, Plan, Situation
from backoffice.services.quoted_acts import Act
from backoffice.services.quotes import QuoteStale


class PaymentCollected(BackofficeError):
    """The bank collected the payment: the money is there, so that nothing was recorded by mistake."""

    code = "PAYMENT_COLLECTED"

    def __init__(self) -> None:
        super().__init__(
            "The bank collected this payment: give the money back with a refund (refundPreview).", field="paymentId"
        )


class PaymentBeingCollected(BackofficeError):
    """The bank has been asked for the payment."""

    code = "PAYMENT_BEING_COLLECTED"

    def __init__(self) -> None:
        super().__init__(
            "The bank is being asked for this payment: wait for its answer, then refund what it collected.",
            field="paymentId",
        )


class PaymentRefunded(BackofficeError):
    """A part of the payment went back."""

    code = "PAYMENT_REFUNDED"

    def __init__(self, refunded_cents: int) -> None:
        super().__init__(
            f"{amounts.written(refunded_cents)} of this payment went back: take the refund back first, if it waits.",
            field="paymentId",
        )
        self.refunded_cents = refunded_cents


class PaymentCameToNothing(BackofficeError):
    """The payment brought no money that could be taken back."""

    code = "PAYMENT_CAME_TO_NOTHING"

    def __init__(self, state: PaymentState) -> None:
        super().__init__(f"This payment is {state.lower()}: it pays nothing, so nothing is to undo.", field="paymentId")
        self.state = state


class PaymentReverseOrder(Order):
    """Take back one payment that was recorded by mistake."""

    payment_id: int


async def plan(session: AsyncSession, situation: Situation, order: PaymentReverseOrder) -> Plan:
    """What would be due again. Raises NotFound, AlreadyReversed, and what a payment is refused for."""
    payment = await require_payment(session, subscriber_id=order.subscriber_id, payment_id=order.payment_id)
    _require_mistaken(payment, await payment_means.kind_of(session, payment))
    is_waiting = payment.state in known_payments.WAITING
    if is_waiting and not await outbox.is_waiting(
        session, subscriber_id=payment.subscriber_id, key=outbox.charge_key(payment.id), at=situation.at
    ):
        raise PaymentBeingCollected
    undone = payment_postings.planned(PostingKind.PAYMENT_REVERSAL, payment.amount_cents)
    account = await accounts.require(session, subscriber_id=order.subscriber_id, account_id=payment.billing_account_id)
    paid = await allocations.standing(session, payment=payment)
    return Plan(
        account_id=account.id,
        target=GlobalId("Payment", order.subscriber_id, payment.id),
        amount_cents=payment.amount_cents,
        balance_before_cents=account.balance_cents,
        postings=() if is_waiting else (undone,),
        allocations=allocations.taken_back(paid),
        cautions=(Caution.BECOMES_DUE_AGAIN,) if paid else (),
        is_limited=False,
        facts={"state": payment.state},
    )


async def carry_out(session: AsyncSession, situation: Situation, order: PaymentReverseOrder, plan: Plan) -> Payment:
    """Cancel the payment, open its invoices again, and let the account's credit settle again."""
    account, payment = await payments.locked(session, subscriber_id=order.subscriber_id, payment_id=order.payment_id)
    key = outbox.charge_key(payment.id)
    if payment.state in known_payments.WAITING and not await outbox.withdraw(
        session, subscriber_id=payment.subscriber_id, key=key, at=situation.at
    ):
        raise QuoteStale
    payment.state = PaymentState.CANCELLED
    await allocations.undo(session, payment=payment, at=situation.at)
    if plan.postings:
        await payment_postings.post(
            session, account, payment, PostingKind.PAYMENT_REVERSAL, situation.at, situation.today
        )
    await credit_applications.settle(session, account=account, at=situation.at)
    return payment


async def require_payment(session: AsyncSession, *, subscriber_id: int, payment_id: int) -> Payment:
    """A payment of the subscriber, read anew; raises NotFound."""
    payment = await session.get(Payment, {"subscriber_id": subscriber_id, "id": payment_id}, populate_existing=True)
    if payment is None:
        raise NotFound("There is no such payment.", field="paymentId")
    return payment


def _require_mistaken(payment: Payment, kind: PaymentMethodKind | None) -> None:
    """Only what somebody typed in, or what nobody was asked for yet, can have been a mistake."""
    if payment.state is PaymentState.CANCELLED:
        raise AlreadyReversed("payment", "paymentId")
    if payment.state in known_payments.WAITING:
        return
    if payment.state is not PaymentState.CAPTURED:
        raise PaymentCameToNothing(payment.state)
    if kind not in payment_means.RECEIVED:
        raise PaymentCollected
    if payment.refunded_cents:
        raise PaymentRefunded(payment.refunded_cents)


ACT = Act(
    operation="paymentReverse",
    needs=Capability.PAYMENT_WRITE,
    order=PaymentReverseOrder,
    plan=plan,
    carry_out=carry_out,
)
