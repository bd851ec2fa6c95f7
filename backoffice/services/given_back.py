"""Days of charged lines that changes of the contract gave back: by credits that wait for an invoice, or that one billed.

Such a credit is a charge below zero beside the line, so the line itself does not know that the days are no longer its own.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.periods import Period
from backoffice.models import ExtraCharge, InvoiceLine, LineKind

Row = InvoiceLine | ExtraCharge
"""What charged some days of an item."""


async def read(
    session: AsyncSession, rows: Sequence[Row], *, without: Collection[int] = ()
) -> Mapping[int, Sequence[ExtraCharge]]:
    """The credits of the days of each row that has any, by the row's id; `without` are credits that are void."""
    positive = [row for row in rows if row.contract_item_id and row.starts_on and row.ttc_cents > 0]
    if not positive:
        return {}
    charge = ExtraCharge
    found = await session.execute(
        select(charge)
        .where(charge.subscriber_id.in_({row.subscriber_id for row in positive}))
        .where(charge.contract_item_id.in_({row.contract_item_id for row in positive}))
        .where(charge.ttc_cents < 0, charge.kind == LineKind.PRORATION, charge.cancelled_at.is_(None))
        .order_by(charge.id)
        .execution_options(populate_existing=True)
    )
    given = [each for each in found.scalars() if each.id not in without]
    by_row = {row.id: [each for each in given if _is_of(each, row)] for row in positive}
    return {row_id: same for row_id, same in by_row.items() if same}


def cents(given: Sequence[ExtraCharge]) -> int:
    """What these credits give back, above zero, TTC."""
    return -sum(each.ttc_cents for each in given)


def share_of_days(given: Sequence[ExtraCharge], days: Period) -> int:
    """The part of these credits that is for these days, in cents."""
    return sum(_share(each, days) for each in given)


def _share(credit: ExtraCharge, days: Period) -> int:
    covered = _period(credit)
    common = covered.intersect(days) if covered else None
    return -credit.ttc_cents * common.days // covered.days if covered and common else 0


def _is_of(credit: ExtraCharge, row: Row) -> bool:
    """Whether the credit gives back days of this row: it keeps the item, the rate and the price of what it credits."""
    given, charged = _period(credit), _period(row)
    if given is None or charged is None or given.intersect(charged) != given:
        return False
    same = ("subscriber_id", "contract_item_id", "vat_rate", "unit_cents")
    return all(getattr(credit, name) == getattr(row, name) for name in same)


def _period(row: Row) -> Period | None:
    return Period(row.starts_on, row.ends_on) if row.starts_on and row.ends_on else None
