"""Collections: on the day on which invoices are due, the default card or mandate of their account is asked for them, once.

What was refused or taken back is never debited again by itself: reminders follow, and somebody decides to pay or to charge.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import policy as policies
from backoffice.database import Database
from backoffice.ids import GlobalId, new_id
from backoffice.models import (
    AuditOutcome,
    BillingAccount,
    DunningStep,
    DunningStepKind,
    Invoice,
    InvoiceKind,
    Payment,
    PaymentMethod,
    Subscriber,
    SubscriberState,
)
from backoffice.permissions import SYSTEM
from backoffice.services import audit, dunning_cases, known_payments, payment_means, payments, postings

UNDER_WAY, REFUSED = "UNDER_WAY", "REFUSED"
_AT_ONCE = 100


async def ask(database: Database, *, on: date, at: datetime) -> int:
    """Ask for what is due by a day; returns how many payments were asked for. A second call finds them asked for."""
    asked = reached = 0
    while True:
        async with database.reading() as session:
            subscriber_ids = await _next_subscribers(session, on=on, after=reached)
        if not subscriber_ids:
            return asked
        async with database.unit_of_work() as session:
            for subscriber_id in subscriber_ids:
                asked += len(await of_subscriber(session, subscriber_id=subscriber_id, on=on, at=at))
        reached = subscriber_ids[-1]


async def of_subscriber(session: AsyncSession, *, subscriber_id: int, on: date, at: datetime) -> list[Payment]:
    """Ask for what is due by a day on the accounts of one subscriber; returns what was asked for."""
    await postings.lock_file(session, subscriber_id=subscriber_id)
    found = await session.execute(
        select(BillingAccount)
        .where(BillingAccount.subscriber_id == subscriber_id)
        .order_by(BillingAccount.id)
        .execution_options(populate_existing=True)
    )
    asked = [await _of_account(session, account, on=on, at=at) for account in found.scalars()]
    return [payment for payment in asked if payment is not None]


async def _next_subscribers(session: AsyncSession, *, on: date, after: int) -> list[int]:
    """The next subscribers, in the order of their ids, with an invoice to collect and a means that can be charged."""
    row, step, method = Invoice, DunningStep, PaymentMethod
    is_collected = exists(
        select(step.id)
        .where(step.subscriber_id == row.subscriber_id, step.invoice_id == row.id)
        .where(step.kind == DunningStepKind.COLLECTION)
    )
    can_be_charged = exists(
        select(method.id)
        .where(method.subscriber_id == row.subscriber_id, method.billing_account_id == row.billing_account_id)
        .where(payment_means.is_charged_by_itself(on))
    )
    found = await session.execute(
        select(row.subscriber_id)
        .join(Subscriber, Subscriber.id == row.subscriber_id)
        .where(row.state.in_(dunning_cases.OPEN), row.due_on <= on, row.kind == InvoiceKind.INVOICE)
        .where(~is_collected, can_be_charged, Subscriber.state != SubscriberState.ERASED)
        .where(row.subscriber_id > after)
        .distinct()
        .order_by(row.subscriber_id)
        .limit(_AT_ONCE)
    )
    return list(found.scalars())


async def _of_account(session: AsyncSession, account: BillingAccount, *, on: date, at: datetime) -> Payment | None:
    """Ask for the invoices of a locked account that were never asked for; None when there is nothing to ask for."""
    of = {"subscriber_id": account.subscriber_id, "account_id": account.id}
    means = await payment_means.charged_by_itself(session, **of, on=on)
    if means is None:
        return None
    due = await dunning_cases.overdue(session, **of, least_cents=1, on=on)
    fresh = await _never_collected(session, due)
    covered = await known_payments.covered(session, **of, due=due)
    skipped = {invoice.id: await _why_not(session, invoice, covered) for invoice in fresh}
    cents = sum(each.due_cents - covered.get(each.id, 0) for each in fresh if skipped[each.id] is None)
    if 0 < cents < policies.in_force(on).dunning.least_cents:
        return None
    for invoice in fresh:
        session.add(_step(invoice, skipped[invoice.id], at))
    await session.flush()  # the database refuses an invoice that is collected twice
    return await _ask(session, account, means, cents, at) if cents else None


async def _never_collected(session: AsyncSession, due: Sequence[Invoice]) -> list[Invoice]:
    step = DunningStep
    found = await session.execute(
        select(step.invoice_id)
        .where(step.subscriber_id.in_({invoice.subscriber_id for invoice in due}))
        .where(step.invoice_id.in_([invoice.id for invoice in due]), step.kind == DunningStepKind.COLLECTION)
    )
    collected = set(found.scalars())
    return [invoice for invoice in due if invoice.id not in collected]


async def _why_not(session: AsyncSession, invoice: Invoice, covered: Mapping[int, int]) -> str | None:
    """Why nothing is asked for an invoice, for good; None when it is asked for."""
    if await dunning_cases.was_refused(session, invoice):
        return REFUSED
    return UNDER_WAY if covered.get(invoice.id) == invoice.due_cents else None


def _step(invoice: Invoice, skipped: str | None, at: datetime) -> DunningStep:
    return DunningStep(
        subscriber_id=invoice.subscriber_id,
        id=new_id(at),
        invoice_id=invoice.id,
        kind=DunningStepKind.COLLECTION,
        due_on=invoice.due_on,
        taken_at=at,
        skipped_because=skipped,
    )


async def _ask(
    session: AsyncSession, account: BillingAccount, means: PaymentMethod, cents: int, at: datetime
) -> Payment:
    payment = payments.ask(session, account=account, method=means, cents=cents, at=at)
    await audit.append(
        session,
        viewer=SYSTEM,
        subscriber_id=account.subscriber_id,
        operation="paymentAsked",
        outcome=AuditOutcome.DONE,
        at=at,
        target=GlobalId("Payment", payment.subscriber_id, payment.id).encode(),
        after={"state": payment.state, "amount_cents": cents},
    )
    return payment
