"""Where money can go back: the payments of an invoice that stand, and what went back to each already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.periods import civil_day
from backoffice.models import (
    Payment,
    PaymentAllocation,
    PaymentMethod,
    PaymentMethodKind,
    PaymentState,
    Refund,
    RefundState,
)
from backoffice.services.plans import PlannedRefund

MOVED = (RefundState.APPROVED, RefundState.SENT, RefundState.SETTLED)
"""Refunds whose money has left, or is on its way."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What payments paid of an invoice, by the payment's id, oldest first; cents."""

    by: Mapping[int, int]
    refunded: Mapping[int, int]
    payments: Mapping[int, Payment]
    methods: Mapping[int, PaymentMethod]
    is_returned: bool
    """Whether the bank took a payment of it back."""

    @property
    def paid_by(self) -> dict[str, int]:
        """`by` with keys of text, as the billing functions take it."""
        return {str(payment_id): cents for payment_id, cents in self.by.items()}

    @property
    def refunded_by(self) -> dict[str, int]:
        """`refunded` with keys of text."""
        return {str(payment_id): cents for payment_id, cents in self.refunded.items()}

    @property
    def refundable_cents(self) -> int:
        """What can go back in all."""
        return sum(max(0, cents - self.refunded.get(payment_id, 0)) for payment_id, cents in self.by.items())

    def refunds(self, shares: Mapping[str, int]) -> tuple[PlannedRefund, ...]:
        """The refunds of these shares, by payment."""
        return tuple(
            PlannedRefund(self.payments[int(key)].subscriber_id, int(key), self.means(int(key)), cents)
            for key, cents in shares.items()
        )

    def means(self, payment_id: int) -> PaymentMethodKind | None:
        """By what a payment came in."""
        payment = self.payments[payment_id]
        method = self.methods.get(payment.payment_method_id or 0)
        return payment.means or (method.kind if method else None)

    def is_expired(self, payment_id: int, on: date) -> bool:
        """Whether the card that paid is no longer valid."""
        method = self.methods.get(self.payments[payment_id].payment_method_id or 0)
        return method is not None and method.expires_on is not None and method.expires_on <= on

    def oldest_on(self) -> date | None:
        """The day of the oldest payment, from which a claim for a refund is counted."""
        captured = [payment.captured_at for payment in self.payments.values() if payment.captured_at]
        return civil_day(min(captured)) if captured else None


async def read(session: AsyncSession, *, subscriber_id: int, invoice_id: int) -> Paid:
    """The payments of an invoice and what went back of them."""
    rows = await session.execute(
        select(Payment, PaymentAllocation.amount_cents, PaymentAllocation.is_undone)
        .join(
            PaymentAllocation,
            (PaymentAllocation.subscriber_id == Payment.subscriber_id) & (PaymentAllocation.payment_id == Payment.id),
        )
        .where(PaymentAllocation.subscriber_id == subscriber_id, PaymentAllocation.invoice_id == invoice_id)
        .order_by(Payment.requested_at, Payment.id)
        .execution_options(populate_existing=True)
    )
    found = list(rows)
    payments = {payment.id: payment for payment, _, is_undone in found if not is_undone}
    by: dict[int, int] = {}
    for payment, cents, is_undone in found:
        if not is_undone and payment.state is PaymentState.CAPTURED:
            by[payment.id] = by.get(payment.id, 0) + cents
    return Paid(
        by=_within(by, payments),
        refunded=await _refunded(session, subscriber_id, invoice_id),
        payments=payments,
        methods=await _methods(session, subscriber_id, payments.values()),
        is_returned=any(payment.state is PaymentState.RETURNED for payment, _, _ in found),
    )


def _within(by: dict[int, int], payments: Mapping[int, Payment]) -> dict[int, int]:
    """A payment never gives back more than it brought, over all the invoices that it paid."""
    return {payment_id: min(cents, payments[payment_id].amount_cents) for payment_id, cents in by.items()}


async def _refunded(session: AsyncSession, subscriber_id: int, invoice_id: int) -> dict[int, int]:
    rows = await session.execute(
        select(Refund.payment_id, func.sum(Refund.amount_cents))
        .where(Refund.subscriber_id == subscriber_id, Refund.invoice_id == invoice_id, Refund.state.in_(MOVED))
        .where(Refund.payment_id.is_not(None))
        .group_by(Refund.payment_id)
    )
    return {payment_id: int(cents) for payment_id, cents in rows if payment_id is not None}


async def _methods(session: AsyncSession, subscriber_id: int, payments: Iterable[Payment]) -> dict[int, PaymentMethod]:
    ids = {payment.payment_method_id for payment in payments if payment.payment_method_id}
    if not ids:
        return {}
    method = PaymentMethod
    rows = await session.execute(select(method).where(method.subscriber_id == subscriber_id, method.id.in_(ids)))
    return {row.id: row for row in rows.scalars()}
