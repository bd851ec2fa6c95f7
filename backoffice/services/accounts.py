"""Billing accounts, found for whoever acts on them."""

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import NotFound
from backoffice.models import BillingAccount


async def require(session: AsyncSession, *, subscriber_id: int, account_id: int) -> BillingAccount:
    """An account of the subscriber, read anew; raises NotFound."""
    key = {"subscriber_id": subscriber_id, "id": account_id}
    account = await session.get(BillingAccount, key, populate_existing=True)
    if account is None:
        raise NotFound("There is no such account.", field="billingAccountId")
    return account
