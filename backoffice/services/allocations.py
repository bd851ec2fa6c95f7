"""Allocations: which invoices a payment pays, oldest first, and what is open again when the payment is undone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import new_id
from backoffice.models import Invoice, Payment, PaymentAllocation
from backoffice.services import credit_applications
from backoffice.services.plans import PlannedAllocation


@dataclass(frozen=True, slots=True)
class Shares:
    """What a payment pays of which invoice, and what is left of it: that stays to the credit of the account. Cents."""

    parts: tuple[PlannedAllocation, ...]
    left_cents: int


def oldest_first(issued: Iterable[Invoice], cents: int) -> Shares:
    """Pay what is due, the invoice that is due first before the others; `issued` in that order."""
    parts, left_cents = [], cents
    for invoice in issued:
        share_cents = min(left_cents, max(0, invoice.due_cents))
        if share_cents:
            parts.append(PlannedAllocation(invoice.subscriber_id, invoice.id, share_cents))
            left_cents -= share_cents
    return Shares(tuple(parts), left_cents)


def restored(issued: Sequence[Invoice], former: Iterable[PaymentAllocation], cents: int) -> Shares:
    """Pay again what `former` allocations paid, as far as no payment pays it; what is left of `cents` is credit again.

    The credit of the account gives way to them, and pays what is due afterwards.
    """
    open_cents = {invoice.id: invoice.gross_due_cents for invoice in issued}
    paid: dict[int, int] = {}
    left_cents = cents
    for allocation in former:
        share_cents = min(left_cents, open_cents[allocation.invoice_id], allocation.amount_cents)
        open_cents[allocation.invoice_id] -= share_cents
        left_cents -= share_cents
        paid[allocation.invoice_id] = paid.get(allocation.invoice_id, 0) + share_cents
    subscriber_of = {invoice.id: invoice.subscriber_id for invoice in issued}
    parts = tuple(PlannedAllocation(subscriber_of[key], key, share) for key, share in paid.items() if share)
    return Shares(parts, left_cents)


async def write(session: AsyncSession, *, payment: Payment, parts: Iterable[PlannedAllocation], at: datetime) -> None:
    """Let the payment pay its parts; the account, which must be locked, is settled by the caller."""
    for part in parts:
        invoice = await session.get_one(Invoice, {"subscriber_id": part.subscriber_id, "id": part.invoice_id})
        if part.amount_cents > invoice.due_cents:
            await credit_applications.release(session, invoice=invoice, at=at)
        invoice.paid_cents += part.amount_cents
        session.add(
            PaymentAllocation(
                subscriber_id=part.subscriber_id,
                id=new_id(at),
                payment_id=payment.id,
                invoice_id=part.invoice_id,
                amount_cents=part.amount_cents,
            )
        )
    await session.flush()  # the database checks each invoice


async def standing(session: AsyncSession, *, payment: Payment) -> list[PaymentAllocation]:
    """The allocations of a payment that stand, oldest first."""
    return await _of(session, payment, PaymentAllocation.is_undone.is_(False))


async def undone_at(session: AsyncSession, *, payment: Payment, at: datetime) -> list[PaymentAllocation]:
    """The allocations that were undone at an instant, oldest first: what the payment paid until then."""
    return await _of(session, payment, PaymentAllocation.undone_at == at)


async def undo(session: AsyncSession, *, payment: Payment, at: datetime) -> None:
    """The payment no longer pays anything: its invoices are open again. The caller settles the account."""
    for allocation in await standing(session, payment=payment):
        key = {"subscriber_id": allocation.subscriber_id, "id": allocation.invoice_id}
        invoice = await session.get_one(Invoice, key, populate_existing=True)
        invoice.paid_cents -= allocation.amount_cents
        allocation.is_undone, allocation.undone_at = True, at
        await session.flush()  # the next allocation may be of the same invoice, which is read again


def taken_back(allocations: Iterable[PaymentAllocation]) -> tuple[PlannedAllocation, ...]:
    """What a payment would no longer pay, below zero."""
    return tuple(
        PlannedAllocation(allocation.subscriber_id, allocation.invoice_id, -allocation.amount_cents)
        for allocation in allocations
    )


async def _of(session: AsyncSession, payment: Payment, which: ColumnElement[bool]) -> list[PaymentAllocation]:
    found = await session.execute(
        select(PaymentAllocation)
        .where(PaymentAllocation.subscriber_id == payment.subscriber_id, PaymentAllocation.payment_id == payment.id)
        .where(which)
        .order_by(PaymentAllocation.id)
        .execution_options(populate_existing=True)
    )
    return list(found.scalars())
