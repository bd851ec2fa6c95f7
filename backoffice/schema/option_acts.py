"""Options and offers of a contract in the graph: adding, ending, changing."""

from datetime import date

import strawberry

from backoffice.permissions import Capability
from backoffice.resolvers import change_orders as resolve
from backoffice.resolvers.context import Info
from backoffice.schema.access import see
from backoffice.schema.change_orders import NOTE, TICKET, ChangeOrderPayload, confirming
from backoffice.schema.previews import PreviewPayload, payload
from backoffice.services.change_days import When
from backoffice.services.option_ends import OptionEnd

_WRITE = Capability.CONTRACT_WRITE
_ON = "The first day on which it counts, with ON_DATE."

strawberry.enum(When, name="ChangeWhen", description="When a change takes effect.")
strawberry.enum(
    OptionEnd,
    name="OptionEndWhen",
    description="When an option ends: with the cycle that is paid, at once with its unused days credited, or on a day.",
)


@strawberry.input(description="Which option a contract gets, and from when.")
class OptionAddInput:
    contract_id: strawberry.ID
    offer_id: strawberry.ID
    when: When = When.NOW
    on: date | None = strawberry.field(default=None, description=_ON)
    accepts_commitment: bool = strawberry.field(
        default=False, description="Whether the subscriber expressly consents to a longer commitment (L224-42-2 III)."
    )
    note: str | None = strawberry.field(default=None, description=NOTE)
    ticket_id: strawberry.ID | None = strawberry.field(default=None, description=TICKET)


@strawberry.input(description="Which option ends, and when.")
class OptionEndInput:
    contract_item_id: strawberry.ID
    when: OptionEnd = OptionEnd.END_OF_CYCLE
    on: date | None = strawberry.field(default=None, description="The first day without it, with ON_DATE.")
    note: str | None = strawberry.field(default=None, description=NOTE)
    ticket_id: strawberry.ID | None = strawberry.field(default=None, description=TICKET)


@strawberry.input(description="To which offer a contract changes, and from when.")
class OfferChangeInput:
    contract_id: strawberry.ID
    offer_id: strawberry.ID
    when: When = When.NOW
    on: date | None = strawberry.field(default=None, description=_ON)
    accepts_commitment: bool = strawberry.field(
        default=False, description="Whether the subscriber expressly consents to a new commitment."
    )
    commitment_months: int | None = strawberry.field(
        default=None,
        description="The commitment that was agreed; none: what the offer asks for. At most 24 (L224-28 I).",
    )
    note: str | None = strawberry.field(default=None, description=NOTE)
    ticket_id: strawberry.ID | None = strawberry.field(default=None, description=TICKET)


async def _add(info: Info, input: OptionAddInput) -> PreviewPayload:  # noqa: A002 - the name in the graph
    return payload(await resolve.option_add_preview(info.context, input))


async def _end(info: Info, input: OptionEndInput) -> PreviewPayload:  # noqa: A002 - the name in the graph
    return payload(await resolve.option_end_preview(info.context, input))


async def _change(info: Info, input: OfferChangeInput) -> PreviewPayload:  # noqa: A002 - the name in the graph
    return payload(await resolve.offer_change_preview(info.context, input))


@strawberry.type
class OptionActs:
    """What can be done with the options and the offer of a contract."""

    option_add_preview: PreviewPayload = see(
        _WRITE,
        "What adding an option would charge, and what it does to the commitment: nothing without consent.",
        by=_add,
    )
    option_add_confirm: ChangeOrderPayload = see(
        _WRITE, "Add the option that was previewed.", by=confirming("optionAdd")
    )
    option_end_preview: PreviewPayload = see(_WRITE, "When an option would end, and what is credited.", by=_end)
    option_end_confirm: ChangeOrderPayload = see(_WRITE, "End the option as previewed.", by=confirming("optionEnd"))
    offer_change_preview: PreviewPayload = see(
        _WRITE, "What a change of offer would credit and charge, and what it does to the commitment.", by=_change
    )
    offer_change_confirm: ChangeOrderPayload = see(
        _WRITE, "Change the offer as previewed.", by=confirming("offerChange")
    )
