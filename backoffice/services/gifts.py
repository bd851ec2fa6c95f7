"""Credits that nobody is owed: what the policy proposes is an agent's to give, more of the line needs a higher level.

The rules are data, `billing.policies`; a reason that is owed, such as a billing error, has no such limit.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.corrections import credit_days
from backoffice.billing.periods import Period, civil_day
from backoffice.billing.policies import POLICY, Allowance, RefundRule, rule_for
from backoffice.models import CreditReason, Ticket
from backoffice.permissions import Role
from backoffice.services import standing_gifts
from backoffice.services.crediting import Credit
from backoffice.services.plans import Order, Requirement, Situation

_NONE: frozenset[Requirement] = frozenset()


async def asked_for(
    session: AsyncSession, situation: Situation, order: Order, taken: Sequence[Credit], reason: CreditReason
) -> frozenset[Requirement]:
    """A second person, when more is given than the policy proposes and the viewer is below the level that may.

    Whoever gives it: goodwill beyond what the policy leaves for the year is decided by two.
    """
    rule = rule_for(reason.value, situation.today, POLICY)
    if rule.is_owed:
        return _NONE
    asked_on = await _asked_on(session, situation, order)
    proposed = [await _is_proposed(session, situation, credit, rule, asked_on) for credit in taken]
    level = rule.decided_by if all(proposed) else rule.most_decided_by
    is_beyond = reason is CreditReason.GOODWILL and await _exceeds_year(session, situation, order, taken)
    is_alone = _reaches(situation, level) and not is_beyond
    return _NONE if is_alone else frozenset({Requirement.SECOND_PERSON})


async def _asked_on(session: AsyncSession, situation: Situation, order: Order) -> date:
    """The day of the request: when its ticket was opened, or today."""
    if order.ticket_id is None:
        return situation.today
    ticket = await session.get(Ticket, {"subscriber_id": order.subscriber_id, "id": order.ticket_id})
    return civil_day(ticket.opened_at) if ticket else situation.today


async def _is_proposed(
    session: AsyncSession, situation: Situation, credit: Credit, rule: RefundRule, asked_on: date
) -> bool:
    """Whether the line then gave no more than the policy proposes, with what was given of it before."""
    before_cents = await standing_gifts.of_line(session, credit.line, today=situation.today)
    return before_cents + credit.derived.cents <= _proposed(credit, rule, asked_on)


def _proposed(credit: Credit, rule: RefundRule, asked_on: date) -> int:
    """What the rule proposes of a line, in cents: the days that were left on the day of the request, or nothing."""
    line = credit.line
    if rule.proposed is not Allowance.UNUSED_DAYS or line.starts_on is None or line.ends_on is None:
        return 0
    days = Period(line.starts_on, line.ends_on)
    unused = days.intersect(Period(min(asked_on, days.ends_on), days.ends_on))
    if unused is None or not days.days:
        return 0
    return credit_days(line_cents=line.ttc_cents, line="", unused=unused, of=days).cents


async def _exceeds_year(session: AsyncSession, situation: Situation, order: Order, taken: Sequence[Credit]) -> bool:
    """Whether the goodwill of twelve months would then be above the policy's limit."""
    before_cents = await standing_gifts.in_a_year(session, subscriber_id=order.subscriber_id, today=situation.today)
    given_cents = sum(credit.derived.cents for credit in taken)
    return given_cents > 0 and before_cents + given_cents > situation.policy.goodwill_a_year_cents


def _reaches(situation: Situation, level: str) -> bool:
    """Whether the viewer's role is of this level or above it; the ceilings of the policy are in their order."""
    levels = sorted(situation.policy.ceilings, key=situation.policy.ceiling_cents)
    role = situation.viewer.role
    return role in levels and levels.index(role) >= levels.index(Role(level))
