"""Approvals: what is beyond the ceiling of who asked is decided by somebody else, on the figures that were shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.database import DatabaseBusy, DatabaseUnreachable
from backoffice.errors import BackofficeError, NotFound
from backoffice.ids import GlobalId, new_id
from backoffice.models import Approval, ApprovalState, AuditOutcome
from backoffice.permissions import Capability
from backoffice.services import amounts, audit, plans, quoted_acts, revisions, texts
from backoffice.services.plans import Order, Plan, Situation
from backoffice.services.quoted_acts import Act
from backoffice.services.requirements import StepUpNeeded

_LONGEST_NOTE = 1_000


class OwnRequest(BackofficeError):
    """Nobody decides on what they asked for themselves."""

    code = "OWN_REQUEST"

    def __init__(self) -> None:
        super().__init__("You asked for this yourself: another person must decide.", field="approvalId")


class ApprovalClosed(BackofficeError):
    """The request was decided, or its time is over."""

    code = "APPROVAL_CLOSED"

    def __init__(self, state: ApprovalState) -> None:
        super().__init__(
            f"This request is {state.lower().replace('_', ' ')}; ask whoever made it to preview again.",
            field="approvalId",
        )
        self.state = state


class AboveCeiling(BackofficeError):
    """The request is beyond the ceiling of who would decide it, too."""

    code = "ABOVE_CEILING"

    def __init__(self, amount_cents: int, ceiling_cents: int) -> None:
        super().__init__(
            f"{amounts.written(amount_cents)} is above your own ceiling of {amounts.written(ceiling_cents)}: "
            "someone with a higher one must decide.",
            field="approvalId",
        )
        self.amount_cents = amount_cents
        self.ceiling_cents = ceiling_cents


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decides on a request that they read."""

    subscriber_id: int
    approval_id: int
    is_approved: bool
    note: str | None
    expected_revision: int


async def request(session: AsyncSession, situation: Situation, act: Act[Any], order: Order, plan: Plan) -> Approval:
    """Keep a confirmed plan for a second person, who decides on these figures and no others."""
    assert situation.viewer.role is not None, "only the staff asks for approvals"
    approval = Approval(
        subscriber_id=order.subscriber_id,
        id=new_id(situation.at),
        operation=act.operation,
        amount_cents=plan.amount_cents,
        given=order.model_dump(mode="json"),
        figures=plans.figures(plan),
        figures_hash=plans.digest(plan),
        target=plan.target.encode(),
        requested_by_id=situation.viewer.id,
        requested_by_role=situation.viewer.role,
        requested_at=situation.at,
        expires_at=situation.at + timedelta(hours=situation.policy.approval_hours),
    )
    session.add(approval)
    await session.flush()  # the entry tells of a row that exists
    await _audit(session, situation, approval, f"{act.operation}Request", order.note)
    return approval


async def decide(
    session: AsyncSession, situation: Situation, decision: Decision, acts: Mapping[str, Act[Any]]
) -> Approval:
    """Approve or refuse a request. What is approved is done at once, unless its figures have moved: then it is OUTDATED.

    Raises NotFound, OwnRequest, ApprovalClosed, AboveCeiling, StepUpNeeded and Stale.
    """
    key = {"subscriber_id": decision.subscriber_id, "id": decision.approval_id}
    approval = await session.get(Approval, key)
    if approval is None:
        raise NotFound("There is no such request.", field="approvalId")
    _require_decidable(situation, approval, decision)
    note = texts.cleaned(decision.note, field="note", longest=_LONGEST_NOTE) if decision.note else None
    changes: dict[str, Any] = {"decided_by_id": situation.viewer.id, "decided_at": situation.at, "decision_note": note}
    state, result = ApprovalState.REFUSED, None
    if decision.is_approved:
        state, result = await _do(session, situation, approval, acts[approval.operation])
    await revisions.change(
        session,
        approval,
        expected_revision=decision.expected_revision,
        changes={**changes, "state": state, "result": result},
    )
    await _audit(session, situation, approval, "approvalDecide", note)
    return approval


def state_at(approval: Approval, situation: Situation) -> ApprovalState:
    """The state of a request now: nobody has to come by for its time to be over."""
    is_over = approval.state is ApprovalState.PENDING_APPROVAL and situation.at >= approval.expires_at
    return ApprovalState.EXPIRED if is_over else approval.state


def _require_decidable(situation: Situation, approval: Approval, decision: Decision) -> None:
    viewer, policy = situation.viewer, situation.policy
    if not viewer.may(Capability.APPROVAL_DECIDE):
        raise quoted_acts.NotAllowed(Capability.APPROVAL_DECIDE)
    if approval.requested_by_id == viewer.id:
        raise OwnRequest
    state = state_at(approval, situation)
    if state is not ApprovalState.PENDING_APPROVAL:
        raise ApprovalClosed(state)
    if not decision.is_approved:
        return
    if approval.amount_cents > policy.ceiling_cents(viewer.role):
        raise AboveCeiling(approval.amount_cents, policy.ceiling_cents(viewer.role))
    if approval.amount_cents > policy.step_up_above_cents and not viewer.is_stepped_up(situation.at):
        raise StepUpNeeded


async def _do(
    session: AsyncSession, situation: Situation, approval: Approval, act: Act[Any]
) -> tuple[ApprovalState, str | None]:
    order = act.order.model_validate(approval.given)
    try:
        plan = await quoted_acts.replan(session, situation, act, order)
    except (DatabaseBusy, DatabaseUnreachable):
        raise  # nothing was found out about the act
    except BackofficeError:
        return ApprovalState.OUTDATED, None  # what was asked for has become impossible since
    if plans.digest(plan) != approval.figures_hash:
        return ApprovalState.OUTDATED, None
    row = await quoted_acts.carry_out(session, situation, act, order, plan)
    return ApprovalState.APPROVED, GlobalId(type(row).__name__, row.subscriber_id, row.id).encode()


async def _audit(
    session: AsyncSession, situation: Situation, approval: Approval, operation: str, note: str | None
) -> None:
    await audit.append(
        session,
        viewer=situation.viewer,
        subscriber_id=approval.subscriber_id,
        operation=operation,
        outcome=AuditOutcome.DONE,
        at=situation.at,
        reason=approval.state.value,
        note=note,
        target=GlobalId("Approval", approval.subscriber_id, approval.id).encode(),
        after={
            "act": approval.operation,
            "amount_cents": approval.amount_cents,
            "figures_hash": approval.figures_hash,
            "result": approval.result,
        },
    )
