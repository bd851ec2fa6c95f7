"""Actual days over the actual days of the whole billing period, and a change of offer within one."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from backoffice.billing.money import Rounding, require_cents, require_positive_or_zero, round_cents
from backoffice.billing.periods import Period


class EmptyPeriod(ValueError):
    """A period without a day cannot be the basis of a proration."""

    def __init__(self, period: Period) -> None:
        super().__init__(
            f"The billing period of {period.starts_on} has no day: give the whole billing period, "
            "not the part that was served."
        )
        self.period = period


class ChangeOutsidePeriod(ValueError):
    """A change of offer is dated outside of the billing period it should change."""

    def __init__(self, on: date, period: Period) -> None:
        super().__init__(
            f"The change on {on} is outside of the billing period from {period.starts_on} to "
            f"{period.ends_on}: choose the billing period that contains the requested day."
        )
        self.on = on
        self.period = period


@dataclass(frozen=True, slots=True)
class Change:
    """What a change of offer moves, in cents, and the days from the change to the period's end."""

    credit_cents: int
    charge_cents: int
    days: int

    @property
    def net_cents(self) -> int:
        """Charge and credit together: above zero the subscriber owes it, below zero it is given back."""
        return self.charge_cents + self.credit_cents


def fraction(*, served: Period, of: Period) -> Fraction:
    """The exact share of `of` that was served: days in both, over the days of `of`, from 0 to 1.

    Days outside of `of` do not count. Raises `EmptyPeriod` when `of` has no day.
    """
    if not of.days:
        raise EmptyPeriod(of)
    common = served.intersect(of)
    return Fraction(common.days if common else 0, of.days)


def prorate(amount_cents: int, *, served: Period, of: Period, rounding: Rounding = Rounding.HALF_UP) -> int:
    """The part of a whole period's amount for the days served, in cents, rounded once."""
    require_cents(amount_cents=amount_cents)
    return round_cents(amount_cents * fraction(served=served, of=of), rounding)


def change(
    *,
    on: date,
    period: Period,
    old_cents: int,
    new_cents: int,
    already_credited_cents: int = 0,
    old_period: Period | None = None,
) -> Change:
    """Credit the old line and charge the new offer from the day `on`, which belongs to the new offer.

    `old_cents` is the standing line over `old_period` (by default the whole period; after an earlier
    change in the same period, the days of that change), `new_cents` the new offer's price for the
    whole period. The credit is what is rounded: what stays of the old line is the line less the
    credit. An earlier credit only caps this one at what still stands.
    Raises `ChangeOutsidePeriod`, `EmptyPeriod`, `NegativeAmount` or `InexactAmount`.
    """
    require_positive_or_zero(old_cents=old_cents, new_cents=new_cents, already_credited_cents=already_credited_cents)
    served = days_left(on=on, period=period)
    unused_cents = prorate(old_cents, served=served, of=old_period or period)
    standing_cents = max(0, old_cents - already_credited_cents)
    return Change(
        credit_cents=-min(unused_cents, standing_cents),
        charge_cents=prorate(new_cents, served=served, of=period),
        days=served.days,
    )


def days_left(*, on: date, period: Period) -> Period:
    """The days from `on` (included) to the period's end. Raises `ChangeOutsidePeriod`.

    The end date itself is accepted and leaves no day: the change then starts with the next period.
    """
    if not period.starts_on <= on <= period.ends_on:
        raise ChangeOutsidePeriod(on, period)
    return Period(on, period.ends_on)
