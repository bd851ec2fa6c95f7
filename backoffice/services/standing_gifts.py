"""What a subscriber was given without being owed it, and what of it still stands."""

from datetime import date

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.policies import POLICY
from backoffice.models import CreditNote, CreditNoteLine, CreditReason, InvoiceLine
from backoffice.services import cautions


async def of_line(session: AsyncSession, line: InvoiceLine, *, today: date) -> int:
    """What credit notes that stand took of a line for reasons that are not owed, in cents TTC."""
    free = {rule.reason for rule in POLICY if rule.applies_on(today) and not rule.is_owed}
    reasons = [reason for reason in CreditReason if reason.value in free]
    credited = CreditNoteLine
    found = await session.execute(
        cautions.standing_credit_lines(line.subscriber_id)
        .with_only_columns(func.coalesce(func.sum(credited.ttc_cents), 0))
        .where(credited.invoice_line_id == line.id, CreditNote.reason.in_(reasons))
    )
    return int(found.scalar_one())
