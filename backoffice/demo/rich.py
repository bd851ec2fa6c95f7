"""The first two subscribers: everything that a file can hold, the same whatever the number of subscribers."""

from datetime import date, timedelta

from backoffice.billing.periods import Period, add_months
from backoffice.demo import schedule
from backoffice.demo.agreed import ChangePlan, ContractPlan, DiscountPlan, OptionPlan
from backoffice.demo.plans import Plan
from backoffice.demo.setbacks import CreditPlan, Outcome, Pick, Settlement, TicketPlan
from backoffice.demo.window import Window
from backoffice.models import CreditReason, PaymentMethodKind, TicketChannel, TicketPriority, TicketState

_TELEVISION = ("PACK-CINE", "PACK-SPORT")
_OTHERS = (("NET-FIBRE", "MOB-150-TERM"), ("NET-FIBRE", "MOB-20"))
_TICKETS = (
    (
        ("INVOICE_HIGHER", 2, TicketState.OPEN, TicketChannel.WEB, TicketPriority.HIGH),
        ("OPTION_UNUSED", 9, TicketState.IN_PROGRESS, TicketChannel.EMAIL, TicketPriority.NORMAL),
        ("NO_PICTURE", 4, TicketState.WAITING_SUBSCRIBER, TicketChannel.CHAT, TicketPriority.NORMAL),
        ("OUTAGE", 20, TicketState.CLOSED, TicketChannel.PHONE, TicketPriority.URGENT),
        ("NEW_ADDRESS", 26, TicketState.RESOLVED, TicketChannel.LETTER, TicketPriority.LOW),
    ),
    (
        ("STRANGE_LOGIN", 1, TicketState.OPEN, TicketChannel.WEB, TicketPriority.URGENT),
        ("PROMOTION_ENDED", 6, TicketState.IN_PROGRESS, TicketChannel.PHONE, TicketPriority.NORMAL),
        ("NO_INTERNET", 8, TicketState.WAITING_THIRD_PARTY, TicketChannel.CHAT, TicketPriority.HIGH),
        ("PRICE_RISE", 22, TicketState.REJECTED, TicketChannel.LETTER, TicketPriority.NORMAL),
        ("OFFER_QUESTION", 24, TicketState.CANCELLED, TicketChannel.EMAIL, TicketPriority.LOW),
    ),
)


def plan(index: int, window: Window) -> Plan:
    """The plan of subscriber 0 (billed on the first of the month) or 1 (billed on the day of the start)."""
    starts_on = window.starts_on
    anchor_on = starts_on.replace(day=1) if index == 0 else starts_on
    made = Plan(
        index=index,
        concluded_on=starts_on,
        anchor_on=anchor_on,
        period_months=1,
        periods=schedule.periods(anchor_on=anchor_on, months=1, starts_on=starts_on, last_on=window.last_on),
        debit_day=min(28, (starts_on + timedelta(days=10)).day),
        payer=PaymentMethodKind.DIRECT_DEBIT,
        contracts=[],
    )
    made.contracts = [_television(made, window), *(ContractPlan(code, starts_on, starts_on) for code in _OTHERS[index])]
    _add_credits(made, window)
    _add_settlements(made, window)
    made.tickets = [
        TicketPlan(story, window.last_on - timedelta(days=days), state, channel, priority)
        for story, days, state, channel, priority in _TICKETS[index]
    ]
    return made


def _television(made: Plan, window: Window) -> ContractPlan:
    starts_on, count = made.concluded_on, len(made.periods)
    changed_on = _changed_on(made, window)
    ends_on = _middle(made, count // 3) if count > 3 else starts_on + timedelta(days=10)
    return ContractPlan(
        code=_TELEVISION[made.index],
        concluded_on=starts_on,
        starts_on=starts_on,
        options=_options(made),
        # The second one was billed at the full price for the whole period in which the promotion ended.
        discount=DiscountPlan("Offre de bienvenue", 1000, ends_on, is_overbilled=made.index == 1 and count > 3),
        change=ChangePlan(changed_on, "TOUT-INCLUS", changed_on + timedelta(days=1)),
        has_activation_fee=True,
        has_deposit=True,
    )


def _changed_on(made: Plan, window: Window) -> date:
    """The middle of a period, two thirds through, that is past."""
    count = len(made.periods)
    middles = [_middle(made, number) for number in range(min(count, max(2, 2 * count // 3 + 1)))]
    return next(day for day in reversed(middles) if day < window.last_on or day == middles[0])


def _options(made: Plan) -> tuple[OptionPlan, ...]:
    starts_on = made.concluded_on
    rolling_on = starts_on + timedelta(days=9)
    return (
        OptionPlan("OPT-VOD", starts_on + timedelta(days=5), used_until=starts_on + timedelta(days=8)),
        OptionPlan("OPT-SPORT-MOIS", rolling_on, add_months(rolling_on, 3), rolling_on + timedelta(days=12)),
    )


def _middle(made: Plan, number: int) -> date:
    return max(made.periods[number].starts_on, made.concluded_on) + timedelta(days=14)


def _add_credits(made: Plan, window: Window) -> None:
    paid = [n for n in made.invoiced() if made.due_on(n) <= window.last_on - timedelta(days=3)]
    if not paid:
        return
    number = paid[-1]
    starts_on = made.issue_on(number) + timedelta(days=2)
    days = Period(starts_on, starts_on + timedelta(days=4))
    on = made.due_on(number) + timedelta(days=2)
    made.credits.append(CreditPlan(number, on, CreditReason.SERVICE_FAILURE, Pick.OFFER, days, contract=1))
    discount = made.contracts[0].discount
    if discount and discount.is_overbilled:
        wrong = len(made.periods) // 3
        on = made.due_on(wrong) + timedelta(days=5)
        made.credits.append(CreditPlan(wrong, on, CreditReason.BILLING_ERROR, Pick.OVERBILLED))


def _add_settlements(made: Plan, window: Window) -> None:
    if len(made.periods) < 5:
        return
    if made.index == 0:
        failed_on = made.due_on(1) + timedelta(days=6)
        paid_on = failed_on + timedelta(days=9)
        made.settlements[1] = Settlement(Outcome.RETURNED, failed_on, "AM04", paid_on)
    else:
        last = [n for n in made.invoiced() if made.due_on(n) <= window.last_on - timedelta(days=4)][-1]
        made.settlements[last - 1] = Settlement(Outcome.IN_PART, paid_on=made.due_on(last - 1) + timedelta(days=4))
