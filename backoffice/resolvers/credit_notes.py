"""Credit notes and the documents that take them back: previewed and confirmed."""

from datetime import date
from typing import Any, Protocol

from backoffice.models import CreditReason
from backoffice.resolvers import acts, quoted_acts
from backoffice.resolvers.context import Context
from backoffice.resolvers.quoted_acts import ConfirmInput, Previewed
from backoffice.services.credit_note_reversals import CreditNoteReverseOrder
from backoffice.services.credit_notes import CreditNoteOrder


class CreditNoteInput(Protocol):
    """What is credited, and why."""

    invoice_id: Any
    invoice_line_id: Any
    amount: Any
    starts_on: date | None
    ends_on: date | None
    reason: CreditReason
    to_balance: bool
    note: str | None
    ticket_id: Any


class CreditNoteReverseInput(Protocol):
    """The credit note to take back, and why."""

    credit_note_id: Any
    note: str | None
    ticket_id: Any


async def credit_note_preview(context: Context, given: CreditNoteInput) -> Previewed:
    """What a credit note would do."""

    async def order() -> CreditNoteOrder:
        subscriber_id, invoice_id = await quoted_acts.file_of(
            context, given.invoice_id, of="Invoice", named="invoiceId"
        )
        return CreditNoteOrder(
            subscriber_id=subscriber_id,
            invoice_id=invoice_id,
            invoice_line_id=await quoted_acts.same_file(
                context, given.invoice_line_id, of="InvoiceLine", named="invoiceLineId", subscriber_id=subscriber_id
            ),
            amount_cents=given.amount,
            starts_on=given.starts_on,
            ends_on=given.ends_on,
            reason=given.reason,
            to_balance=given.to_balance,
            note=quoted_acts.note(given.note),
            ticket_id=await quoted_acts.ticket(context, given.ticket_id, subscriber_id=subscriber_id),
        )

    return await quoted_acts.preview(context, "creditNote", order)


async def credit_note_confirm(context: Context, given: ConfirmInput) -> acts.Outcome:
    """Issue the credit note of a quote."""
    return await quoted_acts.confirm(context, "creditNote", "CreditNote", given)


async def credit_note_reverse_preview(context: Context, given: CreditNoteReverseInput) -> Previewed:
    """What taking a credit note back would do."""

    async def order() -> CreditNoteReverseOrder:
        subscriber_id, note_id = await quoted_acts.file_of(
            context, given.credit_note_id, of="CreditNote", named="creditNoteId"
        )
        return CreditNoteReverseOrder(
            subscriber_id=subscriber_id,
            credit_note_id=note_id,
            note=quoted_acts.note(given.note),
            ticket_id=await quoted_acts.ticket(context, given.ticket_id, subscriber_id=subscriber_id),
        )

    return await quoted_acts.preview(context, "creditNoteReverse", order)


async def credit_note_reverse_confirm(context: Context, given: ConfirmInput) -> acts.Outcome:
    """Take back what a quote says."""
    return await quoted_acts.confirm(context, "creditNoteReverse", "CreditNote", given)
