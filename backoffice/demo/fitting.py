"""Which periods of a plan a trouble fits into."""

import random
from datetime import timedelta

from backoffice.demo.plans import Plan
from backoffice.demo.window import Window

KINDS_OF_TROUBLE = 24
"""After so many subscribers the troubles start again."""


class DoesNotFit(Exception):
    """The history is too short for this trouble; the subscriber then has none."""


def turn(plan: Plan) -> int:
    """How often the troubles have come round before this subscriber: the same trouble varies with it."""
    return plan.index // KINDS_OF_TROUBLE


def periods(plan: Plan, window: Window, *, due_within: int) -> list[int]:
    last_on = window.last_on - timedelta(days=due_within)
    numbers = [number for number in plan.invoiced() if plan.due_on(number) <= last_on]
    if not numbers:
        raise DoesNotFit
    return numbers


def whole(plan: Plan, window: Window, *, last_day: int) -> list[int]:
    """Invoiced periods that the first contract fills, whose day number `last_day` is past."""
    last_on = window.last_on - timedelta(days=last_day)
    return [
        number
        for number in plan.invoiced()
        if plan.issue_on(number) <= last_on and plan.contracts[0].starts_on <= plan.periods[number].starts_on
    ]


def one_of(numbers: list[int], rng: random.Random) -> int:
    if not numbers:
        raise DoesNotFit
    return rng.choice(numbers)
