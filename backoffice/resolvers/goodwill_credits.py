"""Goodwill credits: previewed and confirmed, and taken back."""

from typing import Any, Protocol

from backoffice.resolvers import acts, quoted_acts
from backoffice.resolvers.context import Context
from backoffice.resolvers.quoted_acts import ConfirmInput, Previewed
from backoffice.services.goodwill_credits import GoodwillOrder
from backoffice.services.goodwill_reversals import GoodwillReverseOrder


class GoodwillCreditInput(Protocol):
    """What is given, and why."""

    billing_account_id: Any
    amount: Any
    note: str | None
    ticket_id: Any


class GoodwillCreditReverseInput(Protocol):
    """The gift to take back, and why."""

    goodwill_credit_id: Any
    note: str | None
    ticket_id: Any


async def goodwill_credit_preview(context: Context, given: GoodwillCreditInput) -> Previewed:
    """What a gift would do."""

    async def order() -> GoodwillOrder:
        subscriber_id, account_id = await quoted_acts.file_of(
            context, given.billing_account_id, of="BillingAccount", named="billingAccountId"
        )
        return GoodwillOrder(
            subscriber_id=subscriber_id,
            billing_account_id=account_id,
            amount_cents=given.amount,
            note=quoted_acts.note(given.note),
            ticket_id=await quoted_acts.ticket(context, given.ticket_id, subscriber_id=subscriber_id),
        )

    return await quoted_acts.preview(context, "goodwillCredit", order)


async def goodwill_credit_reverse_preview(context: Context, given: GoodwillCreditReverseInput) -> Previewed:
    """What taking a gift back would do."""

    async def order() -> GoodwillReverseOrder:
        subscriber_id, credit_id = await quoted_acts.file_of(
            context, given.goodwill_credit_id, of="GoodwillCredit", named="goodwillCreditId"
        )
        return GoodwillReverseOrder(
            subscriber_id=subscriber_id,
            goodwill_credit_id=credit_id,
            note=quoted_acts.note(given.note),
            ticket_id=await quoted_acts.ticket(context, given.ticket_id, subscriber_id=subscriber_id),
        )

    return await quoted_acts.preview(context, "goodwillCreditReverse", order)


async def confirm(context: Context, operation: str, given: ConfirmInput) -> acts.Outcome:
    """Do what a quote of `operation` says."""
    return await quoted_acts.confirm(context, operation, "GoodwillCredit", given)
