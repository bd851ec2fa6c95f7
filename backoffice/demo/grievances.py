"""Which tickets a subscriber has opened: about the trouble in the file, and about everyday things."""

import random
from datetime import date, timedelta

from backoffice.demo.plans import Plan
from backoffice.demo.setbacks import TicketPlan, Trouble
from backoffice.demo.window import Window
from backoffice.models import TicketChannel, TicketPriority, TicketState

_STORIES = {
    Trouble.CARD_EXPIRED: "SUSPENDED",
    Trouble.UNDUE_SUSPENSION: "SUSPENDED_UNDULY",
    Trouble.DEBIT_RETURNED: "REJECTED_DEBIT",
    Trouble.PARTNER_DUPLICATE: "BILLED_TWICE",
    Trouble.UNUSED_OPTION: "OPTION_UNUSED",
    Trouble.PROMOTION_OVERBILLED: "PROMOTION_ENDED",
    Trouble.CHANGE_OVERBILLED: "INVOICE_HIGHER",
    Trouble.OUTAGE: "OUTAGE",
    Trouble.WITHDRAWAL: "WITHDRAWAL",
    Trouble.STRANGE_LOGIN: "STRANGE_LOGIN",
    Trouble.FORGOTTEN_DEVICES: "DEVICE_LIMIT",
    Trouble.STOLEN_DEVICE: "STOLEN_DEVICE",
}
_EVERYDAY = ("NO_PICTURE", "NO_INTERNET", "NEW_ADDRESS", "OFFER_QUESTION", "PRICE_RISE", "DATA_COPY", "RETURN_DECODER")
_URGENT = ("STRANGE_LOGIN", "STOLEN_DEVICE", "OUTAGE")

_UNDER_WAY = (
    TicketState.OPEN,
    TicketState.IN_PROGRESS,
    TicketState.IN_PROGRESS,
    TicketState.WAITING_SUBSCRIBER,
    TicketState.WAITING_THIRD_PARTY,
)
_DONE = (
    TicketState.RESOLVED,
    TicketState.CLOSED,
    TicketState.CLOSED,
    TicketState.CLOSED,
    TicketState.REJECTED,
    TicketState.CANCELLED,
)
_SETTLED_AFTER_DAYS = 12


def bring(plan: Plan, rng: random.Random, window: Window) -> None:
    """Add the plan's tickets."""
    story = _STORIES.get(plan.trouble)
    if story:
        plan.tickets.append(_about_trouble(plan, story, rng, window))
    if rng.random() < 0.45:
        plan.tickets.append(_everyday(plan, rng, window))


def _about_trouble(plan: Plan, story: str, rng: random.Random, window: Window) -> TicketPlan:
    happened_on = _happened_on(plan, window)
    if plan.credits and happened_on <= window.last_on - timedelta(days=_SETTLED_AFTER_DAYS):
        return _ticket(story, happened_on, rng.choice(_DONE[:2]), rng)
    # What no agent has solved was reported lately, or long ago and forgotten.
    opened_on = max(happened_on, window.last_on - timedelta(days=rng.randrange(12)))
    return _ticket(story, opened_on, rng.choice(_UNDER_WAY), rng)


def _happened_on(plan: Plan, window: Window) -> date:
    earliest = plan.contracts[0].starts_on
    if plan.credits:
        return max(earliest, plan.credits[0].on - timedelta(days=3))
    failed = [settlement.failed_on for settlement in plan.settlements.values() if settlement.failed_on]
    past = [day for day in failed if day < window.last_on]
    return max(earliest, past[-1] + timedelta(days=1)) if past else max(earliest, window.last_on - timedelta(days=5))


def _everyday(plan: Plan, rng: random.Random, window: Window) -> TicketPlan:
    days = (window.last_on - plan.concluded_on).days
    opened_on = window.last_on - timedelta(days=rng.randrange(min(days, 400) + 1))
    is_settled = opened_on < window.last_on - timedelta(days=_SETTLED_AFTER_DAYS) and rng.random() < 0.94
    return _ticket(rng.choice(_EVERYDAY), opened_on, rng.choice(_DONE if is_settled else _UNDER_WAY), rng)


def _ticket(story: str, opened_on: date, state: TicketState, rng: random.Random) -> TicketPlan:
    channel = rng.choices(tuple(TicketChannel), (30, 25, 15, 25, 5))[0]
    priority = TicketPriority.URGENT if story in _URGENT else rng.choice((*TicketPriority, TicketPriority.NORMAL))
    return TicketPlan(story, opened_on, state, channel, priority)
