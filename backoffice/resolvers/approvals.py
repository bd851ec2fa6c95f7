"""Approvals: deciding on them."""

import dataclasses
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError
from backoffice.ids import GlobalId
from backoffice.models import Approval
from backoffice.resolvers import acts, ids, quoted_acts
from backoffice.resolvers.context import Context
from backoffice.services import approvals
from backoffice.services.approvals import Decision
from backoffice.services.money_acts import ACTS


class DecideInput(Protocol):
    """What is decided."""

    approval_id: Any
    is_approved: bool
    note: str | None
    expected_revision: int
    idempotency_key: str


async def approval_decide(context: Context, given: DecideInput) -> acts.Outcome:
    """Approve or refuse a request of somebody else."""
    try:
        approval = await ids.row(context, given.approval_id, of="Approval", field="approvalId")
    except BackofficeError as refusal:
        return await acts.refused(context, "approvalDecide", refusal)
    decision = Decision(
        subscriber_id=approval.subscriber_id,
        approval_id=approval.id,
        is_approved=given.is_approved,
        note=given.note,
        expected_revision=given.expected_revision,
    )

    async def act(session: AsyncSession) -> Approval:
        return await approvals.decide(session, quoted_acts.situation(context), decision, ACTS)

    return await acts.perform(
        context,
        operation="approvalDecide",
        key=given.idempotency_key,
        given=dataclasses.asdict(given),  # type: ignore[call-overload]
        target=GlobalId("Approval", approval.subscriber_id, approval.id),
        type_name="Approval",
        act=act,
    )
