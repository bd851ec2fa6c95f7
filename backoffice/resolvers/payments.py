"""Payments: previewed and confirmed, with what undoes them and what the bank takes back."""

from typing import Any, Protocol

from backoffice.models import PaymentMethodKind
from backoffice.resolvers import acts, quoted_acts
from backoffice.resolvers.context import Context
from backoffice.resolvers.quoted_acts import ConfirmInput, Previewed
from backoffice.services import texts
from backoffice.services.payment_acts import PaymentOrder
from backoffice.services.payment_return_reversals import PaymentReturnReverseOrder
from backoffice.services.payment_returns import PaymentReturnOrder
from backoffice.services.payment_reversals import PaymentReverseOrder

_LONGEST_REFERENCE = 80


class PaymentInput(Protocol):
    """What is paid, and how."""

    billing_account_id: Any
    amount: Any
    payment_method_id: Any
    means: PaymentMethodKind | None
    reference: str | None
    contact_email: str | None
    note: str | None
    ticket_id: Any


class PaymentUndoInput(Protocol):
    """The payment that is undone or brought back, and why."""

    payment_id: Any
    note: str | None
    ticket_id: Any


class PaymentReturnInput(PaymentUndoInput, Protocol):
    """The payment that the bank took back, and its reason."""

    return_code: str


async def payment_preview(context: Context, given: PaymentInput) -> Previewed:
    """What a payment would pay."""

    async def order() -> PaymentOrder:
        subscriber_id, account_id = await quoted_acts.file_of(
            context, given.billing_account_id, of="BillingAccount", named="billingAccountId"
        )
        return PaymentOrder(
            subscriber_id=subscriber_id,
            billing_account_id=account_id,
            amount_cents=given.amount,
            payment_method_id=await quoted_acts.same_file(
                context,
                given.payment_method_id,
                of="PaymentMethod",
                named="paymentMethodId",
                subscriber_id=subscriber_id,
            ),
            means=given.means,
            reference=_reference(given.reference),
            receipt_email=texts.email(given.contact_email, field="contactEmail") if given.contact_email else None,
            note=quoted_acts.note(given.note),
            ticket_id=await quoted_acts.ticket(context, given.ticket_id, subscriber_id=subscriber_id),
        )

    return await quoted_acts.preview(context, "payment", order)


async def payment_reverse_preview(context: Context, given: PaymentUndoInput) -> Previewed:
    """What taking a payment back would do."""

    async def order() -> PaymentReverseOrder:
        return PaymentReverseOrder(**await _undo(context, given))

    return await quoted_acts.preview(context, "paymentReverse", order)


async def payment_return_preview(context: Context, given: PaymentReturnInput) -> Previewed:
    """What the return of a payment would open again."""

    async def order() -> PaymentReturnOrder:
        code = given.return_code.strip().upper()
        return PaymentReturnOrder(**await _undo(context, given), return_code=code)

    return await quoted_acts.preview(context, "paymentReturn", order)


async def payment_return_reverse_preview(context: Context, given: PaymentUndoInput) -> Previewed:
    """What undoing the return of a payment would do."""

    async def order() -> PaymentReturnReverseOrder:
        return PaymentReturnReverseOrder(**await _undo(context, given))

    return await quoted_acts.preview(context, "paymentReturnReverse", order)


async def confirm(context: Context, operation: str, given: ConfirmInput) -> acts.Outcome:
    """Do what a quote of `operation` says."""
    return await quoted_acts.confirm(context, operation, "Payment", given)


def _reference(text: str | None) -> str | None:
    return texts.cleaned(text, field="reference", longest=_LONGEST_REFERENCE) if text else None


async def _undo(context: Context, given: PaymentUndoInput) -> dict[str, Any]:
    subscriber_id, payment_id = await quoted_acts.file_of(context, given.payment_id, of="Payment", named="paymentId")
    return {
        "subscriber_id": subscriber_id,
        "payment_id": payment_id,
        "note": quoted_acts.note(given.note),
        "ticket_id": await quoted_acts.ticket(context, given.ticket_id, subscriber_id=subscriber_id),
    }
