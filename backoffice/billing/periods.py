"""Civil days: half-open periods and billing cycles that never drift."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo


class InvalidPeriod(ValueError):
    """A period would end before it starts."""

    def __init__(self, starts_on: date, ends_on: date) -> None:
        super().__init__(
            f"The period starts on {starts_on} and ends before it, on {ends_on}: "
            "give an end date on or after the start (the end date itself is not included)."
        )
        self.starts_on = starts_on
        self.ends_on = ends_on


class InvalidCycle(ValueError):
    """A billing cycle of no month at all."""

    def __init__(self, months: int) -> None:
        super().__init__(f"A billing cycle of {months} months does not advance: give 1 month or more.")
        self.months = months


class NaiveInstant(ValueError):
    """An instant without an offset does not say which civil day it is."""

    def __init__(self, instant: datetime) -> None:
        super().__init__(f"{instant.isoformat()} has no UTC offset: give an instant with one.")
        self.instant = instant


@dataclass(frozen=True, slots=True)
class Period:
    """Civil days from `starts_on` (included) to `ends_on` (not included). Raises `InvalidPeriod`."""

    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise InvalidPeriod(self.starts_on, self.ends_on)

    @property
    def days(self) -> int:
        """Number of civil days; a day of 23 or 25 hours counts as one."""
        return (self.ends_on - self.starts_on).days

    def contains(self, day: date) -> bool:
        """True from the first day to the day before `ends_on`."""
        return self.starts_on <= day < self.ends_on

    def intersect(self, other: "Period") -> "Period | None":
        """The days in both periods, or None when they share no day."""
        starts_on = max(self.starts_on, other.starts_on)
        ends_on = min(self.ends_on, other.ends_on)
        return Period(starts_on, ends_on) if starts_on < ends_on else None


def billing_period(*, anchor_on: date, months: int, on: date) -> Period:
    """The billing period of `months` months that contains the day `on`, in the cycle of the anchor.

    The anchor's day of the month is remembered through short months (31 January, 28 February,
    31 March); before the anchor the cycle counts backwards. Raises `InvalidCycle` below one month.
    """
    if months < 1:
        raise InvalidCycle(months)
    cycle = months_between(anchor_on, on) // months
    if add_months(anchor_on, cycle * months) > on:
        cycle -= 1
    return Period(add_months(anchor_on, cycle * months), add_months(anchor_on, (cycle + 1) * months))


def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` later (or earlier), or that month's last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_between(earlier: date, later: date) -> int:
    """Calendar months from one date's month to the other's; the day of the month plays no part."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def civil_day(instant: datetime, zone: str = "Europe/Paris") -> date:
    """The civil day in `zone` at an instant. Raises `NaiveInstant` for an instant without an offset."""
    if instant.utcoffset() is None:
        raise NaiveInstant(instant)
    return instant.astimezone(ZoneInfo(zone)).date()
