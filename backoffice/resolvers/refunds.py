"""Refunds: previewed and confirmed."""

from typing import Any, Protocol

from backoffice.models import CreditReason
from backoffice.resolvers import acts, quoted_acts
from backoffice.resolvers.context import Context
from backoffice.resolvers.quoted_acts import ConfirmInput, Previewed
from backoffice.services.refund_acts import RefundOrder
from backoffice.services.refund_reversals import RefundReverseOrder


class RefundInput(Protocol):
    """What goes back, and why."""

    invoice_id: Any
    invoice_line_id: Any
    payment_id: Any
    amount: Any
    reason: CreditReason
    note: str | None
    ticket_id: Any


class RefundReverseInput(Protocol):
    """The refund to take back, and why."""

    refund_id: Any
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
            invoice_line_id=await quoted_acts.same_file(
                context, given.invoice_line_id, of="InvoiceLine", named="invoiceLineId", subscriber_id=subscriber_id
            ),
            payment_id=other if of == "Invoice" else row_id,
            amount_cents=given.amount,
            reason=given.reason,
            note=quoted_acts.note(given.note),
            ticket_id=await quoted_acts.ticket(context, given.ticket_id, subscriber_id=subscriber_id),
        )

    return await quoted_acts.preview(context, "refund", order)


async def refund_confirm(context: Context, given: ConfirmInput) -> acts.Outcome:
    """Refund what a quote says."""
    return await quoted_acts.confirm(context, "refund", "Refund", given)


async def refund_reverse_preview(context: Context, given: RefundReverseInput) -> Previewed:
    """What taking a refund back would do."""

    async def order() -> RefundReverseOrder:
        subscriber_id, refund_id = await quoted_acts.file_of(context, given.refund_id, of="Refund", named="refundId")
        return RefundReverseOrder(
            subscriber_id=subscriber_id,
            refund_id=refund_id,
            note=quoted_acts.note(given.note),
            ticket_id=await quoted_acts.ticket(context, given.ticket_id, subscriber_id=subscriber_id),
        )

    return await quoted_acts.preview(context, "refundReverse", order)


async def refund_reverse_confirm(context: Context, given: ConfirmInput) -> acts.Outcome:
    """Take back what a quote says."""
    return await quoted_acts.confirm(context, "refundReverse", "Refund", given)
