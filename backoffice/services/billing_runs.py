"""Billing runs: everybody whose day has come, batch by batch, resumable, and never twice.

A batch is prepared while nobody waits, then issued in one short transaction that locks the run, checks that what it was
prepared from still holds, and moves on. Killed at any point, the same command goes on where the last batch was committed;
two at once take turns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import policy as policies
from backoffice.clock import Now
from backoffice.database import Database
from backoffice.errors import BackofficeError
from backoffice.ids import new_id
from backoffice.models import (
    BillingAccount,
    BillingRun,
    BillingRunState,
    Invoice,
    InvoiceKind,
)
from backoffice.services import billing_facts, due_subscribers, invoicing, issuing
from backoffice.services.billing_facts import AccountFacts
from backoffice.services.invoicing import InvoicePlan, Planned, Unbillable
from backoffice.services.tariffs import Tariff

BATCH = 200
"""Subscribers a transaction: what is locked at once, and what is done again after a kill, is bounded by it."""


class DayNotReached(BackofficeError):
    """A day that has not begun cannot be billed."""

    code = "BILLING_DAY_NOT_REACHED"

    def __init__(self, on: date, today: date) -> None:
        super().__init__(f"{on} has not begun: bill {today} or an earlier day.", field="on")
        self.latest_on = today


class DayPassed(BackofficeError):
    """Invoices of a later day were issued: numbers would no longer follow the days."""

    code = "BILLING_DAY_PASSED"

    def __init__(self, on: date, earliest_on: date) -> None:
        super().__init__(
            f"Invoices were issued up to {earliest_on}, and numbers follow the days: bill {earliest_on} or a later day "
            f"instead of {on}; what was due before is billed with it.",
            field="on",
        )
        self.earliest_on = earliest_on


class RunUnfinished(BackofficeError):
    """An earlier run was stopped in the middle."""

    code = "BILLING_RUN_UNFINISHED"

    def __init__(self, on: date) -> None:
        super().__init__(
            f"The run of {on} was stopped in the middle: finish it first with `bill --on {on}`.", field="on"
        )
        self.unfinished_on = on


@dataclass(slots=True)
class Outcome:
    """What a command billed, in this run of it; `unbillable` are the contracts that it had to leave out."""

    on: date
    invoices: int = 0
    ttc_cents: int = 0
    unbillable: list[Unbillable] = field(default_factory=list)


Progress = Callable[[int], None]
"""Told how many invoices were issued so far."""


async def run(
    database: Database,
    *,
    on: date,
    today: date,
    now: Now,
    batch: int = BATCH,
    progress: Progress | None = None,
) -> Outcome:
    """Bill the day `on`, or what is left of it.

    Raises DayNotReached, DayPassed or RunUnfinished before anything is written.
    """
    if on > today:
        raise DayNotReached(on, today)
    async with database.unit_of_work() as session:
        run_id, reached = await _begin(session, on, now())
    outcome, tariff = Outcome(on), Tariff()
    while True:
        async with database.reading() as session:
            subscriber_ids = await due_subscribers.after(session, reached, on=on, at_most=batch)
            prepared = await _prepare(session, subscriber_ids, tariff)
        if not subscriber_ids:
            break
        planned = _plan(prepared, tariff, on)
        async with database.unit_of_work() as session:
            reached = await _issue(session, run_id, reached, subscriber_ids, prepared, planned, tariff, outcome, now())
        if progress:
            progress(outcome.invoices)
    async with database.unit_of_work() as session:
        await _finish(session, run_id, now())
    async with database.reading() as session:
        outcome.unbillable = await left_out(session, on=on, tariff=tariff)
    return outcome


async def last_finished_on(session: AsyncSession) -> date | None:
    """The day of the last run that was finished."""
    return await session.scalar(select(func.max(BillingRun.on_day)).where(BillingRun.state == BillingRunState.FINISHED))


async def left_out(session: AsyncSession, *, on: date, tariff: Tariff) -> list[Unbillable]:
    """Every contract that is due by a day and cannot be billed."""
    found: list[Unbillable] = []
    reached = 0
    while subscriber_ids := await due_subscribers.after(session, reached, on=on, at_most=BATCH):
        prepared = await _prepare(session, subscriber_ids, tariff)
        found += (each for planned in _plan(prepared, tariff, on) for each in planned.unbillable)
        reached = subscriber_ids[-1]
    return found


async def _begin(session: AsyncSession, on: date, at: datetime) -> tuple[int, int]:
    """The run of the day and the last subscriber that it billed. A finished one begins anew and finds what was left."""
    row = BillingRun
    unfinished_on = await session.scalar(
        select(row.on_day).where(row.state == BillingRunState.RUNNING, row.on_day != on).limit(1)
    )
    if unfinished_on is not None:
        raise RunUnfinished(unfinished_on)
    earliest_on = await _earliest(session)
    if earliest_on is not None and on < earliest_on:
        raise DayPassed(on, earliest_on)
    await _open(session, on, at)
    found = (await session.execute(select(row).where(row.on_day == on).with_for_update())).scalar_one()
    if found.state is BillingRunState.FINISHED:
        found.state, found.reached_subscriber_id, found.finished_at = BillingRunState.RUNNING, 0, None
    return found.id, found.reached_subscriber_id


async def _open(session: AsyncSession, on: date, at: datetime) -> None:
    """Make the run of a day; two that start it at once make one row."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {
        "id": new_id(at),
        "on_day": on,
        "state": BillingRunState.RUNNING,
        "started_at": at,
        "reached_subscriber_id": 0,
        "invoices": 0,
        "ttc_cents": 0,
    }
    await session.execute(insert(BillingRun).values(values).on_conflict_do_nothing())


