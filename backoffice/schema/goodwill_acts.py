"""Goodwill credits in the graph: giving one, and taking one back that was given by mistake."""

import strawberry

from backoffice import models
from backoffice.permissions import Capability
from backoffice.resolvers import acts
from backoffice.resolvers import goodwill_credits as resolve
from backoffice.resolvers.context import Info
from backoffice.schema.access import plain, see, value
from backoffice.schema.approvals import Approval
from backoffice.schema.payments import GoodwillCredit
from backoffice.schema.previews import PreviewPayload, payload
from backoffice.schema.problems import UserError, problems
from backoffice.schema.quoted_acts import ERRORS, REPLAYED, WAITS, ConfirmInput
from backoffice.schema.scalars import Cents

_WRITE = Capability.CREDIT_WRITE


@strawberry.input(description="A gift on an account; all gifts of twelve months together have a limit.")
class GoodwillCreditInput:
    billing_account_id: strawberry.ID
    amount: Cents
    note: str | None = strawberry.field(default=None, description="Why, in words; always asked for.")
    ticket_id: strawberry.ID | None = None


@strawberry.input(description="Which gift was a mistake.")
class GoodwillCreditReverseInput:
    goodwill_credit_id: strawberry.ID
    note: str | None = strawberry.field(default=None, description="Why, in words.")
    ticket_id: strawberry.ID | None = None


@value
class GoodwillCreditPayload:
    """The gift, or the request for a second person, or why it was refused."""

    goodwill_credit: GoodwillCredit | None = plain("The goodwill credit.")
    approval: Approval | None = plain(WAITS)
    replayed: bool = plain(REPLAYED)
    user_errors: list[UserError] = plain(ERRORS)


async def _preview(info: Info, input: GoodwillCreditInput) -> PreviewPayload:  # noqa: A002 - the name in the graph
    return payload(await resolve.goodwill_credit_preview(info.context, input))


async def _confirm(info: Info, input: ConfirmInput) -> GoodwillCreditPayload:  # noqa: A002 - the name in the graph
    return _payload(await resolve.confirm(info.context, "goodwillCredit", input))


async def _reverse_preview(info: Info, input: GoodwillCreditReverseInput) -> PreviewPayload:  # noqa: A002 - as above
    return payload(await resolve.goodwill_credit_reverse_preview(info.context, input))


async def _reverse_confirm(info: Info, input: ConfirmInput) -> GoodwillCreditPayload:  # noqa: A002 - as above
    return _payload(await resolve.confirm(info.context, "goodwillCreditReverse", input))


def _payload(outcome: acts.Outcome) -> GoodwillCreditPayload:
    return GoodwillCreditPayload(
        goodwill_credit=acts.of_type(outcome, models.GoodwillCredit),
        approval=acts.of_type(outcome, models.Approval),
        replayed=outcome.replayed,
        user_errors=problems(outcome.refusals),
    )


@strawberry.type
class GoodwillActs:
    """What can be done with goodwill credits."""

    goodwill_credit_preview: PreviewPayload = see(
        _WRITE, "What a gift would do to the account, and what is left of this year's.", by=_preview
    )
    goodwill_credit_confirm: GoodwillCreditPayload = see(_WRITE, "Give the gift that was previewed.", by=_confirm)
    goodwill_credit_reverse_preview: PreviewPayload = see(
        _WRITE, "What taking a gift back would do: what it paid is due again.", by=_reverse_preview
    )
    goodwill_credit_reverse_confirm: GoodwillCreditPayload = see(
        _WRITE, "Take back the gift that was previewed.", by=_reverse_confirm
    )
