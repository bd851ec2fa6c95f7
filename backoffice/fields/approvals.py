"""Acts that wait for a second person."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, literal

from backoffice import models
from backoffice.fields.declare import Column, Entity, Expression, Is, Moment, OneOf, Range, ToOne, all_of, down
from backoffice.permissions import Capability


def _state(approval: Any, moment: Moment) -> ColumnElement[Any]:
    """The state now: nobody has to come by for the time of a request to be over."""
    waiting = approval.state == models.ApprovalState.PENDING_APPROVAL
    is_over = and_(waiting, approval.expires_at <= moment.at)
    return case((is_over, literal(models.ApprovalState.EXPIRED, approval.state.type)), else_=approval.state)


APPROVAL = Entity(
    "Approval",
    models.Approval,
    needs=Capability.APPROVAL_READ,
    fields={
        "state": Expression(_state),
        "amount": Column("amount_cents"),
        "subscriber": ToOne("Subscriber", key="subscriber_id"),
        "requested_by": ToOne("StaffMember", key="requested_by_id"),
        "decided_by": ToOne("StaffMember", key="decided_by_id"),
    },
    filters={
        "state": OneOf("state"),
        "requested": Range("requested_at"),
        "amount": Range("amount_cents"),
        "operation": Is("operation"),
    },
)

APPROVALS = all_of("Approval", order=down("requested_at"))
