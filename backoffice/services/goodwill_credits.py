"""Goodwill credits: gifts on the account, at most so much a year. No document, no money."""

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import GlobalId, new_id
from backoffice.models import BillingAccount, GoodwillCredit, GoodwillState, LedgerAccount, PostingKind
from backoffice.permissions import Capability
from backoffice.services import accounts, amounts, credit_applications, dunning, postings, standing_gifts
from backoffice.services.plans import Order, Plan, PlannedPosting, Requirement, Situation
from backoffice.services.quoted_acts import Act


class GoodwillOrder(Order):
    """Give an amount to an account."""

    billing_account_id: int
    amount_cents: int


async def plan(session: AsyncSession, situation: Situation, order: GoodwillOrder) -> Plan:
    """What the account would owe, and what of the year's goodwill is left. Raises NotFound and AmountRefused."""
    amounts.require_positive(order.amount_cents, policy=situation.policy)
    account = await accounts.require(session, subscriber_id=order.subscriber_id, account_id=order.billing_account_id)
    given_cents = await standing_gifts.in_a_year(session, subscriber_id=order.subscriber_id, today=situation.today)
    left_cents = max(0, situation.policy.goodwill_a_year_cents - given_cents)
    amounts.require_at_most(
        order.amount_cents, left_cents, what="what is left of this year's goodwill", code="GOODWILL_EXHAUSTED"
    )
    posting = PlannedPosting(
        PostingKind.GOODWILL,
        postings.between(LedgerAccount.GOODWILL, LedgerAccount.RECEIVABLE, order.amount_cents),
    )
    return Plan(
        account_id=account.id,
        target=GlobalId("BillingAccount", order.subscriber_id, account.id),
        amount_cents=order.amount_cents,
        balance_before_cents=account.balance_cents,
        postings=(posting,),
        to_balance_cents=order.amount_cents,
        asked_for=frozenset({Requirement.NOTE}),
        facts={"reason": "GOODWILL", "left_this_year_cents": left_cents - order.amount_cents},
    )


async def carry_out(session: AsyncSession, situation: Situation, order: GoodwillOrder, plan: Plan) -> GoodwillCredit:
    """Give the credit and let it pay what is open."""
    account = await postings.lock(session, subscriber_id=order.subscriber_id, account_id=plan.account_id)
    credit = GoodwillCredit(
        subscriber_id=order.subscriber_id,
        id=new_id(situation.at),
        billing_account_id=account.id,
        state=GoodwillState.GRANTED,
        amount_cents=order.amount_cents,
        note=order.note,
        ticket_id=order.ticket_id,
        granted_on=situation.today,
        granted_at=situation.at,
    )
    session.add(credit)
    await book(session, situation, credit, plan, account)
    await dunning.reactivate(session, account=account, at=situation.at, today=situation.today)
    return credit


async def book(
    session: AsyncSession, situation: Situation, credit: GoodwillCredit, plan: Plan, account: BillingAccount
) -> None:
    """Book what a plan says of a gift on the locked account, and let the account's credit settle."""
    posting = plan.postings[0]
    await postings.post(
        session,
        account=account,
        kind=posting.kind,
        document_id=credit.id,
        document_number=None,
        entries=posting.entries,
        at=situation.at,
        today=situation.today,
    )
    await credit_applications.settle(session, account=account, at=situation.at)


ACT = Act(
    operation="goodwillCredit",
    needs=Capability.CREDIT_WRITE,
    order=GoodwillOrder,
    plan=plan,
    carry_out=carry_out,
)
