"""Billing periods of an account."""

from datetime import date
from itertools import pairwise

from backoffice.billing.periods import Period, add_months, months_between


def periods(*, anchor_on: date, months: int, starts_on: date, last_on: date) -> tuple[Period, ...]:
    """The periods of `months` months from the one that contains `starts_on` to the last that begins by `last_on`."""
    first = months_between(anchor_on, starts_on) // months - 1
    last = months_between(anchor_on, last_on) // months + 2
    bounds = [add_months(anchor_on, months * number) for number in range(first, last + 1)]
    return tuple(Period(start, end) for start, end in pairwise(bounds) if end > starts_on and start <= last_on)


def cycles(*, starts_on: date, ends_on: date | None, until_on: date) -> list[Period]:
    """The rolling months of an option that begin on or before `until_on` and before its end."""
    bounds = [add_months(starts_on, months) for months in range(months_between(starts_on, until_on) + 3)]
    return [
        Period(start, end)
        for start, end in pairwise(bounds)
        if start <= until_on and (ends_on is None or start < ends_on)
    ]
