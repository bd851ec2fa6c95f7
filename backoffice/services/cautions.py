"""What whoever acts should know about an act that is allowed all the same."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backoffice.billing.periods import add_months
from backoffice.models import BilledBy, Contract, CreditNote, CreditNoteKind, CreditNoteLine, InvoiceLine

CLAIM_MONTHS = 12
"""A claim for a refund is barred a year after the payment (Code des postes et des communications électroniques, L34-2)."""


def is_barred(paid_on: date | None, today: date) -> bool:
    """Whether the subscriber's claim is older than the law protects; it may be met all the same."""
    return paid_on is not None and add_months(paid_on, CLAIM_MONTHS) < today


async def has_partner(session: AsyncSession, lines: Sequence[InvoiceLine]) -> bool:
    """Whether a partner bills a contract that these lines are about."""
    ids = {line.contract_id for line in lines if line.contract_id}
    if not ids:
        return False
    found = await session.execute(
        select(Contract.id).where(
            Contract.subscriber_id == lines[0].subscriber_id,
            Contract.id.in_(ids),
            Contract.billed_by == BilledBy.PARTNER,
        )
    )
    return found.first() is not None


async def has_overlap(session: AsyncSession, days: Sequence[tuple[InvoiceLine, date, date]]) -> bool:
    """Whether a credit note that stands took back some of these days of the same line already."""
    if not days:
        return False
    earlier = CreditNoteLine
    same = [
        and_(earlier.invoice_line_id == line.id, earlier.starts_on < ends_on, earlier.ends_on > starts_on)
        for line, starts_on, ends_on in days
    ]
    found = await session.execute(
        standing_credit_lines(days[0][0].subscriber_id).with_only_columns(earlier.id).where(or_(*same))
    )
    return found.first() is not None


def standing_credit_lines(subscriber_id: int) -> Select[CreditNoteLine]:
    """Select the lines of credit notes of a subscriber that were not taken back."""
    reversal = aliased(CreditNote)
    return (
        select(CreditNoteLine)
        .join(
            CreditNote,
            and_(
                CreditNote.subscriber_id == CreditNoteLine.subscriber_id, CreditNote.id == CreditNoteLine.credit_note_id
            ),
        )
        .outerjoin(
            reversal,
            and_(reversal.subscriber_id == CreditNote.subscriber_id, reversal.reverses_id == CreditNote.id),
        )
        .where(
            CreditNoteLine.subscriber_id == subscriber_id,
            CreditNote.kind == CreditNoteKind.CREDIT_NOTE,
            reversal.id.is_(None),
        )
    )
