"""Undoing a return that was recorded by mistake: the payment stands again and pays what it had paid, where it still can."""

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError
from backoffice.ids import GlobalId
from backoffice.models import BillingAccount, Payment, PaymentState, PostingKind
from backoffice.permissions import Capability
from backoffice.services import accounts, allocations, credit_applications, dunning, payment_postings, payments
from backoffice.services.allocations import Shares
from backoffice.services.payment_reversals import require_payment
from backoffice.services.plans import Order, Plan, Situation
from backoffice.services.quoted_acts import Act


class PaymentNotReturned(BackofficeError):
    """There is no return to undo."""

    code = "PAYMENT_NOT_RETURNED"

    def __init__(self, state: PaymentState) -> None:
        super().__init__(
            f"This payment is {state.lower()}: there is no return of it to undo.",
            field="paymentId",
        )
        self.state = state


class PaymentReturnReverseOrder(Order):
    """The return of one payment was a mistake."""

    payment_id: int


async def plan(session: AsyncSession, situation: Situation, order: PaymentReturnReverseOrder) -> Plan:
    """What the payment pays again, and what of it stays on the account. Raises NotFound and PaymentNotReturned."""
    payment = await require_payment(session, subscriber_id=order.subscriber_id, payment_id=order.payment_id)
    if payment.state is not PaymentState.RETURNED:
        raise PaymentNotReturned(payment.state)
    account = await accounts.require(session, subscriber_id=order.subscriber_id, account_id=payment.billing_account_id)
    shares = await _shares(session, account, payment)
    return Plan(
        account_id=account.id,
        target=GlobalId("Payment", order.subscriber_id, payment.id),
        amount_cents=payment.amount_cents,
        balance_before_cents=account.balance_cents,
        postings=(payment_postings.planned(PostingKind.PAYMENT_RETURN_REVERSAL, payment.amount_cents),),
        to_balance_cents=shares.left_cents,
        allocations=shares.parts,
        is_limited=False,
        facts={"reason": payment.return_code, "stays_on_account_cents": shares.left_cents},
    )


async def carry_out(
    session: AsyncSession, situation: Situation, order: PaymentReturnReverseOrder, plan: Plan
) -> Payment:
    """Book that the money is there after all, and let it pay what the plan says."""
    account, payment = await payments.locked(session, subscriber_id=order.subscriber_id, payment_id=order.payment_id)
    payment.state, payment.returned_at, payment.return_code = PaymentState.CAPTURED, None, None
    await payment_postings.post(
        session, account, payment, PostingKind.PAYMENT_RETURN_REVERSAL, situation.at, situation.today
    )
    await allocations.write(session, payment=payment, parts=plan.allocations, at=situation.at)
    await credit_applications.settle(session, account=account, at=situation.at)
    await dunning.reactivate(session, account=account, at=situation.at, today=situation.today)
    return payment


async def _shares(session: AsyncSession, account: BillingAccount, payment: Payment) -> Shares:
    assert payment.returned_at is not None, "a returned payment says when"
    former = await allocations.undone_at(session, payment=payment, at=payment.returned_at)
    issued = await credit_applications.invoices(session, account)
    return allocations.restored(issued, former, payment.amount_cents)


ACT = Act(
    operation="paymentReturnReverse",
    needs=Capability.PAYMENT_WRITE,
    order=PaymentReturnReverseOrder,
    plan=plan,
    carry_out=carry_out,
)
