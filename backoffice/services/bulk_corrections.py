"""Bulk corrections: what a price rise billed too early to many subscribers, planned as a whole and decided by its hash.

A plan is a dry run: it lists every credit and writes nothing else. Whoever decides approves that list, so that a run can
do neither more nor less than what was shown.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.periods import Period
from backoffice.errors import BackofficeError, NotFound
from backoffice.ids import GlobalId, new_id
from backoffice.models import AuditOutcome, BulkCorrection, BulkCredit, BulkState, CreditReason
from backoffice.permissions import Viewer
from backoffice.services import audit, price_rises, texts
from backoffice.services.approvals import AboveCeiling
from backoffice.services.plans import Situation
from backoffice.services.price_rises import Rise, RiseCredit
from backoffice.services.requirements import StepUpNeeded
from backoffice.services.revisions import Stale

_LONGEST_NOTE = 1_000
_MOST_CREDITS = 20_000


class NothingBilledTooEarly(BackofficeError):
    """No issued line billed the rise on these days, or all of it was credited."""

    code = "NOTHING_TO_CORRECT"

    def __init__(self, early: Period) -> None:
        super().__init__(
            f"No line billed this price from {early.starts_on} to {early.ends_on} (not included), or all of them were "
            "corrected: look at the price version and the days.",
            field="priceVersionId",
        )


class TooManyCredits(BackofficeError):
    """More credits than one plan may list."""

    code = "BULK_TOO_LARGE"

    def __init__(self) -> None:
        super().__init__(
            f"A plan lists at most {_MOST_CREDITS:,} credits: give fewer days, and plan the others after it.",
            field="billedUntil",
        )


class OwnPlan(BackofficeError):
    """Nobody decides on what they planned themselves."""

    code = "OWN_REQUEST"

    def __init__(self) -> None:
        super().__init__("You planned this yourself: another person must decide.", field="bulkCorrectionId")


class BulkClosed(BackofficeError):
    """The plan was decided already."""

    code = "BULK_CLOSED"

    def __init__(self, state: BulkState) -> None:
        super().__init__(f"This correction is {state.lower()} already: plan another one.", field="bulkCorrectionId")
        self.state = state


class OtherPlan(BackofficeError):
    """The hash that is decided on is another list's."""

    code = "PLAN_HASH_DIFFERS"

    def __init__(self) -> None:
        super().__init__(
            "This is the hash of another list: read the plan and decide on what it says.", field="planHash"
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to correct: a price version, the days that were billed, and why."""

    price_version_id: int
    billed: Period
    reason: CreditReason
    note: str


@dataclass(frozen=True, slots=True)
class Worked:
    """The list that a rule gives now."""

    rise: Rise
    credits: list[RiseCredit]


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decides on a plan that they read."""

    correction_id: int
    is_approved: bool
    plan_hash: str
    note: str | None
    expected_revision: int


async def work_out(session: AsyncSession, *, price_version_id: int, billed: Period) -> Worked:
    """Everything that would be credited; only reads. Raises what `price_rises.read` raises, and TooManyCredits."""
    rise = await price_rises.read(session, price_version_id=price_version_id, billed=billed)
    found = []
    async for credit in price_rises.credits_of(session, rise):
        found.append(credit)
        if len(found) > _MOST_CREDITS:
            raise TooManyCredits
    return Worked(rise, found)


async def keep(session: AsyncSession, situation: Situation, wanted: Wanted, worked: Worked) -> BulkCorrection:
    """Keep a list that was worked out, for another person to decide on. Raises NothingBilledTooEarly."""
    if not worked.credits:
        raise NothingBilledTooEarly(worked.rise.early)
    rule = _rule(wanted, worked.rise)
    correction = BulkCorrection(
        id=new_id(situation.at),
        reason=wanted.reason,
        note=texts.cleaned(wanted.note, field="note", longest=_LONGEST_NOTE),
        rule=rule,
        plan_hash=hash_of(
            rule, ((each.line.subscriber_id, each.line.id, each.derived.cents) for each in worked.credits)
        ),
        subscribers=len({credit.line.subscriber_id for credit in worked.credits}),
        total_cents=sum(credit.derived.cents for credit in worked.credits),
        planned_by_id=situation.viewer.id,
        planned_at=situation.at,
    )
    session.add(correction)
    await session.flush()  # the credits refer to it
    session.add_all(
        BulkCredit(
            subscriber_id=credit.line.subscriber_id,
            id=new_id(situation.at),
            bulk_correction_id=correction.id,
            invoice_line_id=credit.line.id,
            amount_cents=credit.derived.cents,
            derivation=credit.derived.to_json(),
        )
        for credit in worked.credits
    )
    await record(session, situation.viewer, "bulkCorrectionPlan", correction, situation)
    return correction


async def decide(session: AsyncSession, situation: Situation, decision: Decision) -> BulkCorrection:
    """Approve or refuse the list with this hash; nothing is credited yet.

    Raises NotFound, OwnPlan, BulkClosed, Stale, OtherPlan, AboveCeiling for the largest single credit, and StepUpNeeded.
    """
    correction = await locked(session, decision.correction_id)
    if correction.planned_by_id == situation.viewer.id:
        raise OwnPlan
    if correction.state is not BulkState.PLANNED:
        raise BulkClosed(correction.state)
    if correction.revision != decision.expected_revision:
        raise Stale(correction.revision)
    if decision.is_approved:
        await _require_approvable(session, situation, correction, decision)
    note = texts.cleaned(decision.note, field="note", longest=_LONGEST_NOTE) if decision.note else None
    correction.state = BulkState.APPROVED if decision.is_approved else BulkState.REFUSED
    correction.decided_by_id, correction.decided_at = situation.viewer.id, situation.at
    correction.revision += 1
    await record(session, situation.viewer, "bulkCorrectionDecide", correction, situation, note=note)
    return correction


async def locked(session: AsyncSession, correction_id: int) -> BulkCorrection:
    """The correction, which nobody else decides on or runs until the end of the transaction. Raises NotFound."""
    await session.execute(select(BulkCorrection.id).where(BulkCorrection.id == correction_id).with_for_update())
    return await require(session, correction_id)


async def require(session: AsyncSession, correction_id: int) -> BulkCorrection:
    """The correction as it is now. Raises NotFound."""
    correction = await session.get(BulkCorrection, correction_id, populate_existing=True)
    if correction is None:
        raise NotFound("There is no such correction; check the id.", field="bulkCorrectionId")
    return correction


async def record(
    session: AsyncSession,
    viewer: Viewer,
    operation: str,
    correction: BulkCorrection,
    situation: Situation,
    *,
    note: str | None = None,
) -> None:
    """Leave what was done with a correction as a whole in the trail."""
    await audit.append(
        session,
        viewer=viewer,
        operation=operation,
        outcome=AuditOutcome.DONE,
        at=situation.at,
        reason=correction.reason.value,
        note=note,
        target=GlobalId("BulkCorrection", 0, correction.id).encode(),
        after={
            "state": correction.state,
            "plan_hash": correction.plan_hash,
            "subscribers": correction.subscribers,
            "total_cents": correction.total_cents,
        },
    )


def hash_of(rule: dict[str, Any], credits_: Iterable[tuple[int, int, int]]) -> str:
    """The hash of a whole list: its rule, and each subscriber's id, line's id and cents."""
    listed = [list(credit) for credit in sorted(credits_)]
    canonical = json.dumps({"rule": rule, "credits": listed}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def days_of(rule: dict[str, Any]) -> Period:
    """The days that a kept rule is about."""
    return Period(date.fromisoformat(rule["billed_from"]), date.fromisoformat(rule["billed_until"]))


def _rule(wanted: Wanted, rise: Rise) -> dict[str, Any]:
    return {
        "price_version_id": wanted.price_version_id,
        "billed_from": wanted.billed.starts_on.isoformat(),
        "billed_until": wanted.billed.ends_on.isoformat(),
        "early_from": rise.early.starts_on.isoformat(),
        "early_until": rise.early.ends_on.isoformat(),
        "free_exit_until": rise.free_exit_until.isoformat() if rise.free_exit_until else None,
    }


async def _require_approvable(
    session: AsyncSession, situation: Situation, correction: BulkCorrection, decision: Decision
) -> None:
    policy, viewer = situation.policy, situation.viewer
    if decision.plan_hash != correction.plan_hash:
        raise OtherPlan
    largest = select(func.max(BulkCredit.amount_cents)).where(BulkCredit.bulk_correction_id == correction.id)
    largest_cents = (await session.execute(largest)).scalar_one()
    if largest_cents > policy.ceiling_cents(viewer.role):
        refused = AboveCeiling(largest_cents, policy.ceiling_cents(viewer.role))
        refused.field = "bulkCorrectionId"
        raise refused
    if correction.total_cents > policy.step_up_above_cents and not viewer.is_stepped_up(situation.at):
        raise StepUpNeeded
