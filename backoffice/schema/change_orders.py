"""Orders to change a contract in the graph, and what an act on one answers."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any

from backoffice import fields, models
from backoffice.permissions import Capability
from backoffice.resolvers import acts
from backoffice.resolvers import can as resolve_can
from backoffice.resolvers import change_orders as resolve
from backoffice.resolvers.context import Info
from backoffice.schema import graph
from backoffice.schema.abilities import Ability
from backoffice.schema.access import of, plain, see, value
from backoffice.schema.approvals import Approval
from backoffice.schema.nodes import Node
from backoffice.schema.problems import UserError, problems
from backoffice.schema.quoted_acts import ERRORS, REPLAYED, WAITS, ConfirmInput
from backoffice.schema.scalars import JSON, Money

_READ = Capability.CONTRACT_READ

NOTE = "Why, in words."
TICKET = "The ticket in which it was asked for."


@of(fields.change_orders.CHANGE_ORDER)
class ChangeOrder(Node):
    """An order to change a contract: applied at once, or on its day."""

    kind: models.ChangeKind = see(_READ, "What is changed.")
    state: models.OrderState = see(_READ, "Where it stands; a scheduled order can be cancelled until its day.")
    effective_on: date = see(_READ, "The first day on which it counts.")
    given: JSON = see(_READ, "What was asked for, as data.")
    applied: JSON | None = see(_READ, "What it changed, and what stood before, as data.")
    requested_by_name: str = see(_READ, "Who asked for it.")
    requested_at: datetime = see(_READ, "When it was asked for.")
    applied_at: datetime | None = see(_READ, "When it was applied.")
    failure_code: str | None = see(_READ, "Why it could not be applied on its day.")
    revision: int = see(_READ, "Raised by each change; give it back as `expectedRevision`.")
    can: list[Ability] = see(_READ, "What you may do with it.", by=resolve_can.can)
    contract: graph.Contract = see(_READ, "The contract that it changes.")
    late_surcharge: Money | None = see(
        Capability.BILLING_READ,
        "What is owed beside the refund of a withdrawal that is paid on that day (L242-4); none for other orders.",
        by=resolve.late_surcharge,
    )


@value
class ChangeOrderPayload:
    """The order, or the request for a second person, or why it was refused."""

    change_order: ChangeOrder | None = plain("The order: applied, or scheduled for its day.")
    approval: Approval | None = plain(WAITS)
    replayed: bool = plain(REPLAYED)
    user_errors: list[UserError] = plain(ERRORS)


def answer(outcome: acts.Outcome) -> ChangeOrderPayload:
    """The outcome of an act on a contract as the graph answers it."""
    return ChangeOrderPayload(
        change_order=acts.of_type(outcome, models.ChangeOrder),
        approval=acts.of_type(outcome, models.Approval),
        replayed=outcome.replayed,
        user_errors=problems(outcome.refusals),
    )


def confirming(operation: str) -> Callable[..., Awaitable[Any]]:
    """Make the field that confirms a change."""
    resolver = resolve.confirming(operation)

    async def confirm(info: Info, input: ConfirmInput) -> ChangeOrderPayload:  # noqa: A002 - the name in the graph
        return answer(await resolver(info.context, input))

    return confirm
