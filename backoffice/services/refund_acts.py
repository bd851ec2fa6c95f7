"""The refund as an act of an agent: money of an invoice, or of a payment that pays no invoice, goes back.

A refund draws on a credit: on what the invoice was credited and not paid back, and for the rest on a credit note that is
issued with it. So it never makes the subscriber owe money.
"""

from dataclasses import replace

from pydantic import model_validator
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.credits import refund as share_out
from backoffice.errors import BackofficeError, BadInput, NotFound
from backoffice.ids import GlobalId
from backoffice.models import (
    BillingAccount,
    CreditReason,
    Payment,
    PaymentAllocation,
    PaymentMethod,
    PaymentMethodKind,
    PaymentState,
    Refund,
)
from backoffice.permissions import Capability
from backoffice.services import (
    amounts,
    credit_applications,
    credit_note_rows,
    credit_notes,
    crediting,
    dunning,
    gifts,
    money_back,
    postings,
    refunds,
)
from backoffice.services.money_back import Paid
from backoffice.services.plans import Order, Plan, PlannedRefund, Situation
from backoffice.services.quoted_acts import Act
from backoffice.services.standing import Standing


class PaymentReturned(BackofficeError):
    """The bank took the payment back: there is nothing of it to give back."""

    code = "PAYMENT_RETURNED"

    def __init__(self, field: str) -> None:
        super().__init__(
            "The bank took this payment back, so nothing of it can be refunded: the invoice is open again.", field=field
        )


class RefundOrder(Order):
    """Give back an amount of an invoice, or of a payment that was more than what was due.

    `invoice_line_id` names the line that is credited for it; without one it is spread over the lines of the invoice.
    """

    invoice_id: int | None = None
    invoice_line_id: int | None = None
    payment_id: int | None = None
    amount_cents: int
    reason: CreditReason

    @model_validator(mode="after")
    def _one_source(self) -> "RefundOrder":
        if (self.invoice_id is None) == (self.payment_id is None):
            raise BadInput("Give either 'invoiceId' or 'paymentId'.", field="invoiceId")
        if self.invoice_line_id is not None and self.invoice_id is None:
            raise BadInput("'invoiceLineId' goes with the 'invoiceId' of its invoice.", field="invoiceLineId")
        return self


async def plan(session: AsyncSession, situation: Situation, order: RefundOrder) -> Plan:
    """What goes back to which payment, and the credit note that is issued for it.

    Raises NotFound, PaymentReturned, and AmountRefused with what can be refunded.
    """
    amounts.require_positive(order.amount_cents, policy=situation.policy)
    if order.payment_id is not None:
        return await _of_payment(session, order, order.payment_id)
    assert order.invoice_id is not None, "an order names an invoice or a payment"
    stands = await credit_notes.require_standing(
        session, subscriber_id=order.subscriber_id, invoice_id=order.invoice_id
    )
    paid = await money_back.read(session, subscriber_id=order.subscriber_id, invoice_id=order.invoice_id)
    if paid.is_returned and not paid.refundable_cents:
        raise PaymentReturned("invoiceId")
    kept_cents = await _kept_credit(session, stands)
    line = credit_notes.require_line(stands, order.invoice_line_id) if order.invoice_line_id else None
    _require_refundable(order, paid, kept_cents + (stands.of_line(line) if line else stands.creditable_cents))
    shares = share_out(asked_cents=order.amount_cents, paid_by=paid.paid_by, refunded_by=paid.refunded_by)
    newly_cents = order.amount_cents - min(kept_cents, order.amount_cents)
    parts = [(line, newly_cents)] if line and newly_cents else stands.spread(newly_cents)
    taken = crediting.of_amounts(stands, parts)
    made = await crediting.plan(session, situation, stands, taken, reason=order.reason, refunds=shares)
    asked_for = await gifts.asked_for(session, situation, order, taken, order.reason)
    made = replace(made, amount_cents=order.amount_cents, asked_for=asked_for, facts={"reason": order.reason.value})
    return made if taken else replace(made, document=None, postings=made.postings[1:])


