"""Refunds: previewed and confirmed."""

from typing import Any, Protocol

from backoffice.models import CreditReason
from backoffice.resolvers import acts, quoted_acts
from backoffice.resolvers.context import Context
from backoffice.resolvers.quoted_acts import ConfirmInput, Previewed
from backoffice.services.refund_acts import RefundOrder


class RefundInput(Protocol):
    """What goes back, and why."""

    invoice_id: Any
    payment_id: Any
    amount: Any
    reason: CreditReason
    note: str | None
    ticket_id: Any


async def refund_preview(context: Context, given: RefundInput) -> Previewed:
    """What a refund would do."""

    async def order() -> RefundOrder:
        named, of, text = ("invoiceId", "Invoice", given.invoice_id)
        if text is None:
            named, of, text = ("paymentId", "Payment", given.payment_id or "")
        subscriber_id, row_id = await quoted_acts.file_of(context, text, of=of, named=named)
        other = await quoted_acts.same_file(
            context,
            given.payment_id if of == "Invoice" else None,
            of="Payment",
            named="paymentId",
            subscriber_id=subscriber_id,
        )
        return RefundOrder(
            subscriber_id=subscriber_id,
            invoice_id=row_id if of == "Invoice" else None,
            payment_id=other if of == "Invoice" else row_id,
            amount_cents=given.amount,
            reason=given.reason,
            note=quoted_acts.note(given.note),
            ticket_id=await quoted_acts.same_file(
                context, given.ticket_id, of="Ticket", named="ticketId", subscriber_id=subscriber_id
            ),
        )

    return await quoted_acts.preview(context, "refund", order)


async def refund_confirm(context: Context, given: ConfirmInput) -> acts.Outcome:
    """Refund what a quote says."""
    return await quoted_acts.confirm(context, "refund", "Refund", given)
