"""Numbers of documents and tickets: one series a year, without gaps, in order of the days, over all subscribers.

Subscribers are written one after the other, so how many numbers each day takes is counted first; a day then gives out
its own numbers in the order of the subscribers.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from backoffice.demo.plans import Plan

INVOICES = "F"
CREDIT_NOTES = "A"
TICKETS = "T"

Drawer = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a series, and which one of its day it is, from 0."""

    text: str
    of_day: int


@dataclass
class Numbering:
    """Gives out numbers such as F2026-0000123 to the days for which they were counted."""

    counted: Counter[Drawer]
    _bases: dict[Drawer, int] = field(default_factory=dict)
    _used: Counter[Drawer] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        lasts: Counter[str] = Counter()
        for series, day in sorted(self.counted):
            self._bases[series, day] = lasts[_code(series, day)]
            lasts[_code(series, day)] += self.counted[series, day]
        self.lasts = dict(lasts)

    def take(self, series: str, day: date) -> Number:
        """The next number of a day."""
        of_day = self._used[series, day]
        self._used[series, day] += 1
        return Number(f"{_code(series, day)}-{self._bases[series, day] + of_day + 1:07d}", of_day)

    @property
    def is_used_up(self) -> bool:
        """Whether every number that was counted was taken, and none besides."""
        return self._used == self.counted


def count(plans: Iterable[Plan]) -> Numbering:
    """Count the documents and tickets of all plans, a day at a time."""
    counted: Counter[Drawer] = Counter()
    for plan in plans:
        counted.update((INVOICES, plan.issue_on(number)) for number in plan.invoiced())
        counted.update((CREDIT_NOTES, credit.on) for credit in plan.credits)
        counted.update((TICKETS, ticket.opened_on) for ticket in plan.tickets)
    return Numbering(counted)


def _code(series: str, day: date) -> str:
    return f"{series}{day.year}"
