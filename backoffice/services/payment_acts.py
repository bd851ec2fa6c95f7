"""The payment as an act of an agent: any amount, by a card or a mandate that is charged, or received by transfer or check.

Money that comes in needs no ceiling. What is charged pays nothing yet: the plan says what it would pay if the bank
collected it now.
"""

from pydantic import model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BadInput
from backoffice.ids import GlobalId
from backoffice.models import (
    BillingAccount,
    Payment,
    PaymentMethod,
    PaymentMethodKind,
    PaymentState,
    PostingKind,
)
from backoffice.permissions import Capability
from backoffice.services import (
    accounts,
    allocations,
    amounts,
    credit_applications,
    known_payments,
    payment_means,
    payment_postings,
    payments,
    postings,
)
from backoffice.services.plans import Caution, Order, Plan, Situation
from backoffice.services.quoted_acts import Act


class PaymentOrder(Order):
    """Pay an amount to an account: charge one of its means, or record what was received, with the bank's reference."""

    billing_account_id: int
    amount_cents: int
    payment_method_id: int | None = None
    means: PaymentMethodKind | None = None
    reference: str | None = None
    receipt_email: str | None = None

    @model_validator(mode="after")
    def _one_means(self) -> "PaymentOrder":
        if (self.payment_method_id is None) == (self.means is None):
            raise BadInput("Give either 'paymentMethodId' or 'means'.", field="paymentMethodId")
        if self.means is not None and self.means not in payment_means.RECEIVED:
            raise BadInput(
                "Only a TRANSFER or a CHECK is received; to charge a card or a mandate, give 'paymentMethodId'.",
                field="means",
            )
        if self.means is not None and not self.reference:
            raise BadInput("Give the reference of the transfer or the number of the check.", field="reference")
        if self.means is None and self.reference:
            raise BadInput("The bank gives the reference of what is charged: leave it out.", field="reference")
        return self


async def plan(session: AsyncSession, situation: Situation, order: PaymentOrder) -> Plan:
    """Which invoices the payment pays, what stays due, and what stays as credit of the account.

    Raises NotFound, AmountRefused, and MeansUnusable with the means that can be charged.
    """
    amounts.require_positive(order.amount_cents, policy=situation.policy)
    account = await accounts.require(session, subscriber_id=order.subscriber_id, account_id=order.billing_account_id)
    method = await _method(session, situation, order)
    issued = await credit_applications.invoices(session, account)
    shares = allocations.oldest_first(issued, order.amount_cents)
    posting = payment_postings.planned(PostingKind.PAYMENT, order.amount_cents)
    due_cents = sum(invoice.due_cents for invoice in issued)
    on_its_way_cents = await known_payments.on_its_way_cents(session, account)
    return Plan(
        account_id=account.id,
        target=GlobalId("BillingAccount", order.subscriber_id, account.id),
        amount_cents=order.amount_cents,
        balance_before_cents=account.balance_cents,
        postings=() if method else (posting,),
        to_balance_cents=shares.left_cents,
        allocations=shares.parts,
        cautions=await _cautions(session, account, order, on_its_way_cents),
        is_limited=False,
        facts={
            "means": method.kind if method else order.means,
            "state": PaymentState.PENDING if method else PaymentState.CAPTURED,
            "due_before_cents": due_cents,
            "due_after_cents": due_cents - sum(part.amount_cents for part in shares.parts),
            "stays_on_account_cents": shares.left_cents,
            "on_its_way_cents": on_its_way_cents,
        },
    )


async def carry_out(session: AsyncSession, situation: Situation, order: PaymentOrder, plan: Plan) -> Payment:
    """Ask the outbox to charge the means, or book what was received."""
    account = await postings.lock(session, subscriber_id=order.subscriber_id, account_id=plan.account_id)
    method = await _method(session, situation, order)
    if method is not None:
        payment = payments.ask(session, account=account, method=method, cents=order.amount_cents, at=situation.at)
        payment.note, payment.receipt_email = order.note, order.receipt_email
        return payment
    assert order.means is not None, "an order names a means or a kind of means"
    assert order.reference is not None, "what was received has a reference"
    payment = await payments.receive(
        session,
        account=account,
        means=order.means,
        reference=order.reference,
        cents=order.amount_cents,
        receipt_email=order.receipt_email,
        at=situation.at,
        today=situation.today,
    )
    payment.note = order.note
    return payment


async def _method(session: AsyncSession, situation: Situation, order: PaymentOrder) -> PaymentMethod | None:
    if order.payment_method_id is None:
        return None
    return await payment_means.require_usable(
        session,
        subscriber_id=order.subscriber_id,
        account_id=order.billing_account_id,
        method_id=order.payment_method_id,
        on=situation.today,
    )


async def _cautions(
    session: AsyncSession, account: BillingAccount, order: PaymentOrder, on_its_way_cents: int
) -> tuple[Caution, ...]:
    found = {
        Caution.PAYMENT_ON_ITS_WAY: on_its_way_cents > 0,
        Caution.REFERENCE_KNOWN: order.reference is not None
        and await known_payments.has_reference(session, account, order.reference),
    }
    return tuple(caution for caution, holds in found.items() if holds)


ACT = Act(
    operation="payment",
    needs=Capability.PAYMENT_WRITE,
    order=PaymentOrder,
    plan=plan,
    carry_out=carry_out,
)
