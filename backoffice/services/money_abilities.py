"""What a viewer may do now about the money of an invoice, a line, a credit note or a refund, and what it will ask.

The codes and the second person are those that the whole of what is left would ask; less may ask for less.
"""

from collections.abc import Callable
from typing import Any

from backoffice.models import (
    CreditNote,
    CreditNoteKind,
    Invoice,
    InvoiceLine,
    InvoiceState,
    Refund,
    RefundState,
    Subscriber,
    SubscriberState,
)
from backoffice.permissions import Capability
from backoffice.services.abilities import Ability, Action
from backoffice.services.plans import Situation

_CREDIT, _REFUND = Capability.CREDIT_WRITE, Capability.REFUND_WRITE


def of(situation: Situation, row: Any, *, owner: Subscriber, is_reversed: bool = False) -> list[Ability]:
    """The acts on money that `row` offers, none for other rows; `is_reversed` tells of a credit note."""
    judge = Judge(situation, owner)
    match row:
        case Invoice():
            return _of_invoice(judge, row)
        case InvoiceLine():
            return _of_line(judge, row)
        case CreditNote():
            why = _why_no_reversal(row, is_reversed=is_reversed)
            return [judge(Action.CREDIT_NOTE_REVERSE, _CREDIT, row.ttc_cents, why)]
        case Refund():
            return [judge(Action.REFUND_REVERSE, _REFUND, row.amount_cents, _WHY_NOT_BACK.get(row.state))]
        case _:
            return []


class Judge:
    """Turns an obstacle, or none, into an ability of the viewer."""

    def __init__(self, situation: Situation, owner: Subscriber) -> None:
        self._situation = situation
        self._is_erased = owner.state is SubscriberState.ERASED

    def __call__(self, action: Action, needs: Capability, cents: int, obstacle: str | None) -> Ability:
        """Whether the action is open, and what it asks for an amount of `cents`."""
        viewer, policy = self._situation.viewer, self._situation.policy
        if not viewer.may(needs):
            return Ability(action, allowed=False, reason=f"This needs the capability {needs.value}.")
        if self._is_erased:
            obstacle = "The subscriber's personal data has been erased."
        if obstacle is not None:
            return Ability(action, allowed=False, reason=obstacle)
        return Ability(
            action,
            allowed=True,
            step_up=cents > policy.step_up_above_cents and not viewer.is_stepped_up(self._situation.at),
            second_person=cents > policy.ceiling_cents(viewer.role),
        )


def _of_invoice(judge: Callable[..., Ability], invoice: Invoice) -> list[Ability]:
    is_draft = invoice.state is InvoiceState.DRAFT
    draft = "The invoice is not issued yet." if is_draft else None
    paid_cents = max(0, invoice.paid_cents - invoice.refunded_cents)
    stands_cents = invoice.ttc_cents - invoice.credited_cents
    unpaid = None if paid_cents else "Nothing was paid that has not gone back."
    credited = None if stands_cents > 0 else "All of it was credited."
    return [
        judge(Action.REFUND, _REFUND, paid_cents, draft or unpaid),
        judge(Action.CREDIT_NOTE, _CREDIT, stands_cents, draft or credited),
    ]


def _of_line(judge: Callable[..., Ability], line: InvoiceLine) -> list[Ability]:
    stands_cents = line.ttc_cents - line.credited_ttc_cents
    gives = "The line gives something back itself." if line.ttc_cents <= 0 else None
    credited = None if stands_cents > 0 else "All of it was credited."
    return [
        judge(Action.CREDIT_NOTE, _CREDIT, stands_cents, gives or credited),
        judge(Action.PRORATION_CORRECTION, _CREDIT, max(0, line.ttc_cents), gives),
    ]


def _why_no_reversal(note: CreditNote, *, is_reversed: bool) -> str | None:
    if note.kind is CreditNoteKind.REVERSAL:
        return "It takes a credit note back itself; issue another credit note instead."
    return "It was taken back." if is_reversed else None


_SENT = "The money has left; take the credit note back, and its amount is due again."
_WHY_NOT_BACK = {
    RefundState.REQUESTED: "It is not decided yet.",
    RefundState.PENDING_APPROVAL: "It is not decided yet.",
    RefundState.SENT: _SENT,
    RefundState.SETTLED: _SENT,
    RefundState.REFUSED: "It was refused: no money left.",
    RefundState.FAILED: "It failed: the money is on the account.",
    RefundState.CANCELLED: "It was taken back.",
}
