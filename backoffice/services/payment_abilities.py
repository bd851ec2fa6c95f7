"""What a viewer may do now about the payments and the goodwill of an account, and what it will ask."""

from collections.abc import Callable

from backoffice.models import GoodwillState, PaymentMethodKind, PaymentState
from backoffice.permissions import Capability
from backoffice.services import known_payments, payment_means
from backoffice.services.abilities import Ability, Action
from backoffice.services.amounts import written

Judge = Callable[[Action, Capability, int, str | None], Ability]

_WRITE, _CREDIT = Capability.PAYMENT_WRITE, Capability.CREDIT_WRITE
_NO_CEILING = 0
"""Money that comes in, or that the bank takes back, is no gift of ours."""


def of_account(judge: Judge, *, goodwill_left_cents: int) -> list[Ability]:
    """A payment can always be taken; a gift as far as the year's goodwill goes."""
    exhausted = None if goodwill_left_cents else "This year's goodwill is given."
    return [
        judge(Action.PAYMENT, _WRITE, _NO_CEILING, None),
        judge(Action.GOODWILL_CREDIT, _CREDIT, goodwill_left_cents, exhausted),
    ]


def of_payment(
    judge: Judge, *, state: PaymentState, means: PaymentMethodKind | None, refunded_cents: int
) -> list[Ability]:
    """A mistake can be undone, what was collected can be returned, and a return can be undone."""
    not_collected = None if state is PaymentState.CAPTURED else f"It is {state.lower()}: no money came in."
    not_returned = None if state is PaymentState.RETURNED else "The bank has not taken it back."
    return [
        judge(Action.PAYMENT_REVERSE, _WRITE, _NO_CEILING, _why_no_mistake(state, means, refunded_cents)),
        judge(Action.PAYMENT_RETURN, _WRITE, _NO_CEILING, not_collected),
        judge(Action.PAYMENT_RETURN_REVERSE, _WRITE, _NO_CEILING, not_returned),
    ]


def of_goodwill(judge: Judge, *, state: GoodwillState, cents: int) -> list[Ability]:
    """A gift can be taken back once."""
    gone = "It was taken back." if state is GoodwillState.REVERSED else None
    return [judge(Action.GOODWILL_CREDIT_REVERSE, _CREDIT, cents, gone)]


def _why_no_mistake(state: PaymentState, means: PaymentMethodKind | None, refunded_cents: int) -> str | None:
    if state in known_payments.WAITING:
        return None
    if state is not PaymentState.CAPTURED:
        return f"It is {state.lower()}: nothing is to undo."
    if means not in payment_means.RECEIVED:
        return "The bank collected it; refund it instead."
    return f"{written(refunded_cents)} of it went back." if refunded_cents else None
