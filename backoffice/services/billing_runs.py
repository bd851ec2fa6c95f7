"""Billing runs: everybody whose day has come, batch by batch, resumable, and never twice.

A batch is prepared while nobody waits, then issued in one short transaction that locks the run, checks that what it was
prepared from still holds, and moves on. Killed at any point, the same command goes on where the last batch was committed;
two at once take turns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import policy as policies
from backoffice.clock import Now
from backoffice.database import Database
from backoffice.errors import BackofficeError
from backoffice.services import billing_facts, billing_run_records, due_subscribers, invoicing, issuing, postings
from backoffice.services.billing_facts import AccountFacts
from backoffice.services.invoicing import Planned, Unbillable
from backoffice.services.tariffs import Tariff

BATCH = 200
"""Subscribers a transaction: what is locked at once, and what is done again after a kill, is bounded by it."""


class DayNotReached(BackofficeError):
    """A day that has not begun cannot be billed."""

    code = "BILLING_DAY_NOT_REACHED"

    def __init__(self, on: date, today: date) -> None:
        super().__init__(f"{on} has not begun: bill {today} or an earlier day.", field="on")
        self.latest_on = today


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
        run_id, reached = await billing_run_records.begin(session, on, now())
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
        await billing_run_records.finish(session, run_id, now())
    async with database.reading() as session:
        outcome.unbillable = await left_out(session, on=on, tariff=tariff)
    return outcome


async def left_out(session: AsyncSession, *, on: date, tariff: Tariff) -> list[Unbillable]:
    """Every contract that is due by a day and cannot be billed."""
    found: list[Unbillable] = []
    reached = 0
    while subscriber_ids := await due_subscribers.after(session, reached, on=on, at_most=BATCH):
        prepared = await _prepare(session, subscriber_ids, tariff)
        found += (each for planned in _plan(prepared, tariff, on) for each in planned.unbillable)
        reached = subscriber_ids[-1]
    return found


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
    now_reached = await billing_run_records.lock(session, run_id)
    if now_reached != reached:
        return now_reached
    await postings.lock_files(session, subscriber_ids=subscriber_ids)
    facts = await _prepare(session, subscriber_ids, tariff)
    if facts != prepared:
        # Somebody acted on one of these files since: the figures are worked out again, now that nobody can.
        planned = _plan(facts, tariff, outcome.on)
    invoices = [each.invoice for each in planned if each.invoice]
    await issuing.issue(session, invoices, at=at)
    await billing_run_records.reach(session, run_id, subscriber_ids[-1], invoices)
    outcome.invoices += len(invoices)
    outcome.ttc_cents += sum(invoice.total.ttc_cents for invoice in invoices)
    return subscriber_ids[-1]
