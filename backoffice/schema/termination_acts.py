"""The end of a contract in the graph: termination with notice, withdrawal within fourteen days."""

from datetime import date

import strawberry

from backoffice import models
from backoffice.permissions import Capability
from backoffice.resolvers import change_orders as resolve
from backoffice.resolvers.context import Info
from backoffice.schema.access import see
from backoffice.schema.change_orders import NOTE, TICKET, ChangeOrderPayload, confirming
from backoffice.schema.previews import PreviewPayload, payload

_WRITE = Capability.CONTRACT_WRITE
_RECEIVED = "The day on which the notice came in; none: today."


@strawberry.input(description="Why and when a contract ends.")
class TerminationInput:
    contract_id: strawberry.ID
    reason: models.TerminationReason = models.TerminationReason.CUSTOMER_REQUEST
    received_on: date | None = strawberry.field(default=None, description=_RECEIVED)
    on: date | None = strawberry.field(
        default=None, description="The first day without service; none: ten days after the notice (L224-39)."
    )
    note: str | None = strawberry.field(default=None, description=NOTE)
    ticket_id: strawberry.ID | None = strawberry.field(default=None, description=TICKET)


@strawberry.input(description="From which contract the subscriber withdraws.")
class WithdrawalInput:
    contract_id: strawberry.ID
    received_on: date | None = strawberry.field(default=None, description=_RECEIVED)
    note: str | None = strawberry.field(default=None, description=NOTE)
    ticket_id: strawberry.ID | None = strawberry.field(default=None, description=TICKET)


async def _terminate(info: Info, input: TerminationInput) -> PreviewPayload:  # noqa: A002 - the name in the graph
    return payload(await resolve.termination_preview(info.context, input))


async def _withdraw(info: Info, input: WithdrawalInput) -> PreviewPayload:  # noqa: A002 - the name in the graph
    return payload(await resolve.withdrawal_preview(info.context, input))


@strawberry.type
class TerminationActs:
    """How a contract ends."""

    termination_preview: PreviewPayload = see(
        _WRITE,
        "When a contract would end, its fee with the rule, and what is credited of the days paid.",
        by=_terminate,
    )
    termination_confirm: ChangeOrderPayload = see(
        _WRITE, "Terminate the contract as previewed.", by=confirming("termination")
    )
    withdrawal_preview: PreviewPayload = see(
        _WRITE, "What is kept for the service given, what goes back and until when (L221-18 to L221-25).", by=_withdraw
    )
    withdrawal_confirm: ChangeOrderPayload = see(
        _WRITE, "Withdraw from the contract as previewed.", by=confirming("withdrawal")
    )
