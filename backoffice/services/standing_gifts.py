"""What a subscriber was given without being owed it, and what of it still stands: on a line, and in a year."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.periods import add_months
from backoffice.billing.policies import POLICY
from backoffice.models import CreditNote, CreditNoteLine, CreditReason, GoodwillCredit, GoodwillState, InvoiceLine
from backoffice.services import cautions

_MONTHS = 12


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


async def in_a_year(session: AsyncSession, *, subscriber_id: int, today: date) -> int:
    """What was given out of goodwill in the twelve months until today and stands, in cents TTC.

    Goodwill credits of the account and credit notes with that reason count alike.
    """
    since_on = add_months(today, -_MONTHS)
    credit = GoodwillCredit
    on_account = await session.execute(
        select(func.coalesce(func.sum(credit.amount_cents), 0)).where(
            credit.subscriber_id == subscriber_id,
            credit.state == GoodwillState.GRANTED,
            credit.granted_on > since_on,
        )
    )
    on_invoices = await session.execute(
        cautions.standing_credit_lines(subscriber_id)
        .with_only_columns(func.coalesce(func.sum(CreditNoteLine.ttc_cents), 0))
        .where(CreditNote.reason == CreditReason.GOODWILL, CreditNote.issued_on > since_on)
    )
    return int(on_account.scalar_one()) + int(on_invoices.scalar_one())
