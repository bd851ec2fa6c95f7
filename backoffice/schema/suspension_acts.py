"""Cutting the services of a contract and giving them back, in the graph."""

import strawberry

from backoffice import models
from backoffice.permissions import Capability
from backoffice.resolvers import change_orders as resolve
from backoffice.resolvers.context import Info
from backoffice.schema.access import see
from backoffice.schema.change_orders import NOTE, TICKET, ChangeOrderPayload, confirming
from backoffice.schema.previews import PreviewPayload, payload

_WRITE = Capability.CONTRACT_WRITE


@strawberry.input(description="Why the services of a contract are cut.")
class SuspensionInput:
    contract_id: strawberry.ID
    cause: models.SuspensionCause = strawberry.field(
        description="REQUEST or FRAUD: what is unpaid is cut by the daily run."
    )
    note: str | None = strawberry.field(default=None, description=NOTE)
    ticket_id: strawberry.ID | None = strawberry.field(default=None, description=TICKET)


@strawberry.input(description="Which services are given back.")
class ReactivationInput:
    contract_id: strawberry.ID
    is_undue: bool = strawberry.field(
        default=False, description="They should not have been cut: their days are credited on what was billed."
    )
    note: str | None = strawberry.field(default=None, description=NOTE)
    ticket_id: strawberry.ID | None = strawberry.field(default=None, description=TICKET)


async def _suspend(info: Info, input: SuspensionInput) -> PreviewPayload:  # noqa: A002 - the name in the graph
    return payload(await resolve.suspension_preview(info.context, input))


async def _reactivate(info: Info, input: ReactivationInput) -> PreviewPayload:  # noqa: A002 - the name in the graph
    return payload(await resolve.reactivation_preview(info.context, input))


@strawberry.type
class SuspensionActs:
    """How services are cut and given back."""

    suspension_preview: PreviewPayload = see(_WRITE, "What cutting the services would do.", by=_suspend)
    suspension_confirm: ChangeOrderPayload = see(_WRITE, "Cut the services as previewed.", by=confirming("suspension"))
    reactivation_preview: PreviewPayload = see(
        _WRITE, "What giving the services back would charge, and credit where the cut was our mistake.", by=_reactivate
    )
    reactivation_confirm: ChangeOrderPayload = see(
        _WRITE, "Give the services back as previewed.", by=confirming("reactivation")
    )
