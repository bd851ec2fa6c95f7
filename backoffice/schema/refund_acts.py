"""Refunds in the graph: previewing and confirming them."""

import strawberry

from backoffice import models
from backoffice.permissions import Capability
from backoffice.resolvers import acts
from backoffice.resolvers import refunds as resolve
from backoffice.resolvers.context import Info
from backoffice.schema.access import plain, see, value
from backoffice.schema.approvals import Approval
from backoffice.schema.credit_notes import Refund
from backoffice.schema.previews import PreviewPayload, payload
from backoffice.schema.problems import UserError, problems
from backoffice.schema.quoted_acts import ERRORS, REPLAYED, WAITS, ConfirmInput
from backoffice.schema.scalars import Cents

_WRITE = Capability.REFUND_WRITE


@strawberry.input(description="What goes back: an amount of an invoice, or of a payment beyond what was due.")
class RefundInput:
    invoice_id: strawberry.ID | None = None
    invoice_line_id: strawberry.ID | None = strawberry.field(
        default=None, description="The line that is credited for it; none: all lines, in proportion."
    )
    payment_id: strawberry.ID | None = None
    amount: Cents
    reason: models.CreditReason
    note: str | None = strawberry.field(default=None, description="Why, in words; printed on the credit note.")
    ticket_id: strawberry.ID | None = None


@strawberry.input(description="Which refund is taken back; it must not have left yet.")
class RefundReverseInput:
    refund_id: strawberry.ID
    note: str | None = strawberry.field(default=None, description="Why, in words.")
    ticket_id: strawberry.ID | None = None


@value
class RefundPayload:
    """The refund, or the request for a second person, or why it was refused."""

    refund: Refund | None = plain("The refund; the first one where several payments give back.")
    approval: Approval | None = plain(WAITS)
    replayed: bool = plain(REPLAYED)
    user_errors: list[UserError] = plain(ERRORS)


async def _preview(info: Info, input: RefundInput) -> PreviewPayload:  # noqa: A002 - the name in the graph
    return payload(await resolve.refund_preview(info.context, input))


async def _confirm(info: Info, input: ConfirmInput) -> RefundPayload:  # noqa: A002 - the name in the graph
    return _payload(await resolve.refund_confirm(info.context, input))


async def _reverse_preview(info: Info, input: RefundReverseInput) -> PreviewPayload:  # noqa: A002 - as above
    return payload(await resolve.refund_reverse_preview(info.context, input))


async def _reverse_confirm(info: Info, input: ConfirmInput) -> RefundPayload:  # noqa: A002 - as above
    return _payload(await resolve.refund_reverse_confirm(info.context, input))


def _payload(outcome: acts.Outcome) -> RefundPayload:
    return RefundPayload(
        refund=acts.of_type(outcome, models.Refund),
        approval=acts.of_type(outcome, models.Approval),
        replayed=outcome.replayed,
        user_errors=problems(outcome.refusals),
    )


@strawberry.type
class RefundActs:
    """What can be done with refunds."""

    refund_preview: PreviewPayload = see(
        _WRITE, "What a refund would do: its credit note, where the money goes, what it asks for.", by=_preview
    )
    refund_confirm: RefundPayload = see(_WRITE, "Refund what was previewed.", by=_confirm)
    refund_reverse_preview: PreviewPayload = see(
        _WRITE, "What taking a refund back would do, while it waits to be sent.", by=_reverse_preview
    )
    refund_reverse_confirm: RefundPayload = see(_WRITE, "Take back the refund that was previewed.", by=_reverse_confirm)
