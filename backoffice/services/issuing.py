"""Issues planned invoices: numbers, rows, postings, how far each contract is billed. Many at once, few statements.

Everything is prepared before; what is written here is one short step of a transaction in which the accounts are locked.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import BillingAccount, Contract, ContractItem, ExtraCharge, Invoice, InvoiceState
from backoffice.services import credit_applications, numbering
from backoffice.services.charges import Mark
from backoffice.services.invoice_rows import InvoiceRows
from backoffice.services.invoicing import InvoicePlan


class BilledMeanwhile(AssertionError):
    """A contract moved although its account was locked: a defect of ours; the transaction is undone."""


async def issue(session: AsyncSession, plans: Sequence[InvoicePlan], *, at: datetime) -> list[int]:
    """Issue planned invoices of one day, whose accounts are locked, and return their ids in the order of their numbers."""
    if not plans:
        return []
    rows = InvoiceRows(at)
    numbers = await _numbers(session, plans)
    for plan, number in zip(plans, numbers, strict=True):
        rows.add(plan, number)
    await rows.write(session)
    await _mark(session, Contract, [(plan.subscriber_id, mark) for plan in plans for mark in plan.contracts])
    await _mark(session, ContractItem, [(plan.subscriber_id, mark) for plan in plans for mark in plan.items])
    await _take_waiting(session, rows.billed)
    await _raise_balances(session, plans)
    await _settle(session, plans, at)
    return [row["id"] for row in rows.of[Invoice]]


async def _numbers(session: AsyncSession, plans: Sequence[InvoicePlan]) -> list[str]:
    series = f"F{plans[0].issued_on.year}"
    first = await numbering.next_numbers(session, series=series, how_many=len(plans))
    return [f"{series}-{number:07}" for number in range(first, first + len(plans))]


async def _mark(
    session: AsyncSession, table: type[Contract] | type[ContractItem], marks: Iterable[tuple[int, Mark]]
) -> None:
    """Move how far each row is billed, from just where it was seen; raises BilledMeanwhile when one is elsewhere."""
    alike: dict[tuple[date | None, date], list[tuple[int, int]]] = defaultdict(list)
    for subscriber_id, mark in marks:
        alike[mark.seen, mark.until].append((subscriber_id, mark.id))
    for (seen, until), places in alike.items():
        moved = await session.execute(
            update(table)
            .where(tuple_(table.subscriber_id, table.id).in_(places))
            .where(table.billed_until.is_not_distinct_from(seen))
            .values({"billed_until": until, **_revised(table)})
            .execution_options(synchronize_session=False)
        )
        if moved.rowcount != len(places):  # type: ignore[attr-defined]
            raise BilledMeanwhile(f"{len(places)} were to be billed until {until}, {moved.rowcount} were")  # type: ignore[attr-defined]


def _revised(table: type[Contract] | type[ContractItem]) -> dict[str, Any]:
    return {"revision": Contract.revision + 1} if table is Contract else {}


async def _take_waiting(session: AsyncSession, billed: Sequence[tuple[int, int, int]]) -> None:
    """Tell each charge that waited which line bills it."""
    if not billed:
        return
    row = ExtraCharge.__table__
    await session.execute(
        update(row)  # type: ignore[arg-type]
        .where(row.c.subscriber_id == bindparam("of"), row.c.id == bindparam("charge"))
        .where(row.c.invoice_line_id.is_(None), row.c.cancelled_at.is_(None))
        .values(invoice_line_id=bindparam("line")),
        [{"of": of, "charge": charge, "line": line} for of, charge, line in billed],
    )


async def _raise_balances(session: AsyncSession, plans: Sequence[InvoicePlan]) -> None:
    row = BillingAccount.__table__
    await session.execute(
        update(row)  # type: ignore[arg-type]
        .where(row.c.subscriber_id == bindparam("of"), row.c.id == bindparam("account"))
        .values(balance_cents=row.c.balance_cents + bindparam("cents"), revision=row.c.revision + 1),
        [{"of": plan.subscriber_id, "account": plan.account_id, "cents": plan.total.ttc_cents} for plan in plans],
    )


async def _settle(session: AsyncSession, plans: Sequence[InvoicePlan], at: datetime) -> None:
    """Let the credit of the accounts that have some pay what was issued."""
    for subscriber_id, account_id in await _with_credit(session, plans):
        account = await session.get_one(
            BillingAccount, {"subscriber_id": subscriber_id, "id": account_id}, populate_existing=True
        )
        await credit_applications.settle(session, account=account, at=at)


async def _with_credit(session: AsyncSession, plans: Sequence[InvoicePlan]) -> list[tuple[int, int]]:
    """The accounts that owe less than their invoices say: few, so that the others need not be looked through."""
    row, account = Invoice, BillingAccount
    back_cents = row.refunded_cents + row.offset_cents - row.credited_cents
    gross_cents = row.ttc_cents - row.paid_cents - row.offset_cents + case((back_cents > 0, back_cents), else_=0)
    found = await session.execute(
        select(account.subscriber_id, account.id)
        .join(row, and_(row.subscriber_id == account.subscriber_id, row.billing_account_id == account.id))
        .where(account.subscriber_id.in_({plan.subscriber_id for plan in plans}))
        .where(account.id.in_([plan.account_id for plan in plans]), row.state != InvoiceState.DRAFT)
        .group_by(account.subscriber_id, account.id, account.balance_cents)
        .having(func.sum(gross_cents) > account.balance_cents)
        .order_by(account.subscriber_id, account.id)
    )
    return [(subscriber_id, account_id) for subscriber_id, account_id in found]