async def carry_out(session: AsyncSession, situation: Situation, order: RefundOrder, plan: Plan) -> Refund:
    """Issue the credit note, if there is one, and decide the refunds; returns the first."""
    account = await postings.lock(session, subscriber_id=order.subscriber_id, account_id=plan.account_id)
    note = None
    if plan.document is not None:
        note = await credit_note_rows.issue(session, situation, order, plan, account, operation=ACT.operation)
    made = await refunds.decide(
        session,
        situation,
        order,
        plan,
        account,
        reason=order.reason,
        invoice_id=order.invoice_id,
        credit_note_id=note.id if note else None,
    )
    await dunning.settle(session, account=account, at=situation.at, today=situation.today)
    return made[0]


async def _kept_credit(session: AsyncSession, stands: Standing) -> int:
    """What was paid or credited beyond the invoice, was not paid back, and still waits on the account, in cents."""
    invoice = stands.invoice
    account = await session.get_one(
        BillingAccount, {"subscriber_id": invoice.subscriber_id, "id": invoice.billing_account_id}
    )
    issued = await credit_applications.invoices(session, account)
    free_cents = credit_applications.free_credit_cents(issued, balance_cents=account.balance_cents)
    return max(0, min(invoice.kept_cents, free_cents))


def _require_refundable(order: RefundOrder, paid: Paid, creditable_cents: int) -> None:
    most_cents = min(paid.refundable_cents, creditable_cents)
    amounts.require_at_most(
        order.amount_cents, most_cents, what="what was paid and not yet refunded", code="REFUND_TOO_LARGE"
    )


async def _of_payment(session: AsyncSession, order: RefundOrder, payment_id: int) -> Plan:
    """The refund of the part of a payment that pays nothing."""
    key = {"subscriber_id": order.subscriber_id, "id": payment_id}
    payment = await session.get(Payment, key, populate_existing=True)
    if payment is None:
        raise NotFound("There is no such payment.", field="paymentId")
    if payment.state is PaymentState.RETURNED:
        raise PaymentReturned("paymentId")
    account = await session.get_one(
        BillingAccount, {"subscriber_id": order.subscriber_id, "id": payment.billing_account_id}
    )
    most_cents = await _unused(session, payment, account)
    amounts.require_at_most(
        order.amount_cents, most_cents, what="what this payment paid beyond what was due", code="REFUND_TOO_LARGE"
    )
    return Plan(
        account_id=account.id,
        target=GlobalId("Payment", order.subscriber_id, payment_id),
        amount_cents=order.amount_cents,
        balance_before_cents=account.balance_cents,
        postings=(crediting.refund_posting(order.amount_cents),),
        refunds=(PlannedRefund(order.subscriber_id, payment_id, await _means(session, payment), order.amount_cents),),
        facts={"reason": order.reason.value},
    )


async def _unused(session: AsyncSession, payment: Payment, account: BillingAccount) -> int:
    """What of a captured payment neither paid an invoice nor went back nor pays one by way of the account."""
    if payment.state is not PaymentState.CAPTURED:
        return 0
    part = PaymentAllocation
    allocated = await session.execute(
        select(func.coalesce(func.sum(part.amount_cents), 0)).where(
            part.subscriber_id == payment.subscriber_id, part.payment_id == payment.id, part.is_undone.is_(False)
        )
    )
    back = await session.execute(
        select(func.coalesce(func.sum(Refund.amount_cents), 0))
        .where(Refund.subscriber_id == payment.subscriber_id, Refund.payment_id == payment.id)
        .where(Refund.invoice_id.is_(None), Refund.state.in_(money_back.MOVED))
    )
    issued = await credit_applications.invoices(session, account)
    free_cents = credit_applications.free_credit_cents(issued, balance_cents=account.balance_cents)
    # What went back of its invoices came out of what it paid of them, not out of what was too much.
    unused_cents = payment.amount_cents - int(allocated.scalar_one()) - int(back.scalar_one())
    return max(0, min(unused_cents, free_cents, payment.amount_cents - payment.refunded_cents))


async def _means(session: AsyncSession, payment: Payment) -> PaymentMethodKind | None:
    if payment.payment_method_id is None:
        return payment.means
    key = {"subscriber_id": payment.subscriber_id, "id": payment.payment_method_id}
    method = await session.get(PaymentMethod, key)
    return method.kind if method else payment.means


ACT = Act(
    operation="refund",
    needs=Capability.REFUND_WRITE,
    order=RefundOrder,
    plan=plan,
    carry_out=carry_out,
)
