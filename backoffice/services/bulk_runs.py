"""Runs of bulk corrections: each credit of an approved list, once, whatever stops the run.

A batch is one transaction that locks the correction, so that two runs take turns. Killed at any point, the same command
goes on with the credits that have no note yet.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import policy as policies
from backoffice.clock import Now
from backoffice.database import Database
from backoffice.errors import BackofficeError
from backoffice.ids import GlobalId
from backoffice.models import (
    AuditOutcome,
    BulkCorrection,
    BulkCredit,
    BulkState,
    Contract,
    ContractState,
    CreditNote,
    InvoiceLine,
)
from backoffice.permissions import SYSTEM
from backoffice.services import (
    audit,
    bulk_corrections,
    credit_note_rows,
    credit_notes,
    crediting,
    dunning,
    postings,
    price_rises,
    refunds,
)
from backoffice.services.crediting import Credit
from backoffice.services.plans import Order, Plan, Situation
from backoffice.services.price_rises import Rise
from backoffice.services.quotes import QuoteStale
from backoffice.services.standing import NoShareLeft

OPERATION = "bulkCorrection"
BATCH = 20
"""Credits a transaction: what is locked at once, and what is done again after a kill, is bounded by it."""
_OPEN = (ContractState.PENDING, ContractState.ACTIVE, ContractState.SUSPENDED, ContractState.TERMINATING)


class NotApproved(BackofficeError):
    """Only an approved list is run."""

    code = "BULK_NOT_APPROVED"

    def __init__(self, state: BulkState) -> None:
        super().__init__(f"This correction is {state.lower()}: another person must approve its plan before it is run.")
        self.state = state


class PlanOutdated(BackofficeError):
    """The rule gives another list than the one that was approved; nothing was credited."""

    code = "BULK_PLAN_OUTDATED"
    exit_status = 1

    def __init__(self, approved_hash: str, current_hash: str) -> None:
        super().__init__(
            f"The list has changed since it was approved ({approved_hash[:12]} is now {current_hash[:12]}), so nothing was "
            "credited: plan the correction again and have it approved."
        )


@dataclass(slots=True)
class Outcome:
    """What a command credited, in this run of it; `left_out` are credits that cannot be made as they were approved."""

    credited: int = 0
    refunded: int = 0
    total_cents: int = 0
    left_out: list[BulkCredit] = field(default_factory=list)


Progress = Callable[[int, int | None], None]
"""Told how many credits were done of how many."""


async def run(
    database: Database,
    *,
    correction_id: int,
    now: Now,
    today: date,
    batch: int = BATCH,
    progress: Progress | None = None,
) -> Outcome:
    """Do what is left of an approved correction. Raises NotFound, NotApproved and PlanOutdated."""
    rise, subscribers = await _begin(database, correction_id, now(), today)
    outcome, reached = Outcome(), (0, 0)
    while rise is not None:
        async with database.unit_of_work() as session:
            correction = await bulk_corrections.locked(session, correction_id)
            waiting = await _waiting(session, correction, after=reached, at_most=batch)
            await postings.lock_files(session, subscriber_ids={credit.subscriber_id for credit in waiting})
            for credit in waiting:
                await _do(session, _situation(now(), today), correction, credit, rise, outcome)
        if not waiting:
            break
        reached = (waiting[-1].subscriber_id, waiting[-1].id)
        if progress:
            progress(outcome.credited, subscribers)
    async with database.unit_of_work() as session:
        await _finish(session, correction_id, _situation(now(), today))
    return outcome


async def _begin(database: Database, correction_id: int, at: datetime, today: date) -> tuple[Rise | None, int]:
    """Let the run begin, or go on; None when it is done already. An approval is final, so what is read first holds."""
    async with database.snapshot() as session:
        correction = await bulk_corrections.require(session, correction_id)
        if correction.state is BulkState.DONE:
            return None, correction.subscribers
        if correction.state not in (BulkState.APPROVED, BulkState.RUNNING):
            raise NotApproved(correction.state)
        rise = await _proven(session, correction)
    async with database.unit_of_work() as session:
        correction = await bulk_corrections.locked(session, correction_id)
        if correction.state is BulkState.APPROVED:
            correction.state, correction.revision = BulkState.RUNNING, correction.revision + 1
            await bulk_corrections.record(session, SYSTEM, "bulkCorrectionRun", correction, _situation(at, today))
        return rise, correction.subscribers


async def _proven(session: AsyncSession, correction: BulkCorrection) -> Rise:
    """The rise of a correction whose kept list is the approved one and, before anything was done, still the right one."""
    kept = BulkCredit
    rows = await session.execute(
        select(kept.subscriber_id, kept.invoice_line_id, kept.amount_cents).where(
            kept.bulk_correction_id == correction.id
        )
    )
    _require_same(correction, [(row[0], row[1], row[2]) for row in rows])
    version_id, billed = correction.rule["price_version_id"], bulk_corrections.days_of(correction.rule)
    if correction.state is BulkState.RUNNING:
        return await price_rises.read(session, price_version_id=version_id, billed=billed)
    worked = await bulk_corrections.work_out(session, price_version_id=version_id, billed=billed)
    _require_same(correction, [(each.line.subscriber_id, each.line.id, each.derived.cents) for each in worked.credits])
    return worked.rise


def _require_same(correction: BulkCorrection, listed: list[tuple[int, int, int]]) -> None:
    current_hash = bulk_corrections.hash_of(correction.rule, listed)
    if current_hash != correction.plan_hash:
        raise PlanOutdated(correction.plan_hash, current_hash)


async def _waiting(
    session: AsyncSession, correction: BulkCorrection, *, after: tuple[int, int], at_most: int
) -> list[BulkCredit]:
    row = BulkCredit
    found = await session.execute(
        select(row)
        .where(row.bulk_correction_id == correction.id, row.credit_note_id.is_(None))
        .where(tuple_(row.subscriber_id, row.id) > after)
        .order_by(row.subscriber_id, row.id)
        .limit(at_most)
    )
    return list(found.scalars())


async def _do(
    session: AsyncSession,
    situation: Situation,
    correction: BulkCorrection,
    credit: BulkCredit,
    rise: Rise,
    outcome: Outcome,
) -> None:
    """Issue the note of one credit of a locked file, unless it would not be the one that was approved."""
    line = await session.get_one(
        InvoiceLine, {"subscriber_id": credit.subscriber_id, "id": credit.invoice_line_id}, populate_existing=True
    )
    stands = await credit_notes.require_standing(
        session, subscriber_id=credit.subscriber_id, invoice_id=line.invoice_id
    )
    found = await price_rises.credit_of(session, rise, stands, line)
    if found is None or found.derived.cents != credit.amount_cents:
        outcome.left_out.append(credit)
        return
    taken = Credit(line, found.derived, found.days.starts_on, found.days.ends_on)
    stays = await _stays(session, credit.subscriber_id)
    try:
        async with session.begin_nested():
            plan = await crediting.plan(session, situation, stands, [taken], reason=correction.reason, to_balance=stays)
            note = await _issue(session, situation, correction, credit, plan)
    except (NoShareLeft, QuoteStale):
        # One that cannot be made must not keep the others from being made, in this run and in each after it.
        outcome.left_out.append(credit)
        return
    outcome.credited += 1
    outcome.refunded += bool(plan.refunds)
    outcome.total_cents += note.ttc_cents


async def _issue(
    session: AsyncSession, situation: Situation, correction: BulkCorrection, credit: BulkCredit, plan: Plan
) -> CreditNote:
    order = Order(subscriber_id=credit.subscriber_id, note=correction.note)
    account = await postings.lock(session, subscriber_id=order.subscriber_id, account_id=plan.account_id)
    note = await credit_note_rows.issue(session, situation, order, plan, account, operation=OPERATION)
    await refunds.decide(
        session, situation, order, plan, account, reason=note.reason, invoice_id=note.invoice_id, credit_note_id=note.id
    )
    await dunning.settle(session, account=account, at=situation.at, today=situation.today)
    credit.credit_note_id = note.id
    await audit.append(
        session,
        viewer=situation.viewer,
        subscriber_id=order.subscriber_id,
        operation=OPERATION,
        outcome=AuditOutcome.DONE,
        at=situation.at,
        reason=correction.reason.value,
        note=order.note,
        target=GlobalId("InvoiceLine", order.subscriber_id, credit.invoice_line_id).encode(),
        before={"balance_cents": plan.balance_before_cents},
        after={
            "balance_cents": plan.balance_after_cents,
            "amount_cents": note.ttc_cents,
            "made": GlobalId("CreditNote", order.subscriber_id, note.id).encode(),
            "number": note.number,
            "correction": GlobalId("BulkCorrection", 0, correction.id).encode(),
        },
    )
    return note


async def _stays(session: AsyncSession, subscriber_id: int) -> bool:
    """Whether invoices are still to come, on which a credit can count: who has left wants the money."""
    is_open = exists().where(Contract.subscriber_id == subscriber_id, Contract.state.in_(_OPEN))
    return bool((await session.execute(select(is_open))).scalar_one())


async def _finish(session: AsyncSession, correction_id: int, situation: Situation) -> None:
    correction = await bulk_corrections.locked(session, correction_id)
    if correction.state is not BulkState.RUNNING:
        return
    correction.state, correction.finished_at = BulkState.DONE, situation.at
    correction.revision += 1
    await bulk_corrections.record(session, SYSTEM, "bulkCorrectionRun", correction, situation)


def _situation(at: datetime, today: date) -> Situation:
    return Situation(viewer=SYSTEM, at=at, today=today, policy=policies.in_force(today))
