"""Corrections of issued lines: previewed and confirmed."""

from datetime import date
from typing import Any, Protocol

from backoffice.resolvers import acts, ids, quoted_acts
from backoffice.resolvers.context import Context
from backoffice.resolvers.quoted_acts import ConfirmInput, Previewed
from backoffice.services.proration_correction_reversals import ProrationCorrectionReverseOrder
from backoffice.services.proration_corrections import ProrationCorrectionOrder, RightChange


class ChangeInput(Protocol):
    """The change of offer as it should have been billed."""

    on: date
    old_offer_id: Any
    new_offer_id: Any


class CorrectionInput(Protocol):
    """The line, and what it should have billed."""

    invoice_line_id: Any
    change: Any
    served_from: date | None
    served_until: date | None
    offer_id: Any
    to_balance: bool
    note: str | None
    ticket_id: Any


class ReverseInput(Protocol):
    """The correction to take back, and why."""

    credit_note_id: Any
    extra_charge_id: Any
    note: str | None
    ticket_id: Any


async def proration_correction_preview(context: Context, given: CorrectionInput) -> Previewed:
    """What a correction would do."""

    async def order() -> ProrationCorrectionOrder:
        subscriber_id, line_id = await quoted_acts.file_of(
            context, given.invoice_line_id, of="InvoiceLine", named="invoiceLineId"
        )
        return ProrationCorrectionOrder(
            subscriber_id=subscriber_id,
            invoice_line_id=line_id,
            change=await _change(context, given.change) if given.change else None,
            served_from=given.served_from,
            served_until=given.served_until,
            offer_id=await _offer(context, given.offer_id, "offerId") if given.offer_id else None,
            to_balance=given.to_balance,
            note=quoted_acts.note(given.note),
            ticket_id=await quoted_acts.ticket(context, given.ticket_id, subscriber_id=subscriber_id),
        )

    return await quoted_acts.preview(context, "prorationCorrection", order)


async def proration_correction_confirm(context: Context, given: ConfirmInput) -> acts.Outcome:
    """Make the correction of a quote."""
    return await quoted_acts.confirm(context, "prorationCorrection", "CreditNote", given)


async def proration_correction_reverse_preview(context: Context, given: ReverseInput) -> Previewed:
    """What taking a correction back would do."""

    async def order() -> ProrationCorrectionReverseOrder:
        named, of, text = "creditNoteId", "CreditNote", given.credit_note_id
        if text is None:
            named, of, text = "extraChargeId", "ExtraCharge", given.extra_charge_id or ""
        subscriber_id, row_id = await quoted_acts.file_of(context, text, of=of, named=named)
        other = given.extra_charge_id if of == "CreditNote" else None
        extra_id = await quoted_acts.same_file(
            context, other, of="ExtraCharge", named="extraChargeId", subscriber_id=subscriber_id
        )
        return ProrationCorrectionReverseOrder(
            subscriber_id=subscriber_id,
            credit_note_id=row_id if of == "CreditNote" else None,
            extra_charge_id=extra_id if of == "CreditNote" else row_id,
            note=quoted_acts.note(given.note),
            ticket_id=await quoted_acts.ticket(context, given.ticket_id, subscriber_id=subscriber_id),
        )

    return await quoted_acts.preview(context, "prorationCorrectionReverse", order)


async def proration_correction_reverse_confirm(context: Context, given: ConfirmInput) -> acts.Outcome:
    """Take back what a quote says."""
    return await quoted_acts.confirm(context, "prorationCorrectionReverse", "CreditNote", given)


async def _change(context: Context, given: ChangeInput) -> RightChange:
    return RightChange(
        on=given.on,
        old_offer_id=await _offer(context, given.old_offer_id, "change.oldOfferId"),
        new_offer_id=await _offer(context, given.new_offer_id, "change.newOfferId"),
    )


async def _offer(context: Context, text: str, named: str) -> int:
    return int((await ids.row(context, text, of="Offer", field=named)).id)
