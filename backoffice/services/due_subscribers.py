"""Who may have something to bill on a day: a period that begins, a rolling month, a charge that waits."""

from datetime import date

from sqlalchemy import Select, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import BilledBy, Contract, ContractItem, ContractState, ExtraCharge
from backoffice.services.billing_facts import BILLED_STATES


async def after(session: AsyncSession, reached: int, *, on: date, at_most: int) -> list[int]:
    """The next subscribers after the id `reached`, in the order of their ids, for whom something may be due by a day."""
    due = _due_contracts(on).where(Contract.subscriber_id > reached)
    ordered = due.distinct().order_by(Contract.subscriber_id)
    # What is rarer is looked for only as far as these contracts reach: it must not be looked for to the end each time.
    last = await session.scalar(ordered.limit(1).offset(at_most - 1))
    sources = [due, _due_options(on), _due_charges(on)]
    bounded = [_between(source, reached, last) for source in sources]
    merged = union(*bounded).subquery()
    found = await session.execute(select(merged.c[0]).order_by(merged.c[0]).limit(at_most))
    return list(found.scalars())


def _due_contracts(on: date) -> Select[int]:
    row = Contract
    first_on = func.coalesce(row.billed_until, row.starts_on)
    return select(row.subscriber_id).where(
        row.billed_by == BilledBy.OPERATOR,
        row.state.in_(BILLED_STATES),
        first_on <= on,
        or_(row.ends_on.is_(None), first_on < row.ends_on),
        or_(row.state != ContractState.SUSPENDED, first_on < row.suspended_on),
    )


def _due_options(on: date) -> Select[int]:
    row = ContractItem
    first_on = func.coalesce(row.billed_until, row.starts_on)
    return select(row.subscriber_id).where(
        row.anchor_on.is_not(None), first_on <= on, or_(row.ends_on.is_(None), first_on < row.ends_on)
    )


def _due_charges(on: date) -> Select[int]:
    row = ExtraCharge
    return select(row.subscriber_id).where(
        row.invoice_line_id.is_(None), row.cancelled_at.is_(None), row.billable_from <= on
    )


def _between(source: Select[int], reached: int, last: int | None) -> Select[int]:
    subscriber_id = source.selected_columns[0]
    bounded = source.where(subscriber_id > reached)
    return bounded if last is None else bounded.where(subscriber_id <= last)
