"""Payments in the graph: taking and recording them, undoing a mistake, and what the bank takes back."""

import strawberry

from backoffice import models
from backoffice.permissions import Capability
from backoffice.resolvers import acts
from backoffice.resolvers import payments as resolve
from backoffice.resolvers.context import Info
from backoffice.schema.access import plain, see, value
from backoffice.schema.approvals import Approval
from backoffice.schema.payments import Payment
from backoffice.schema.previews import PreviewPayload, payload
from backoffice.schema.problems import UserError, problems
from backoffice.schema.quoted_acts import ERRORS, REPLAYED, WAITS, ConfirmInput
from backoffice.schema.scalars import Cents

_WRITE = Capability.PAYMENT_WRITE


@strawberry.input(description="What is paid to an account: it pays the oldest invoices, the rest stays as credit.")
class PaymentInput:
    billing_account_id: strawberry.ID
    amount: Cents = strawberry.field(description="Any amount above zero.")
    payment_method_id: strawberry.ID | None = strawberry.field(
        default=None, description="The card or mandate to charge; the money comes when the bank has answered."
    )
    means: models.PaymentMethodKind | None = strawberry.field(
        default=None, description="TRANSFER or CHECK, for money that is there already; then with its reference."
    )
    reference: str | None = strawberry.field(
        default=None, description="The reference of the transfer, or the number of the check."
    )
    contact_email: str | None = strawberry.field(
        default=None, description="Where the receipt goes once the money is in; none: no receipt."
    )
    note: str | None = strawberry.field(default=None, description="Anything to remember about it.")
    ticket_id: strawberry.ID | None = None


@strawberry.input(description="Which payment was recorded by mistake; one that the bank collected is refunded instead.")
class PaymentReverseInput:
    payment_id: strawberry.ID
    note: str | None = strawberry.field(default=None, description="Why, in words.")
    ticket_id: strawberry.ID | None = None


@strawberry.input(description="Which payment the bank took back, and why.")
class PaymentReturnInput:
    payment_id: strawberry.ID
    return_code: str = strawberry.field(description="The bank's reason, an ISO 20022 code such as AM04 or MD06.")
    note: str | None = strawberry.field(default=None, description="Anything to remember about it.")
    ticket_id: strawberry.ID | None = None


@strawberry.input(description="Which payment the bank did not take back after all.")
class PaymentReturnReverseInput:
    payment_id: strawberry.ID
    note: str | None = strawberry.field(default=None, description="Why, in words.")
    ticket_id: strawberry.ID | None = None


@value
class PaymentPayload:
    """The payment as it stands now, or why nothing was done."""

    payment: Payment | None = plain("The payment.")
    approval: Approval | None = plain(WAITS)
    replayed: bool = plain(REPLAYED)
    user_errors: list[UserError] = plain(ERRORS)


async def _preview(info: Info, input: PaymentInput) -> PreviewPayload:  # noqa: A002 - the name in the graph
    return payload(await resolve.payment_preview(info.context, input))


async def _confirm(info: Info, input: ConfirmInput) -> PaymentPayload:  # noqa: A002 - the name in the graph
    return _payload(await resolve.confirm(info.context, "payment", input))


async def _reverse_preview(info: Info, input: PaymentReverseInput) -> PreviewPayload:  # noqa: A002 - as above
    return payload(await resolve.payment_reverse_preview(info.context, input))


async def _reverse_confirm(info: Info, input: ConfirmInput) -> PaymentPayload:  # noqa: A002 - as above
    return _payload(await resolve.confirm(info.context, "paymentReverse", input))


async def _return_preview(info: Info, input: PaymentReturnInput) -> PreviewPayload:  # noqa: A002 - as above
    return payload(await resolve.payment_return_preview(info.context, input))


async def _return_confirm(info: Info, input: ConfirmInput) -> PaymentPayload:  # noqa: A002 - as above
    return _payload(await resolve.confirm(info.context, "paymentReturn", input))


async def _return_reverse_preview(info: Info, input: PaymentReturnReverseInput) -> PreviewPayload:  # noqa: A002 - as above
    return payload(await resolve.payment_return_reverse_preview(info.context, input))


async def _return_reverse_confirm(info: Info, input: ConfirmInput) -> PaymentPayload:  # noqa: A002 - as above
    return _payload(await resolve.confirm(info.context, "paymentReturnReverse", input))


def _payload(outcome: acts.Outcome) -> PaymentPayload:
    return PaymentPayload(
        payment=acts.of_type(outcome, models.Payment),
        approval=acts.of_type(outcome, models.Approval),
        replayed=outcome.replayed,
        user_errors=problems(outcome.refusals),
    )


@strawberry.type
class PaymentActs:
    """What can be done with payments."""

    payment_preview: PreviewPayload = see(
        _WRITE, "What a payment would pay, what stays due, and what stays on the account.", by=_preview
    )
    payment_confirm: PaymentPayload = see(_WRITE, "Take the payment that was previewed.", by=_confirm)
    payment_reverse_preview: PreviewPayload = see(
        _WRITE, "What taking a mistaken payment back would do: its invoices are open again.", by=_reverse_preview
    )
    payment_reverse_confirm: PaymentPayload = see(
        _WRITE, "Take back the payment that was previewed.", by=_reverse_confirm
    )
    payment_return_preview: PreviewPayload = see(
        _WRITE, "What a payment that the bank took back opens again.", by=_return_preview
    )
    payment_return_confirm: PaymentPayload = see(_WRITE, "Record the return that was previewed.", by=_return_confirm)
    payment_return_reverse_preview: PreviewPayload = see(
        _WRITE, "What a payment pays again whose return was recorded by mistake.", by=_return_reverse_preview
    )
    payment_return_reverse_confirm: PaymentPayload = see(
        _WRITE, "Undo the return that was previewed.", by=_return_reverse_confirm
    )
