"""Change orders that wait for their day: applied when it has come, or cancelled before."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import policy
from backoffice.database import Database, DatabaseBusy, DatabaseUnreachable
from backoffice.errors import BackofficeError
from backoffice.ids import GlobalId
from backoffice.models import AuditOutcome, ChangeKind, ChangeOrder, ContractEventKind, OrderState
from backoffice.permissions import SYSTEM, Viewer
from backoffice.services import (
    audit,
    change_reversals,
    changing,
    offer_changes,
    option_additions,
    option_ends,
    postings,
    revisions,
    terminations,
)
from backoffice.services.contract_changes import ChangePlan, Happening
from backoffice.services.option_additions import OptionAddOrder
from backoffice.services.option_ends import OptionEndOrder
from backoffice.services.plans import Order, Situation
from backoffice.services.terminations import TerminationOrder

_AT_ONCE = 500


class ChangeNotScheduled(BackofficeError):
    """The order does not wait for its day, or that day has come."""

    code = "CHANGE_NOT_SCHEDULED"

    def __init__(self, row: ChangeOrder) -> None:
        said = "its day has come" if row.state is OrderState.SCHEDULED else f"it is {row.state.lower()}"
        super().__init__(
            f"This change cannot be cancelled, {said}: take it back if it was a mistake (changeOrderReversePreview).",
            field="changeOrderId",
        )
        self.state = row.state


@dataclass(frozen=True, slots=True)
class Kind:
    """How an order of a kind is planned on its day."""

    order: type[Order]
    plan: Callable[[AsyncSession, Situation, Any], Awaitable[ChangePlan]]


KINDS: dict[ChangeKind, Kind] = {
    ChangeKind.OPTION_ADD: Kind(OptionAddOrder, option_additions.plan),
    ChangeKind.OPTION_END: Kind(OptionEndOrder, option_ends.plan_due),
    ChangeKind.OFFER_CHANGE: Kind(offer_changes.OfferChangeOrder, offer_changes.plan),
    ChangeKind.TERMINATION: Kind(TerminationOrder, terminations.plan_due),
}
"""The kinds of changes that can wait for their day."""


async def apply_due(database: Database, *, on: date, at: datetime, today: date | None = None) -> int:
    """Apply every scheduled order whose day has come by `on`, each in its own transaction; returns how many were applied.

    `today` is the civil day of `at`, where `on` is a day that is caught up on: credit notes are dated with it.

    One that has become impossible is kept as FAILED with its code, and the others go on. Interrupted, it goes on where it
    stopped: an order is applied with its state.
    """
    done = 0
    while waiting := await _due(database, on):
        for subscriber_id, order_id in waiting:
            situation = Situation(SYSTEM, at=at, today=on, policy=policy.in_force(on), made_on=today)
            done += await _apply_or_fail(database, situation, subscriber_id, order_id)
    return done


async def cancel(
    session: AsyncSession,
    *,
    viewer: Viewer,
    subscriber_id: int,
    change_order_id: int,
    expected_revision: int,
    at: datetime,
    today: date,
) -> ChangeOrder:
    """Cancel an order before its day: what it had done already is put back. Raises NotFound, ChangeNotScheduled, Stale."""
    await postings.lock_file(session, subscriber_id=subscriber_id)
    row = await change_reversals.require_order(session, subscriber_id, change_order_id)
    if row.state is not OrderState.SCHEDULED or row.effective_on <= today:
        raise ChangeNotScheduled(row)
    await revisions.change(session, row, expected_revision=expected_revision, changes={"state": OrderState.CANCELLED})
    happening = Happening(ContractEventKind.CHANGE_CANCELLED, {"kind": row.kind.value})
    situation = Situation(viewer=viewer, at=at, today=today, policy=policy.in_force(today))
    await changing.unschedule(session, situation, row, happening)
    await audit.append(
        session,
        viewer=viewer,
        subscriber_id=subscriber_id,
        operation="changeOrderCancel",
        outcome=AuditOutcome.DONE,
        at=at,
        reason=row.kind.value,
        target=GlobalId("ChangeOrder", subscriber_id, row.id).encode(),
        before={"state": OrderState.SCHEDULED},
        after={"state": row.state, "revision": row.revision},
    )
    return row


async def _due(database: Database, on: date) -> list[tuple[int, int]]:
    row = ChangeOrder
    async with database.reading() as session:
        found = await session.execute(
            select(row.subscriber_id, row.id)
            .where(row.state == OrderState.SCHEDULED, row.effective_on <= on)
            .order_by(row.effective_on, row.id)
            .limit(_AT_ONCE)
        )
        return [(subscriber_id, order_id) for subscriber_id, order_id in found]


async def _apply_or_fail(database: Database, situation: Situation, subscriber_id: int, order_id: int) -> int:
    try:
        async with database.unit_of_work() as session:
            return await _apply(session, situation, subscriber_id, order_id)
    except (DatabaseBusy, DatabaseUnreachable):
        raise  # nothing was found out about the order
    except (BackofficeError, ValueError) as refusal:
        code = refusal.code if isinstance(refusal, BackofficeError) else type(refusal).__name__
        async with database.unit_of_work() as session:
            await _fail(session, situation, subscriber_id, order_id, code)
        return 0


async def _apply(session: AsyncSession, situation: Situation, subscriber_id: int, order_id: int) -> int:
    await postings.lock_file(session, subscriber_id=subscriber_id)
    row = await change_reversals.require_order(session, subscriber_id, order_id)
    if row.state is not OrderState.SCHEDULED:
        return 0  # somebody was quicker
    kind = KINDS[row.kind]
    order = kind.order.model_validate(row.given)
    row.state, row.applied_at = OrderState.APPLIED, situation.at
    await session.flush()  # the plan must not find it waiting
    plan = await kind.plan(session, situation, order)
    await changing.apply(session, situation, order, plan, row)
    await _trail(session, situation, row, AuditOutcome.DONE, row.kind.value)
    return 1


async def _fail(session: AsyncSession, situation: Situation, subscriber_id: int, order_id: int, code: str) -> None:
    row = await change_reversals.require_order(session, subscriber_id, order_id)
    if row.state is not OrderState.SCHEDULED:
        return
    row.state, row.failure_code, row.revision = OrderState.FAILED, code[:40], row.revision + 1
    await _trail(session, situation, row, AuditOutcome.REFUSED, code[:40])


async def _trail(
    session: AsyncSession, situation: Situation, row: ChangeOrder, outcome: AuditOutcome, reason: str
) -> None:
    await audit.append(
        session,
        viewer=situation.viewer,
        subscriber_id=row.subscriber_id,
        operation="changeOrderApply",
        outcome=outcome,
        at=situation.at,
        reason=reason,
        target=GlobalId("ChangeOrder", row.subscriber_id, row.id).encode(),
        after={"state": row.state, "effective_on": row.effective_on.isoformat()},
    )
