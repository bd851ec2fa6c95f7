"""Undoing a refund that waits to be sent: what the refund act did is taken back, what led to it by another act stays."""

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError, NotFound
from backoffice.ids import GlobalId
from backoffice.models import BillingAccount, CreditNote, Refund, RefundState
from backoffice.permissions import Capability
from backoffice.services import credit_note_reversals, postings, refund_acts, refunds
from backoffice.services.credit_note_reversals import AlreadyReversed
from backoffice.services.plans import Order, Plan, Situation
from backoffice.services.quoted_acts import Act

_GONE = (RefundState.SENT, RefundState.SETTLED)


class RefundAlreadySent(BackofficeError):
    """The money has left: only the credit note that it rests on can be taken back."""

    code = "REFUND_ALREADY_SENT"

    def __init__(self) -> None:
        super().__init__(
            "This money has left and cannot be called back. Take the credit note back (creditNoteReversePreview): "
            "its amount is then due again.",
            field="refundId",
        )


class RefundNotWaiting(BackofficeError):
    """The refund came to nothing by itself."""

    code = "REFUND_NOT_WAITING"

    def __init__(self, state: RefundState) -> None:
        super().__init__(
            f"This refund is {state.lower()}: no money left, and its amount is on the account already.",
            field="refundId",
        )
        self.state = state


class RefundReverseOrder(Order):
    """Take one refund back before it is sent."""

    refund_id: int


async def plan(session: AsyncSession, situation: Situation, order: RefundReverseOrder) -> Plan:
    """What is taken back: the refund with the note that its own act issued, or else the refund alone.

    Raises NotFound, AlreadyReversed, RefundAlreadySent, RefundNotWaiting and RefundBeingSent.
    """
    key = {"subscriber_id": order.subscriber_id, "id": order.refund_id}
    refund = await session.get(Refund, key, populate_existing=True)
    if refund is None:
        raise NotFound("There is no such refund.", field="refundId")
    _require_waiting(refund)
    target = GlobalId("Refund", order.subscriber_id, refund.id)
    note = await _own_note(session, refund)
    if note is None:
        await credit_note_reversals.require_withdrawable(session, [refund], at=situation.at)
        return await _of_money(session, refund, target)
    made = await refunds.of_note(session, subscriber_id=order.subscriber_id, credit_note_id=note.id)
    if any(each.state in _GONE for each in made):
        raise RefundAlreadySent
    return await credit_note_reversals.plan_for(session, situation, note, made, target=target)


async def carry_out(session: AsyncSession, situation: Situation, order: RefundReverseOrder, plan: Plan) -> Refund:
    """Cancel the refund and, if the plan says so, issue the document that takes its credit note back."""
    refund = await session.get_one(Refund, {"subscriber_id": order.subscriber_id, "id": order.refund_id})
    if plan.document is not None:
        await credit_note_reversals.carry_out(session, situation, order, plan)
        return refund
    account = await postings.lock(session, subscriber_id=order.subscriber_id, account_id=plan.account_id)
    await refunds.cancel(session, account=account, refund=refund, at=situation.at, today=situation.today)
    return refund


def _require_waiting(refund: Refund) -> None:
    if refund.state in _GONE:
        raise RefundAlreadySent
    if refund.state is RefundState.CANCELLED:
        raise AlreadyReversed("refund", "refundId")
    if refund.state is not RefundState.APPROVED:
        raise RefundNotWaiting(refund.state)


async def _own_note(session: AsyncSession, refund: Refund) -> CreditNote | None:
    """The credit note that the refund act itself issued and that stands."""
    if refund.credit_note_id is None:
        return None
    note = await session.get_one(CreditNote, {"subscriber_id": refund.subscriber_id, "id": refund.credit_note_id})
    is_own = note.operation == refund_acts.ACT.operation
    return note if is_own and not await credit_note_reversals.is_reversed(session, note) else None


async def _of_money(session: AsyncSession, refund: Refund, target: GlobalId) -> Plan:
    """Only the money stays: its credit was there before, or has a document of its own."""
    account = await session.get_one(
        BillingAccount, {"subscriber_id": refund.subscriber_id, "id": refund.billing_account_id}
    )
    return Plan(
        account_id=account.id,
        target=target,
        amount_cents=refund.amount_cents,
        balance_before_cents=account.balance_cents,
        postings=(credit_note_reversals.reversal_posting(refund),),
        to_balance_cents=refund.amount_cents,
        facts={"taken_back": [refund.id], "reason": refund.reason.value},
    )


ACT = Act(
    operation="refundReverse",
    needs=Capability.REFUND_WRITE,
    order=RefundReverseOrder,
    plan=plan,
    carry_out=carry_out,
)
