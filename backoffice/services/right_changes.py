"""What a change of offer should have billed: its credit of the old line and its charge of the new offer, as a chain."""

from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.changes import CHANGE
from backoffice.billing.corrections import credit_days
from backoffice.billing.derivation import Derived, Draft
from backoffice.billing.periods import Period
from backoffice.billing.steps import Operator
from backoffice.models import Invoice, InvoiceLine
from backoffice.services import right_lines, standing
from backoffice.services.billed_lines import BilledLine
from backoffice.services.credit_notes import DaysOutsideLine
from backoffice.services.right_lines import Part, Right


async def of_change(session: AsyncSession, billed: BilledLine, *, on: date, old_id: int, new_id: int) -> Right:
    """What the change of offer on the day `on` should have billed: the unused days of the old line, less than nothing,
    and the days of the new offer. Several changes of one period chain on the lines that stand.

    Raises DaysOutsideLine, LineNotCorrectable, NotFound.
    """
    period = _period(billed, on)
    served = Period(on, period.ends_on)
    new = right_lines.charged(billed, right_lines.item_of_offer(billed, new_id, on=on), served, period)
    return Right((*await _old(session, billed, old_id, served, period), *new), served)


def _period(billed: BilledLine, on: date) -> Period:
    """The billing period of the line, on whose last day a change leaves nothing to prorate, or that of the day."""
    days = billed.days
    if days is None:
        return billed.period(on)
    period = billed.period(days.starts_on)
    if not period.starts_on <= on <= period.ends_on:
        raise DaysOutsideLine(period.starts_on, period.ends_on, "change.on")
    return period


async def _old(
    session: AsyncSession, billed: BilledLine, offer_id: int, served: Period, period: Period
) -> tuple[Part, ...]:
    """The credit of the old offer's days: of the line that billed them, else of its price of that day."""
    parts = await _issued(session, billed, offer_id, served.starts_on)
    if not parts:
        charged = right_lines.charged(
            billed, right_lines.item_of_offer(billed, offer_id, on=period.starts_on), period, period
        )
        parts = [(part.derived.cents, part.label, part.days or period, 0) for part in charged]
    found = []
    for cents, reference, days, credited_cents in parts:
        unused = served.intersect(days)
        if unused is None:
            continue
        derived = credit_days(
            line_cents=cents, line=reference, unused=unused, of=days, already_credited_cents=credited_cents
        )
        found.append(Part(reference, _negated(derived), unused))
    return tuple(found)


async def _issued(
    session: AsyncSession, billed: BilledLine, offer_id: int, on: date
) -> list[tuple[int, str, Period, int]]:
    """The latest line of an offer with the day `on`: its cents, name, days, and what was credited of it."""
    line = InvoiceLine
    found = await session.execute(
        select(line, Invoice)
        .join(Invoice, and_(Invoice.subscriber_id == line.subscriber_id, Invoice.id == line.invoice_id))
        .where(line.subscriber_id == billed.line.subscriber_id, line.contract_id == billed.line.contract_id)
        .where(line.offer_id == offer_id, line.vat_rate == billed.line.vat_rate, line.id != billed.line.id)
        .where(line.ttc_cents > 0, line.starts_on <= on, line.ends_on > on)
        .order_by(line.starts_on.desc(), line.id.desc())
        .limit(1)
    )
    return [
        (row.ttc_cents, standing.reference(invoice, row), Period(row.starts_on, row.ends_on), row.credited_ttc_cents)
        for row, invoice in found
        if row.starts_on is not None and row.ends_on is not None
    ]


def _negated(derived: Derived) -> Derived:
    draft = Draft()
    draft.combine(Operator.NEGATION, draft.include(derived), rule=CHANGE)
    return draft.finish()
