"""Corrections in the graph: an issued line that billed the wrong days, offer or price is made good by a document."""

from datetime import date

import strawberry

from backoffice import models
from backoffice.permissions import Capability
from backoffice.resolvers import acts
from backoffice.resolvers import proration_corrections as resolve
from backoffice.resolvers.context import Info
from backoffice.schema.access import plain, see, value
from backoffice.schema.approvals import Approval
from backoffice.schema.credit_notes import CreditNote
from backoffice.schema.extra_charges import ExtraCharge
from backoffice.schema.previews import PreviewPayload, payload
from backoffice.schema.problems import UserError, problems
from backoffice.schema.quoted_acts import ERRORS, REPLAYED, WAITS, ConfirmInput

_WRITE = Capability.CREDIT_WRITE


@strawberry.input(description="The change of offer that the line billed wrongly.")
class RightChangeInput:
    on: date = strawberry.field(description="The first day of the new offer.")
    old_offer_id: strawberry.ID
    new_offer_id: strawberry.ID


@strawberry.input(
    description="The line, and one of: the right change, the right days, the right offer; or none of them, and it is "
    "recomputed from the contract as it stands."
)
class ProrationCorrectionInput:
    invoice_line_id: strawberry.ID
    change: RightChangeInput | None = None
    served_from: date | None = strawberry.field(default=None, description="The first day that was served.")
    served_until: date | None = strawberry.field(default=None, description="The first day that was no longer served.")
    offer_id: strawberry.ID | None = strawberry.field(
        default=None, description="The offer that should have been billed."
    )
    to_balance: bool = strawberry.field(
        default=False, description="Keep on the account what would go back to the means that paid."
    )
    note: str | None = strawberry.field(default=None, description="Why, in words; printed on the credit note.")
    ticket_id: strawberry.ID | None = None


@strawberry.input(description="Which correction was wrong: its credit note, or the charge that it left to bill.")
class ProrationCorrectionReverseInput:
    credit_note_id: strawberry.ID | None = None
    extra_charge_id: strawberry.ID | None = None
    note: str | None = strawberry.field(default=None, description="Why, in words.")
    ticket_id: strawberry.ID | None = None


@value
class ProrationCorrection:
    """What makes up for a wrong line, or takes such a thing back: one of the two."""

    credit_note: CreditNote | None = plain("The credit note of what was billed too much, or its reversal.")
    extra_charge: ExtraCharge | None = plain("The charge of what was billed too little, or the one that was cancelled.")


@value
class ProrationCorrectionPayload:
    """What makes up for the wrong line, or the request for a second person, or why it was refused."""

    proration_correction: ProrationCorrection | None = plain("What was made.")
    approval: Approval | None = plain(WAITS)
    replayed: bool = plain(REPLAYED)
    user_errors: list[UserError] = plain(ERRORS)


async def _preview(info: Info, input: ProrationCorrectionInput) -> PreviewPayload:  # noqa: A002 - the name in the graph
    return payload(await resolve.proration_correction_preview(info.context, input))


async def _confirm(info: Info, input: ConfirmInput) -> ProrationCorrectionPayload:  # noqa: A002 - as above
    return _payload(await resolve.proration_correction_confirm(info.context, input))


async def _reverse_preview(info: Info, input: ProrationCorrectionReverseInput) -> PreviewPayload:  # noqa: A002 - as above
    return payload(await resolve.proration_correction_reverse_preview(info.context, input))


async def _reverse_confirm(info: Info, input: ConfirmInput) -> ProrationCorrectionPayload:  # noqa: A002 - as above
    return _payload(await resolve.proration_correction_reverse_confirm(info.context, input))


def _payload(outcome: acts.Outcome) -> ProrationCorrectionPayload:
    note, charge = acts.of_type(outcome, models.CreditNote), acts.of_type(outcome, models.ExtraCharge)
    return ProrationCorrectionPayload(
        proration_correction=ProrationCorrection(credit_note=note, extra_charge=charge) if note or charge else None,
        approval=acts.of_type(outcome, models.Approval),
        replayed=outcome.replayed,
        user_errors=problems(outcome.refusals),
    )


@strawberry.type
class ProrationCorrectionActs:
    """What can be done about lines that billed the wrong thing."""

    proration_correction_preview: PreviewPayload = see(
        _WRITE, "What a line should have been, and the document that makes up for it.", by=_preview
    )
    proration_correction_confirm: ProrationCorrectionPayload = see(
        _WRITE, "Make the correction that was previewed.", by=_confirm
    )
    proration_correction_reverse_preview: PreviewPayload = see(
        _WRITE, "What taking a correction back would do.", by=_reverse_preview
    )
    proration_correction_reverse_confirm: ProrationCorrectionPayload = see(
        _WRITE, "Take back the correction that was previewed.", by=_reverse_confirm
    )
