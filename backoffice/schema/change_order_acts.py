"""Orders to change a contract in the graph: cancelled before their day, or taken back."""

import strawberry

from backoffice.permissions import Capability
from backoffice.resolvers import acts
from backoffice.resolvers import change_orders as resolve
from backoffice.resolvers.context import Info
from backoffice.schema.access import see
from backoffice.schema.change_orders import NOTE, TICKET, ChangeOrderPayload, answer, confirming
from backoffice.schema.previews import PreviewPayload, payload

_WRITE = Capability.CONTRACT_WRITE


@strawberry.input(description="Which change is cancelled before its day.")
class ChangeOrderCancelInput:
    change_order_id: strawberry.ID
    expected_revision: int = strawberry.field(description="The revision that you read.")
    idempotency_key: str = strawberry.field(description=acts.KEY)


@strawberry.input(description="Which change was a mistake.")
class ChangeOrderReverseInput:
    change_order_id: strawberry.ID
    note: str | None = strawberry.field(default=None, description=NOTE)
    ticket_id: strawberry.ID | None = strawberry.field(default=None, description=TICKET)


async def _cancel(info: Info, input: ChangeOrderCancelInput) -> ChangeOrderPayload:  # noqa: A002 - the name in the graph
    return answer(await resolve.change_order_cancel(info.context, input))


async def _reverse(info: Info, input: ChangeOrderReverseInput) -> PreviewPayload:  # noqa: A002 - the name in the graph
    return payload(await resolve.change_order_reverse_preview(info.context, input))


@strawberry.type
class ChangeOrderActs:
    """What can be done with an order to change a contract."""

    change_order_cancel: ChangeOrderPayload = see(_WRITE, "Cancel a scheduled change before its day.", by=_cancel)
    change_order_reverse_preview: PreviewPayload = see(
        _WRITE, "What taking a change back would restore, and which charges are no longer billed.", by=_reverse
    )
    change_order_reverse_confirm: ChangeOrderPayload = see(
        _WRITE, "Take a change back as previewed.", by=confirming("changeOrderReverse")
    )
