"""Bulk corrections: planning and deciding them.

They belong to no subscriber, so no key keeps their answers: a plan that is made twice writes nothing but its list, a
decision that is repeated finds its revision gone, and a list that was run leaves nothing for another.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, Protocol

import strawberry

from backoffice.billing.periods import Period
from backoffice.errors import BackofficeError, BadInput
from backoffice.fields import entity
from backoffice.models import BulkCorrection, CreditReason
from backoffice.resolvers import acts, ids, quoted_acts
from backoffice.resolvers.context import Context, Info
from backoffice.services import bulk_corrections
from backoffice.services.bulk_corrections import Decision, Wanted


class PlanInput(Protocol):
    """Which price was billed too early, on which days, and why it is credited."""

    price_version_id: Any
    billed_from: date
    billed_until: date
    reason: CreditReason
    note: str


class DecideInput(Protocol):
    """What is decided on which list."""

    bulk_correction_id: Any
    is_approved: bool
    plan_hash: str
    note: str | None
    expected_revision: int


async def bulk_correction_plan(context: Context, given: PlanInput) -> acts.Outcome:
    """List what would be credited, for another person to decide on."""

    async def act() -> BulkCorrection:
        version = await ids.row(context, given.price_version_id, of="PriceVersion", field="priceVersionId")
        wanted = Wanted(version.id, _days(given), given.reason, given.note)
        async with context.database.snapshot() as session:
            worked = await bulk_corrections.work_out(session, price_version_id=version.id, billed=wanted.billed)
        async with context.database.unit_of_work() as session:
            return await bulk_corrections.keep(session, quoted_acts.situation(context), wanted, worked)

    return await _perform(context, "bulkCorrectionPlan", act)


async def bulk_correction_decide(context: Context, given: DecideInput) -> acts.Outcome:
    """Approve or refuse a list that somebody else planned."""

    async def act() -> BulkCorrection:
        of, field = "BulkCorrection", "bulkCorrectionId"
        correction = await ids.row(context, given.bulk_correction_id, of=of, field=field)
        decision = Decision(
            correction_id=correction.id,
            is_approved=given.is_approved,
            plan_hash=given.plan_hash,
            note=given.note,
            expected_revision=given.expected_revision,
        )
        async with context.database.unit_of_work() as session:
            return await bulk_corrections.decide(session, quoted_acts.situation(context), decision)

    return await _perform(context, "bulkCorrectionDecide", act)


async def price_version(root: strawberry.Parent[BulkCorrection], info: Info) -> Any:
    """The price that was billed too early."""
    return await info.context.loaders.row(entity("PriceVersion")).load((0, root.rule["price_version_id"]))


def early_from(root: strawberry.Parent[BulkCorrection]) -> date:
    """The first day that is credited."""
    return date.fromisoformat(root.rule["early_from"])


def early_until(root: strawberry.Parent[BulkCorrection]) -> date:
    """The first day that is no longer credited."""
    return date.fromisoformat(root.rule["early_until"])


def free_exit_until(root: strawberry.Parent[BulkCorrection]) -> date | None:
    """Until when subscribers may leave because of the rise."""
    day = root.rule["free_exit_until"]
    return date.fromisoformat(day) if day else None


async def _perform(context: Context, operation: str, act: Callable[[], Awaitable[BulkCorrection]]) -> acts.Outcome:
    try:
        row = await act()
    except acts.FAULTS:
        raise
    except BackofficeError as refusal:
        return await acts.refused(context, operation, refusal)
    context.loaders.clear()  # what was read before the write is no longer true
    return acts.Outcome(row=await context.loaders.row(entity("BulkCorrection")).load((0, row.id)))


def _days(given: PlanInput) -> Period:
    if given.billed_from >= given.billed_until:
        raise BadInput("'billedUntil' is the first day that is left out: give a later one.", field="billedUntil")
    return Period(given.billed_from, given.billed_until)
