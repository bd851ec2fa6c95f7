"""What is known of the payments of an account when another one is about to be taken."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import BillingAccount, Invoice, Payment, PaymentState
from backoffice.services import allocations

WAITING = (PaymentState.PENDING, PaymentState.AUTHORIZED)
"""The bank was asked, or is about to be, and has not answered."""


async def on_its_way_cents(session: AsyncSession, account: BillingAccount) -> int:
    """What the bank has been asked for and has not answered yet, in cents."""
    return await _on_its_way_cents(session, account.subscriber_id, account.id)


async def covered(
    session: AsyncSession, *, subscriber_id: int, account_id: int, due: Iterable[Invoice]
) -> dict[int, int]:
    """What payments on their way will pay, in cents by invoice; `due` are those of the account, due first first."""
    shares = allocations.oldest_first(due, await _on_its_way_cents(session, subscriber_id, account_id))
    return {part.invoice_id: part.amount_cents for part in shares.parts}


async def has_reference(session: AsyncSession, account: BillingAccount, reference: str) -> bool:
    """Whether a payment with this reference is on the account and was not taken back."""
    same = await session.execute(
        select(Payment.id)
        .where(Payment.subscriber_id == account.subscriber_id, Payment.billing_account_id == account.id)
        .where(Payment.reference == reference, Payment.state != PaymentState.CANCELLED)
        .limit(1)
    )
    return same.first() is not None


async def _on_its_way_cents(session: AsyncSession, subscriber_id: int, account_id: int) -> int:
    asked = await session.execute(
        select(func.coalesce(func.sum(Payment.amount_cents), 0)).where(
            Payment.subscriber_id == subscriber_id,
            Payment.billing_account_id == account_id,
            Payment.state.in_(WAITING),
        )
    )
    return int(asked.scalar_one())
