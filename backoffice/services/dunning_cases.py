"""What is known of an invoice that is overdue: the steps taken, why the money did not come, what may forbid the next step."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Exists, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.periods import civil_day
from backoffice.ids import GlobalId
from backoffice.models import (
    DunningStep,
    DunningStepKind,
    ExtraCharge,
    Invoice,
    InvoiceKind,
    InvoiceState,
    Payment,
    PaymentAllocation,
    PaymentMethod,
    PaymentMethodState,
    PaymentState,
    Subscriber,
    Ticket,
    TicketState,
    TicketTopic,
)
from backoffice.policy import DunningPolicy
from backoffice.services import known_payments
from backoffice.services.abilities import FINISHED

FRAGILE, EXCUSED = "FRAGILE", "EXCUSED"
OPEN = (InvoiceState.ISSUED, InvoiceState.PARTIALLY_PAID)
_ANSWERED = (*FINISHED, TicketState.RESOLVED)
_REFUSED = (PaymentState.FAILED, PaymentState.DENIED, PaymentState.RETURNED)


@dataclass(frozen=True, slots=True)
class Case:
    """An overdue invoice, the days on which steps were taken, and the last payment that was refused since it was issued."""

    invoice: Invoice
    taken: dict[DunningStepKind, date]
    refused: Payment | None

    @property
    def since_on(self) -> date:
        """Since when the subscriber knows that the money did not come."""
        return civil_day(self.refused.requested_at) if self.refused else self.invoice.due_on


async def next_subscribers(
    session: AsyncSession, policy: DunningPolicy, *, on: date, after: int, at_most: int
) -> list[int]:
    """The next subscribers, in the order of their ids, with an invoice that is due and whose last step was not taken."""
    row, step, payment = Invoice, DunningStep, Payment
    wanted_on = on - timedelta(days=policy.reminder_days)
    # On the due date itself there are many: only those matter of which the bank has said no.
    is_refused = exists(
        select(payment.id)
        .where(payment.subscriber_id == row.subscriber_id, payment.billing_account_id == row.billing_account_id)
        .where(payment.state.in_(_REFUSED))
    )
    is_over = exists(
        select(step.id)
        .where(step.subscriber_id == row.subscriber_id, step.invoice_id == row.id)
        .where(step.kind == DunningStepKind.SUSPENSION)
    )
    found = await session.execute(
        select(row.subscriber_id)
        .where(row.state.in_(OPEN), row.due_on <= wanted_on, ~is_over)
        .where(or_(row.due_on < wanted_on, is_refused))
        .where(row.subscriber_id > after, row.kind == InvoiceKind.INVOICE)
        .distinct()
        .order_by(row.subscriber_id)
        .limit(at_most)
    )
    return list(found.scalars())


async def has_open_claim(session: AsyncSession, subscriber_id: int) -> bool:
    """Whether the subscriber disputes a bill: a ticket on billing that is neither answered nor closed."""
    ticket = Ticket
    found = await session.execute(
        select(ticket.id)
        .where(ticket.subscriber_id == subscriber_id, ticket.topic == TicketTopic.BILLING)
        .where(ticket.state.not_in(_ANSWERED))
        .limit(1)
    )
    return found.first() is not None


async def overdue(
    session: AsyncSession, *, subscriber_id: int, least_cents: int, on: date, account_id: int | None = None
) -> list[Invoice]:
    """The invoices of a subscriber (or of one account) that are due by a day and owe at least so many cents."""
    row = Invoice
    found = await session.execute(
        select(row)
        .where(row.subscriber_id == subscriber_id, row.state.in_(OPEN), row.kind == InvoiceKind.INVOICE)
        .where(row.due_on <= on, *([] if account_id is None else [row.billing_account_id == account_id]))
        .order_by(row.due_on, row.id)
        .execution_options(populate_existing=True)
    )
    return [invoice for invoice in found.scalars() if invoice.due_cents >= least_cents]


async def read(session: AsyncSession, invoice: Invoice) -> Case:
    """What is known of an overdue invoice."""
    step, payment = DunningStep, Payment
    steps = await session.execute(
        select(step).where(step.subscriber_id == invoice.subscriber_id, step.invoice_id == invoice.id)
    )
    refused = await session.execute(
        select(payment)
        .where(payment.subscriber_id == invoice.subscriber_id, payment.state.in_(_REFUSED))
        .where(payment.billing_account_id == invoice.billing_account_id)
        .where(payment.requested_at >= _midnight(invoice.issued_on))
        .order_by(payment.requested_at.desc())
        .limit(1)
    )
    taken = {each.kind: civil_day(each.taken_at) for each in steps.scalars()}
    return Case(invoice, taken, refused.scalar_one_or_none())


async def why_no_fee(session: AsyncSession, case: Case) -> str | None:
    """Why the refused payment cost nothing; None when its fee was charged (Code de la consommation, L224-37)."""
    assert case.refused is not None, "there is no fee without a refusal"
    cause = GlobalId("Payment", case.refused.subscriber_id, case.refused.id).encode()
    charge = ExtraCharge
    found = await session.execute(
        select(charge.id)
        .where(charge.subscriber_id == case.invoice.subscriber_id, charge.cause == cause)
        .where(charge.billing_account_id == case.invoice.billing_account_id)
        .limit(1)
    )
    if found.first() is not None:
        return None
    subscriber = await session.get_one(Subscriber, case.invoice.subscriber_id)
    return FRAGILE if subscriber.is_fragile else EXCUSED


async def is_being_paid(session: AsyncSession, invoice: Invoice) -> bool:
    """Whether payments that the bank has not answered yet will pay the rest of the invoice."""
    of = {"subscriber_id": invoice.subscriber_id, "account_id": invoice.billing_account_id}
    due = await overdue(session, **of, least_cents=1, on=invoice.due_on)
    covered = await known_payments.covered(session, **of, due=due)
    return covered.get(invoice.id) == invoice.due_cents


async def was_refused(session: AsyncSession, invoice: Invoice) -> bool:
    """Whether the bank has said no since the invoice was due, or took back a debit that had paid a part of it."""
    payment, allocation = Payment, PaymentAllocation
    paid_it = select(allocation.payment_id).where(
        allocation.subscriber_id == invoice.subscriber_id, allocation.invoice_id == invoice.id
    )
    is_later = payment.requested_at >= _midnight(invoice.due_on)
    found = await session.execute(
        select(payment.id)
        .where(payment.subscriber_id == invoice.subscriber_id, payment.state.in_(_REFUSED))
        .where(payment.billing_account_id == invoice.billing_account_id, or_(is_later, payment.id.in_(paid_it)))
        .limit(1)
    )
    return found.first() is not None


async def has_untried_means(session: AsyncSession, case: Case) -> bool:
    """Whether a payment is under way, or a means was given since the money did not come that nobody has charged yet."""
    found = await session.scalar(select(or_(_is_under_way(case.invoice), _is_given(case))))
    return bool(found)


def _is_under_way(invoice: Invoice) -> Exists:
    payment = Payment
    return exists(
        select(payment.id)
        .where(payment.subscriber_id == invoice.subscriber_id, payment.state.in_(known_payments.WAITING))
        .where(payment.billing_account_id == invoice.billing_account_id)
    )


def _is_given(case: Case) -> Exists:
    method, payment = PaymentMethod, Payment
    is_tried = exists(
        select(payment.id)
        .where(payment.subscriber_id == method.subscriber_id, payment.payment_method_id == method.id)
        .where(payment.requested_at >= _midnight(case.since_on))
    )
    return exists(
        select(method.id)
        .where(method.subscriber_id == case.invoice.subscriber_id, method.state == PaymentMethodState.ACTIVE)
        .where(method.billing_account_id == case.invoice.billing_account_id, method.added_on >= case.since_on)
        .where(~is_tried)
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
