"""Acts that are previewed, quoted and confirmed: one path from the input to the figures, whoever asks.

`preview` works the plan out and signs it. `confirm` spends the quote, locks the account, works the plan out again and
carries it out, or hands it to a second person. `approve` does the same for that person.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError
from backoffice.ids import GlobalId
from backoffice.models import AuditOutcome, Subscriber, SubscriberState
from backoffice.permissions import Capability
from backoffice.services import audit, plans, postings, quotes, requirements
from backoffice.services.plans import Order, Plan, Situation
from backoffice.services.quotes import Quote, QuoteStale
from backoffice.services.requirements import Asked
from backoffice.services.tickets import SubscriberErased
from backoffice.vault import Vault

O = TypeVar("O", bound=Order)  # noqa: E741 - the order of an act


@dataclass(frozen=True, slots=True)
class Act(Generic[O]):
    """One kind of act: how its plan is worked out, and how it is carried out.

    `operation` is the act's name in quotes and in the trail, such as "refund". `plan` may only read; it raises what the
    act would be refused for. `carry_out` writes what the plan says, and returns the row that the act made or changed.
    """

    operation: str
    needs: Capability
    order: type[O]
    plan: Callable[[AsyncSession, Situation, O], Awaitable[Plan]]
    carry_out: Callable[[AsyncSession, Situation, O, Plan], Awaitable[Any]]


class NotAllowed(BackofficeError):
    """The viewer may not do this act."""

    code = "FORBIDDEN"

    def __init__(self, needs: Capability) -> None:
        super().__init__(f"This needs the capability {needs.value}; ask a supervisor who holds it.")


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act would do, what it asks for, and the quote that promises it."""

    plan: Plan
    asked: list[Asked]
    quote: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A plan that stands, under lock, and whether a second person must decide it."""

    order: Order
    plan: Plan
    needs_approval: bool


async def preview(session: AsyncSession, situation: Situation, act: Act[O], order: O, *, vault: Vault) -> Preview:
    """Work out what the act would do and sign it. Writes nothing; raises what the act would be refused for."""
    await _require_file(session, order)
    plan = await act.plan(session, situation, order)
    quote, expires_at = quotes.seal(
        vault,
        viewer=situation.viewer,
        operation=act.operation,
        given=order.model_dump(mode="json"),
        figures_hash=plans.digest(plan),
        target=plan.target,
        at=situation.at,
        minutes=situation.policy.quote_minutes,
    )
    return Preview(plan, await requirements.of(session, situation, plan, order), quote, expires_at)


async def check(session: AsyncSession, situation: Situation, act: Act[O], quote: Quote) -> Confirmed:
    """Spend the quote and work its plan out again under lock.

    Raises QuoteSpent, QuoteExpired, QuoteStale, what is still required, and what the act is refused for.
    """
    await quotes.spend(session, quote, at=situation.at)
    order = act.order.model_validate(quote.given)
    plan = await replan(session, situation, act, order)
    if plans.digest(plan) != quote.figures_hash:
        raise QuoteStale
    needs_approval = requirements.require_met(await requirements.of(session, situation, plan, order))
    return Confirmed(order, plan, needs_approval)


async def replan(session: AsyncSession, situation: Situation, act: Act[O], order: O) -> Plan:
    """The plan of an act with the accounts of its file locked: to the end of the transaction it stays true."""
    await postings.lock_file(session, subscriber_id=order.subscriber_id)
    await _require_file(session, order)
    return await act.plan(session, situation, order)


async def carry_out(
    session: AsyncSession, situation: Situation, act: Act[O], order: O, plan: Plan, *, reason: str | None = None
) -> Any:
    """Do what the plan says and leave it in the trail; returns the row that the act made or changed."""
    row = await act.carry_out(session, situation, order, plan)
    await session.flush()  # the entry tells of rows that exist
    await audit.append(
        session,
        viewer=situation.viewer,
        subscriber_id=order.subscriber_id,
        operation=act.operation,
        outcome=AuditOutcome.DONE,
        at=situation.at,
        reason=reason or reason_of(plan),
        note=order.note,
        target=plan.target.encode(),
        before={"balance_cents": plan.balance_before_cents},
        after=_after(row, order, plan),
    )
    return row


def reason_of(plan: Plan) -> str | None:
    """The reason that the trail keeps."""
    if plan.document is not None and plan.document.reason is not None:
        return plan.document.reason.value
    reason = plan.facts.get("reason")
    return str(reason) if reason else None


def _after(row: Any, order: Order, plan: Plan) -> dict[str, Any]:
    ticket = GlobalId("Ticket", order.subscriber_id, order.ticket_id).encode() if order.ticket_id else None
    return {
        "balance_cents": plan.balance_after_cents,
        "amount_cents": plan.amount_cents,
        "made": GlobalId(type(row).__name__, order.subscriber_id, row.id).encode(),
        "number": getattr(row, "number", None),
        "ticket": ticket,
    }


async def _require_file(session: AsyncSession, order: Order) -> None:
    subscriber = await session.get(Subscriber, order.subscriber_id)
    if subscriber is not None and subscriber.state is SubscriberState.ERASED:
        raise SubscriberErased("subscriberId")
