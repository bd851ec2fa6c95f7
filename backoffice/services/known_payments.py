"""What is known of the payments of an account when another one is about to be taken."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import BillingAccount, Payment, PaymentState
from backoffice.services import payments


async def on_its_way_cents(session: AsyncSession, account: BillingAccount) -> int:
    """What the bank has been asked for and has not answered yet, in cents."""
    asked = await session.execute(
        select(func.coalesce(func.sum(Payment.amount_cents), 0)).where(
            Payment.subscriber_id == account.subscriber_id,
            Payment.billing_account_id == account.id,
            Payment.state.in_(payments.WAITING),
        )
    )
    return int(asked.scalar_one())


async def has_reference(session: AsyncSession, account: BillingAccount, reference: str) -> bool:
    """Whether a payment with this reference is on the account and was not taken back."""
    same = await session.execute(
        select(Payment.id)
        .where(Payment.subscriber_id == account.subscriber_id, Payment.billing_account_id == account.id)
        .where(Payment.reference == reference, Payment.state != PaymentState.CANCELLED)
        .limit(1)
    )
    return same.first() is not None
