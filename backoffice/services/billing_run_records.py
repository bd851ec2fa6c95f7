"""What is written down of a billing run: its day, how far it got, what it came to; and which day may be billed."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError
from backoffice.ids import new_id
from backoffice.models import BillingRun, BillingRunState, Invoice, InvoiceKind
from backoffice.services.invoicing import InvoicePlan


class DayPassed(BackofficeError):
    """Invoices of a later day were issued: numbers would no longer follow the days."""

    code = "BILLING_DAY_PASSED"

    def __init__(self, on: date, earliest_on: date) -> None:
        super().__init__(
            f"Invoices were issued up to {earliest_on}, and numbers follow the days: bill {earliest_on} or a later day "
            f"instead of {on}; what was due before is billed with it.",
            field="on",
        )
        self.earliest_on = earliest_on


class RunUnfinished(BackofficeError):
    """An earlier run was stopped in the middle."""

    code = "BILLING_RUN_UNFINISHED"

    def __init__(self, on: date) -> None:
        super().__init__(
            f"The run of {on} was stopped in the middle: finish it first with `bill --on {on}`.", field="on"
        )
        self.unfinished_on = on


async def begin(session: AsyncSession, on: date, at: datetime) -> tuple[int, int]:
    """The run of the day and the last subscriber that it billed. A finished one begins anew and finds what was left."""
    row = BillingRun
    unfinished_on = await session.scalar(
        select(row.on_day).where(row.state == BillingRunState.RUNNING, row.on_day != on).limit(1)
    )
    if unfinished_on is not None:
        raise RunUnfinished(unfinished_on)
    earliest_on = await _earliest(session)
    if earliest_on is not None and on < earliest_on:
        raise DayPassed(on, earliest_on)
    await _open(session, on, at)
    found = (await session.execute(select(row).where(row.on_day == on).with_for_update())).scalar_one()
    if found.state is BillingRunState.FINISHED:
        found.state, found.reached_subscriber_id, found.finished_at = BillingRunState.RUNNING, 0, None
    return found.id, found.reached_subscriber_id


async def _open(session: AsyncSession, on: date, at: datetime) -> None:
    """Make the run of a day; two that start it at once make one row."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {
        "id": new_id(at),
        "on_day": on,
        "state": BillingRunState.RUNNING,
        "started_at": at,
        "reached_subscriber_id": 0,
        "invoices": 0,
        "ttc_cents": 0,
    }
    await session.execute(insert(BillingRun).values(values).on_conflict_do_nothing())


async def _earliest(session: AsyncSession) -> date | None:
    """The earliest day that may still be billed; None when nothing was billed yet."""
    issued_on = await session.scalar(
        select(Invoice.issued_on)
        .where(Invoice.kind == InvoiceKind.INVOICE, Invoice.number.is_not(None))
        .order_by(Invoice.issued_on.desc())
        .limit(1)
    )
    finished_on = await last_finished_on(session)
    return max(filter(None, (issued_on, finished_on)), default=None)


async def lock(session: AsyncSession, run_id: int) -> int:
    """Hold the run until the transaction ends; the last subscriber that it has billed."""
    found = await session.execute(
        select(BillingRun.reached_subscriber_id).where(BillingRun.id == run_id).with_for_update()
    )
    return found.scalar_one()


async def reach(session: AsyncSession, run_id: int, subscriber_id: int, invoices: Sequence[InvoicePlan]) -> None:
    """Write down that everybody up to a subscriber is billed, with these invoices."""
    row = BillingRun
    await session.execute(
        update(row)
        .where(row.id == run_id)
        .values(
            reached_subscriber_id=subscriber_id,
            invoices=row.invoices + len(invoices),
            ttc_cents=row.ttc_cents + sum(invoice.total.ttc_cents for invoice in invoices),
        )
    )


async def finish(session: AsyncSession, run_id: int, at: datetime) -> None:
    """Write down that the day is billed."""
    await session.execute(
        update(BillingRun).where(BillingRun.id == run_id).values(state=BillingRunState.FINISHED, finished_at=at)
    )


async def last_finished_on(session: AsyncSession) -> date | None:
    """The day of the last run that was finished."""
    return await session.scalar(select(func.max(BillingRun.on_day)).where(BillingRun.state == BillingRunState.FINISHED))
