"""Where the money of an issued credit note went, and what its reversal made due: told from what is stored.

A note keeps its offset and its refunds. What it settled of an amount that an earlier reversal had made due again is no
offset of its own, so it is found by going through the notes and refunds of the invoice that came before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import CreditNote, CreditNoteKind, Refund, RefundState

_NEVER_DECIDED = (RefundState.REQUESTED, RefundState.PENDING_APPROVAL, RefundState.REFUSED)
_MOVED = (RefundState.APPROVED, RefundState.SENT, RefundState.SETTLED)


@dataclass(frozen=True, slots=True)
class Disposition:
    """The parts of a credit note, in cents: together its amount. `refunds` are what goes back by each refund."""

    offset_cents: int
    refunds: tuple[tuple[Refund, int], ...]
    kept_cents: int


async def refunds_of(session: AsyncSession, note: CreditNote) -> Sequence[Refund]:
    """The refunds of the invoice that were decided, whatever became of them, in the order of their requests."""
    refund = Refund
    found = await session.scalars(
        select(refund)
        .where(refund.subscriber_id == note.subscriber_id, refund.invoice_id == note.invoice_id)
        .where(refund.state.not_in(_NEVER_DECIDED))
        .order_by(refund.requested_at, refund.id)
    )
    return found.all()


def of_note(note: CreditNote, notes: Sequence[CreditNote], refunds: Sequence[Refund]) -> Disposition:
    """Where the money of a note went when it was issued; `notes` and `refunds` are those of its invoice, in order."""
    own = [refund for refund in refunds if refund.credit_note_id == note.id]
    left_cents = note.ttc_cents - note.offset_cents
    going_back = []
    # A refund first takes credit that was there before: the note is for the last cents of it.
    for refund in reversed(own):
        cents = min(left_cents, refund.amount_cents)
        left_cents -= cents
        going_back.append((refund, cents))
    settled_cents = min(left_cents, _reopened_cents(note, notes, refunds))
    return Disposition(
        offset_cents=note.offset_cents + settled_cents,
        refunds=tuple((refund, cents) for refund, cents in reversed(going_back) if cents),
        kept_cents=left_cents - settled_cents,
    )


def due_again_cents(
    reversal: CreditNote, note: CreditNote, notes: Sequence[CreditNote], refunds: Sequence[Refund]
) -> int:
    """What the reversal of a note made due on the invoice, in cents; the rest was taken from the account's credit."""
    disposed = of_note(note, notes, refunds)
    gone_cents = sum(cents for refund, cents in disposed.refunds if _had_left(refund, reversal.issued_at))
    return disposed.offset_cents + gone_cents


def _reopened_cents(note: CreditNote, notes: Sequence[CreditNote], refunds: Sequence[Refund]) -> int:
    """What had gone back, before a note, without a credit note that still stood: it was due again."""
    known = {each.id: each for each in notes}
    offset_cents = credited_cents = 0
    for each in notes[: [one.id for one in notes].index(note.id)]:
        if each.kind is CreditNoteKind.REVERSAL:
            credited_cents -= each.ttc_cents
            undone = known[each.reverses_id or 0]
            offset_cents = max(0, min(offset_cents - undone.offset_cents, credited_cents))
        else:
            credited_cents += each.ttc_cents
            offset_cents += each.offset_cents
    refunded_cents = sum(refund.amount_cents for refund in refunds if _had_moved(refund, note.issued_at))
    return max(0, refunded_cents + offset_cents - credited_cents)


def _had_moved(refund: Refund, at: datetime) -> bool:
    """Whether a refund was decided before an instant and had not come to nothing by then."""
    has_failed_since = refund.failed_at is not None and refund.failed_at > at
    return refund.requested_at < at and (refund.state in _MOVED or has_failed_since)


def _had_left(refund: Refund, at: datetime) -> bool:
    """Whether the money of a refund was out of the house at an instant."""
    if refund.state not in (RefundState.SENT, RefundState.SETTLED, RefundState.FAILED):
        return False
    has_left = (refund.sent_at or refund.requested_at) <= at
    return has_left and (refund.failed_at is None or refund.failed_at > at)
