"""Credit notes in the graph: issuing them, and taking a wrong one back by a document of its own."""

from datetime import date

import strawberry

from backoffice import models
from backoffice.permissions import Capability
from backoffice.resolvers import acts
from backoffice.resolvers import credit_notes as resolve
from backoffice.resolvers.context import Info
from backoffice.schema.access import plain, see, value
from backoffice.schema.approvals import Approval
from backoffice.schema.credit_notes import CreditNote
from backoffice.schema.previews import PreviewPayload, payload
from backoffice.schema.problems import UserError, problems
from backoffice.schema.quoted_acts import ERRORS, REPLAYED, WAITS, ConfirmInput
from backoffice.schema.scalars import Cents

_WRITE = Capability.CREDIT_WRITE


@strawberry.input(description="What is credited: all that stands of an invoice, a line, some days, or an amount.")
class CreditNoteInput:
    invoice_id: strawberry.ID
    invoice_line_id: strawberry.ID | None = strawberry.field(default=None, description="None: the whole invoice.")
    amount: Cents | None = strawberry.field(default=None, description="None: all that stands.")
    starts_on: date | None = strawberry.field(default=None, description="The first day that is credited.")
    ends_on: date | None = strawberry.field(default=None, description="The first day that is no longer credited.")
    reason: models.CreditReason
    to_balance: bool = strawberry.field(
        default=False, description="Keep on the account what would go back to the means that paid."
    )
    note: str | None = strawberry.field(default=None, description="Why, in words; printed on the credit note.")
    ticket_id: strawberry.ID | None = None


@strawberry.input(description="Which credit note was wrong.")
class CreditNoteReverseInput:
    credit_note_id: strawberry.ID
    note: str | None = strawberry.field(default=None, description="Why, in words; printed on the reversal.")
    ticket_id: strawberry.ID | None = None


@value
class CreditNotePayload:
    """The document that was issued, or the request for a second person, or why it was refused."""

    credit_note: CreditNote | None = plain("The credit note, or the reversal that takes one back.")
    approval: Approval | None = plain(WAITS)
    replayed: bool = plain(REPLAYED)
    user_errors: list[UserError] = plain(ERRORS)


async def _preview(info: Info, input: CreditNoteInput) -> PreviewPayload:  # noqa: A002 - the name in the graph
    return payload(await resolve.credit_note_preview(info.context, input))


async def _confirm(info: Info, input: ConfirmInput) -> CreditNotePayload:  # noqa: A002 - the name in the graph
    return _payload(await resolve.credit_note_confirm(info.context, input))


async def _reverse_preview(info: Info, input: CreditNoteReverseInput) -> PreviewPayload:  # noqa: A002 - as above
    return payload(await resolve.credit_note_reverse_preview(info.context, input))


async def _reverse_confirm(info: Info, input: ConfirmInput) -> CreditNotePayload:  # noqa: A002 - as above
    return _payload(await resolve.credit_note_reverse_confirm(info.context, input))


def _payload(outcome: acts.Outcome) -> CreditNotePayload:
    return CreditNotePayload(
        credit_note=acts.of_type(outcome, models.CreditNote),
        approval=acts.of_type(outcome, models.Approval),
        replayed=outcome.replayed,
        user_errors=problems(outcome.refusals),
    )


@strawberry.type
class CreditNoteActs:
    """What can be done with credit notes."""

    credit_note_preview: PreviewPayload = see(
        _WRITE, "What a credit note would say, and where its money would go.", by=_preview
    )
    credit_note_confirm: CreditNotePayload = see(_WRITE, "Issue the credit note that was previewed.", by=_confirm)
    credit_note_reverse_preview: PreviewPayload = see(
        _WRITE, "What taking a credit note back would do: its amount is due again.", by=_reverse_preview
    )
    credit_note_reverse_confirm: CreditNotePayload = see(
        _WRITE, "Issue the reversal that was previewed.", by=_reverse_confirm
    )
