"""Several changes of offer in one period: the chain on standing lines, checked against its segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from backoffice.billing import proration
from backoffice.billing.periods import Period
from backoffice.billing.proration import Change, prorate


class ChangesOutOfOrder(ValueError):
    """Two changes of one period are not in the order of their days."""

    def __init__(self, on: date, previous_on: date) -> None:
        super().__init__(
            f"The change on {on} comes after the one on {previous_on} in the list: "
            "give the changes in the order of their days, one a day."
        )
        self.on = on
        self.previous_on = previous_on


@dataclass(frozen=True, slots=True)
class Replay:
    """What the chain bills and what each offer's own days would give, in cents.

    The chain is what was issued, so it wins; `difference_cents` (chain less segments) says by how much.
    """

    first_cents: int
    changes: tuple[Change, ...]
    segments_cents: tuple[int, ...]

    @property
    def chain_cents(self) -> int:
        """What the first line and all the changes bill together, in cents."""
        return self.first_cents + sum(change.net_cents for change in self.changes)

    @property
    def difference_cents(self) -> int:
        """The cents by which the chain differs from the segments; zero almost always."""
        return self.chain_cents - sum(self.segments_cents)


def replay(*, period: Period, first_cents: int, changes: Sequence[tuple[date, int]]) -> Replay:
    """Chain (day, new price of a whole period in cents) changes on a period billed at `first_cents`.

    Each change credits the line that the one before it charged, over that line's own days.
    Raises `ChangesOutOfOrder`, `ChangeOutsidePeriod`, `NegativeAmount` or `InexactAmount`.
    """
    standing_cents, standing = first_cents, period
    chained: list[Change] = []
    for on, new_cents in changes:
        if chained and on <= standing.starts_on:
            raise ChangesOutOfOrder(on, standing.starts_on)
        change = proration.change(
            on=on, period=period, old_cents=standing_cents, new_cents=new_cents, old_period=standing
        )
        chained.append(change)
        standing_cents, standing = change.charge_cents, Period(on, period.ends_on)
    return Replay(first_cents, tuple(chained), _segments(period, first_cents, changes))


def _segments(period: Period, first_cents: int, changes: Sequence[tuple[date, int]]) -> tuple[int, ...]:
    prices = [first_cents, *(price for _, price in changes)]
    days = [period.starts_on, *(on for on, _ in changes), period.ends_on]
    bounds = pairwise(days)
    return tuple(
        prorate(price, served=Period(starts_on, ends_on), of=period)
        for price, (starts_on, ends_on) in zip(prices, bounds, strict=True)
    )