async def _earliest(session: AsyncSession) -> date | None:
    """The earliest day that may still be billed; None when nothing was billed yet."""
    issued_on = await session.scalar(
        select(Invoice.issued_on)
        .where(Invoice.kind == InvoiceKind.INVOICE, Invoice.number.is_not(None))
        .order_by(Invoice.issued_on.desc())
        .limit(1)
    )
    finished_on = await last_finished_on(session)
    return max(filter(None, (issued_on, finished_on)), default=None)


async def _prepare(session: AsyncSession, subscriber_ids: Sequence[int], tariff: Tariff) -> list[AccountFacts]:
    facts = await billing_facts.read(session, subscriber_ids)
    await tariff.prices.read(session, {offer_id for account in facts for offer_id in account.offer_ids})
    return facts


def _plan(facts: Sequence[AccountFacts], tariff: Tariff, on: date) -> list[Planned]:
    policy = policies.in_force(on)
    return [invoicing.plan(account, tariff, on=on, policy=policy) for account in facts]


async def _issue(
    session: AsyncSession,
    run_id: int,
    reached: int,
    subscriber_ids: Sequence[int],
    prepared: Sequence[AccountFacts],
    planned: Sequence[Planned],
    tariff: Tariff,
    outcome: Outcome,
    at: datetime,
) -> int:
    """Issue a batch, unless another process has: whichever locks the run first does it, the other goes on after it."""
    now_reached = await _lock(session, run_id)
    if now_reached != reached:
        return now_reached
    await _lock_accounts(session, subscriber_ids)
    facts = await _prepare(session, subscriber_ids, tariff)
    if facts != prepared:
        # Somebody acted on one of these files since: the figures are worked out again, now that nobody can.
        planned = _plan(facts, tariff, outcome.on)
    invoices = [each.invoice for each in planned if each.invoice]
    await issuing.issue(session, invoices, at=at)
    await _reach(session, run_id, subscriber_ids[-1], invoices)
    outcome.invoices += len(invoices)
    outcome.ttc_cents += sum(invoice.total.ttc_cents for invoice in invoices)
    return subscriber_ids[-1]


async def _lock(session: AsyncSession, run_id: int) -> int:
    found = await session.execute(
        select(BillingRun.reached_subscriber_id).where(BillingRun.id == run_id).with_for_update()
    )
    return found.scalar_one()


async def _lock_accounts(session: AsyncSession, subscriber_ids: Sequence[int]) -> None:
    account = BillingAccount
    await session.execute(
        select(account.id)
        .where(account.subscriber_id.in_(subscriber_ids))
        .order_by(account.subscriber_id, account.id)
        .with_for_update()
    )


async def _reach(session: AsyncSession, run_id: int, subscriber_id: int, invoices: Sequence[InvoicePlan]) -> None:
    row = BillingRun
    await session.execute(
        update(row)
        .where(row.id == run_id)
        .values(
            reached_subscriber_id=subscriber_id,
            invoices=row.invoices + len(invoices),
            ttc_cents=row.ttc_cents + sum(invoice.total.ttc_cents for invoice in invoices),
        )
    )


async def _finish(session: AsyncSession, run_id: int, at: datetime) -> None:
    await session.execute(
        update(BillingRun).where(BillingRun.id == run_id).values(state=BillingRunState.FINISHED, finished_at=at)
    )
