"""Approvals in the graph: acts that wait for a second person, and deciding on them."""

from datetime import datetime

import strawberry

from backoffice import fields, models
from backoffice.permissions import Capability
from backoffice.resolvers import acts
from backoffice.resolvers import approvals as resolve
from backoffice.resolvers.context import Info
from backoffice.schema import graph
from backoffice.schema.access import of, plain, see, value
from backoffice.schema.nodes import Node
from backoffice.schema.problems import UserError, problems
from backoffice.schema.scalars import JSON, CentsRange, InstantRange, Money
from backoffice.schema.staff import StaffMember

_READ = Capability.APPROVAL_READ


@strawberry.input(description="Which approvals.")
class ApprovalWhere:
    state: list[models.ApprovalState] | None = None
    operation: str | None = None
    requested: InstantRange | None = None
    amount: CentsRange | None = None
    and_: list["ApprovalWhere"] | None = strawberry.field(name="and", default=None)
    or_: list["ApprovalWhere"] | None = strawberry.field(name="or", default=None)
    not_: "ApprovalWhere | None" = strawberry.field(name="not", default=None)


@of(fields.approvals.APPROVAL)
class Approval(Node):
    """An act beyond the ceiling of who asked for it. It is decided by somebody else, on just these figures."""

    operation: str = see(_READ, 'The act, such as "refund".')
    state: models.ApprovalState = see(_READ, "Where it stands.")
    amount: Money = see(_READ, "What the ceilings are compared with.")
    given: JSON = see(_READ, "The whole input of the act.")
    figures: JSON = see(_READ, "Everything that the preview showed.")
    figures_hash: str = see(_READ, "The digest of the figures: what is approved is this and nothing else.")
    target: strawberry.ID = see(_READ, "The global id of what would be acted on.")
    requested_at: datetime = see(_READ, "When it was asked for.")
    expires_at: datetime = see(_READ, "Until when it can be decided.")
    decided_at: datetime | None = see(_READ, "When it was decided.")
    decision_note: str | None = see(_READ, "What was said with the decision.")
    result: strawberry.ID | None = see(_READ, "The global id of what the approved act made.")
    revision: int = see(_READ, "Raised by each change; give it back as `expectedRevision`.")
    subscriber: graph.Subscriber = see(Capability.SUBSCRIBER_READ, "Whose file it is about.")
    requested_by: StaffMember = see(_READ, "Who asked.")
    decided_by: StaffMember | None = see(_READ, "Who decided.")


@strawberry.input(description="What is decided on a request of somebody else.")
class ApprovalDecideInput:
    approval_id: strawberry.ID
    is_approved: bool = strawberry.field(description="True: do it now. False: refuse it.")
    note: str | None = strawberry.field(default=None, description="Why, for whoever asked.")
    expected_revision: int = strawberry.field(description="The revision that you read.")
    idempotency_key: str = strawberry.field(description=acts.KEY)


@value
class ApprovalPayload:
    """The request after the decision, or why there was none."""

    approval: Approval | None = plain(
        "The request. OUTDATED: the figures moved since the preview, so nothing was done; ask for a new one."
    )
    replayed: bool = plain("Whether this key had been used before, for the same act.")
    user_errors: list[UserError] = plain("Why it was refused; empty when it was done.")


async def _decide(info: Info, input: ApprovalDecideInput) -> ApprovalPayload:  # noqa: A002 - the name in the graph
    outcome = await resolve.approval_decide(info.context, input)
    return ApprovalPayload(approval=outcome.row, replayed=outcome.replayed, user_errors=problems(outcome.refusals))


@strawberry.type
class ApprovalActs:
    """What can be done with approvals."""

    approval_decide: ApprovalPayload = see(
        Capability.APPROVAL_DECIDE,
        "Approve or refuse what somebody else asked for. What is approved is done at once.",
        by=_decide,
    )
