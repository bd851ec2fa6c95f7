"""Dunning: what is done about an invoice that stays unpaid, step by step, each once, and none before the one before it.

Nothing is done about less than the policy's least amount, nor while the subscriber disputes a bill. Nobody is reminded of
what a payment that the bank has not answered yet will pay. Services are not cut
while a means of payment that was given after the refusal has not been tried. The fee of a refused payment is charged when
it is refused (`rejection_fees`); here the invoice remembers that it was, or why it was not.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import policy as policies
from backoffice.database import Database
from backoffice.ids import GlobalId, new_id
from backoffice.models import BillingAccount, Contract, DunningStep, DunningStepKind, Invoice
from backoffice.policy import DunningPolicy
from backoffice.services import credit_applications, dunning_cases, outbox, postings, unpaid_services
from backoffice.services.dunning_cases import Case

NOTHING_TO_CUT = "NOTHING_TO_CUT"
_AT_ONCE = 100
_ORDER = (DunningStepKind.REMINDER, DunningStepKind.SECOND_REMINDER, DunningStepKind.SUSPENSION)
_REMINDERS = (DunningStepKind.REMINDER, DunningStepKind.SECOND_REMINDER)
_MAILS = {
    DunningStepKind.REMINDER: "dunning_reminder",
    DunningStepKind.SECOND_REMINDER: "dunning_second_reminder",
    DunningStepKind.SUSPENSION: "dunning_suspension",
}


async def take_steps(database: Database, *, on: date, at: datetime) -> int:
    """Take every step that is due by a day; returns how many. A second call finds them taken."""
    policy, taken, reached = policies.in_force(on).dunning, 0, 0
    while True:
        async with database.reading() as session:
            subscriber_ids = await dunning_cases.next_subscribers(
                session, policy, on=on, after=reached, at_most=_AT_ONCE
            )
        if not subscriber_ids:
            return taken
        async with database.unit_of_work() as session:
            for subscriber_id in subscriber_ids:
                taken += await of_subscriber(session, subscriber_id=subscriber_id, policy=policy, on=on, at=at)
        reached = subscriber_ids[-1]


async def of_subscriber(
    session: AsyncSession, *, subscriber_id: int, policy: DunningPolicy, on: date, at: datetime
) -> int:
    """Take the steps that are due about the invoices of one subscriber; returns how many."""
    await postings.lock_file(session, subscriber_id=subscriber_id)
    if await dunning_cases.has_open_claim(session, subscriber_id):
        return 0
    taken = 0
    for invoice in await dunning_cases.overdue(
        session, subscriber_id=subscriber_id, least_cents=policy.least_cents, on=on
    ):
        case = await dunning_cases.read(session, invoice)
        for kind, due_on in _due(case, policy, on):
            taken += await _take(session, case, kind, due_on=due_on, on=on, at=at)
    return taken


async def settle(session: AsyncSession, *, account: BillingAccount, at: datetime, today: date) -> None:
    """Let the credit of the locked account pay after a credit note, and bring services back that its debt had cut."""
    await credit_applications.settle(session, account=account, at=at)
    await reactivate(session, account=account, at=at, today=today)


async def reactivate(session: AsyncSession, *, account: BillingAccount, at: datetime, today: date) -> list[Contract]:
    """Bring back the services of a locked account on the day on which nothing overdue is left; returns their contracts."""
    least_cents = policies.in_force(today).dunning.least_cents
    left = await dunning_cases.overdue(
        session,
        subscriber_id=account.subscriber_id,
        account_id=account.id,
        least_cents=least_cents,
        on=today - timedelta(days=1),
    )
    if left:
        return []
    return await unpaid_services.restore(
        session, subscriber_id=account.subscriber_id, account_id=account.id, on=today, at=at
    )


def _due(case: Case, policy: DunningPolicy, on: date) -> Iterator[tuple[DunningStepKind, date]]:
    """The steps that have come, with the day on which each was due."""
    if case.refused is not None and DunningStepKind.FEE not in case.taken:
        yield DunningStepKind.FEE, on
    step = next((kind for kind in _ORDER if kind not in case.taken), None)
    if step is None:
        return
    due_on = _day(case, step, policy)
    # On the due date itself the money may still come in, unless the bank has said no.
    if due_on < on or (due_on == on and (step is not DunningStepKind.REMINDER or case.refused is not None)):
        yield step, due_on


def _day(case: Case, step: DunningStepKind, policy: DunningPolicy) -> date:
    """The day of a step: by the due date, and never nearer to the step before than the policy says."""
    days = dict(zip(_ORDER, (policy.reminder_days, policy.second_reminder_days, policy.suspension_days), strict=True))
    by_due_date = case.invoice.due_on + timedelta(days=days[step])
    place = _ORDER.index(step)
    if place == 0:
        return by_due_date
    before = _ORDER[place - 1]
    return max(by_due_date, case.taken[before] + timedelta(days=days[step] - days[before]))


async def _take(
    session: AsyncSession, case: Case, kind: DunningStepKind, *, due_on: date, on: date, at: datetime
) -> int:
    """Take one step and write it down; 0 when it has to wait."""
    invoice = case.invoice
    skipped = None
    if kind in _REMINDERS and await dunning_cases.is_being_paid(session, invoice):
        return 0
    if kind is DunningStepKind.FEE:
        skipped = await dunning_cases.why_no_fee(session, case)
    if kind is DunningStepKind.SUSPENSION:
        if await dunning_cases.has_untried_means(session, case):
            return 0
        skipped = await _cut(session, invoice, on=on, at=at)
    if kind in _MAILS and skipped is None:
        outbox.mail(session, subscriber_id=invoice.subscriber_id, template=_MAILS[kind], about=invoice.id, at=at)
    session.add(
        DunningStep(
            subscriber_id=invoice.subscriber_id,
            id=new_id(at),
            invoice_id=invoice.id,
            kind=kind,
            due_on=due_on,
            taken_at=at,
            skipped_because=skipped,
        )
    )
    await session.flush()  # the database refuses a step that is taken twice
    return 1


async def _cut(session: AsyncSession, invoice: Invoice, *, on: date, at: datetime) -> str | None:
    contracts = await unpaid_services.cut(
        session,
        subscriber_id=invoice.subscriber_id,
        account_id=invoice.billing_account_id,
        details={"invoice": GlobalId("Invoice", invoice.subscriber_id, invoice.id).encode()},
        on=on,
        at=at,
    )
    return None if contracts else NOTHING_TO_CUT
