"""Taking a goodwill credit back that was given by mistake: what it paid is due again."""

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import NotFound
from backoffice.ids import GlobalId
from backoffice.models import GoodwillCredit, GoodwillState, LedgerAccount, PostingKind
from backoffice.permissions import Capability
from backoffice.services import accounts, goodwill_credits, postings
from backoffice.services.credit_note_reversals import AlreadyReversed
from backoffice.services.plans import Caution, Order, Plan, PlannedPosting, Situation
from backoffice.services.quoted_acts import Act


class GoodwillReverseOrder(Order):
    """Take one gift back that was given by mistake."""

    goodwill_credit_id: int


async def plan(session: AsyncSession, situation: Situation, order: GoodwillReverseOrder) -> Plan:
    """What would be due again. Raises NotFound and AlreadyReversed."""
    credit = await session.get(
        GoodwillCredit, {"subscriber_id": order.subscriber_id, "id": order.goodwill_credit_id}, populate_existing=True
    )
    if credit is None:
        raise NotFound("There is no such goodwill credit.", field="goodwillCreditId")
    if credit.state is GoodwillState.REVERSED:
        raise AlreadyReversed("goodwill credit", "goodwillCreditId")
    account = await accounts.require(session, subscriber_id=order.subscriber_id, account_id=credit.billing_account_id)
    posting = PlannedPosting(
        PostingKind.GOODWILL_REVERSAL,
        postings.between(LedgerAccount.RECEIVABLE, LedgerAccount.GOODWILL, credit.amount_cents),
    )
    return Plan(
        account_id=account.id,
        target=GlobalId("GoodwillCredit", order.subscriber_id, credit.id),
        amount_cents=credit.amount_cents,
        balance_before_cents=account.balance_cents,
        postings=(posting,),
        cautions=(Caution.BECOMES_DUE_AGAIN,),
        facts={"reason": "GOODWILL"},
    )


async def carry_out(
    session: AsyncSession, situation: Situation, order: GoodwillReverseOrder, plan: Plan
) -> GoodwillCredit:
    """Take the gift back: what it paid is open again."""
    account = await postings.lock(session, subscriber_id=order.subscriber_id, account_id=plan.account_id)
    key = {"subscriber_id": order.subscriber_id, "id": order.goodwill_credit_id}
    credit = await session.get_one(GoodwillCredit, key)
    credit.state, credit.reversed_at = GoodwillState.REVERSED, situation.at
    await goodwill_credits.book(session, situation, credit, plan, account)
    return credit


ACT = Act(
    operation="goodwillCreditReverse",
    needs=Capability.CREDIT_WRITE,
    order=GoodwillReverseOrder,
    plan=plan,
    carry_out=carry_out,
)
