"""The time that the demo covers: so many months of history that end on the day before `on`."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from backoffice.billing.periods import add_months

EARLIEST_ON = date(2021, 1, 1)
"""Ids count from 2020, and the catalogue is older than the first contract."""


@dataclass(frozen=True, slots=True)
class Window:
    """`months` of history before the civil day `on`, in the time zone `zone`."""

    on: date
    months: int
    zone: str

    @property
    def starts_on(self) -> date:
        """The first day of the history."""
        return add_months(self.on, -self.months)

    @property
    def last_on(self) -> date:
        """The last day on which anything happens."""
        return self.on - timedelta(days=1)

    @property
    def ends_at(self) -> datetime:
        """The instant after which nothing happens: a minute before `on` begins."""
        return self.at(self.last_on, 23, 59)

    def at(self, day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
        """The instant of a civil time (from 04:00 on, when no clock is moved) as UTC."""
        return datetime.combine(day, time(hour, minute, second), UTC) - _offset(day, self.zone)

    def has(self, instant: datetime) -> bool:
        """Whether `instant` is past on the day `on`."""
        return instant <= self.ends_at


@lru_cache(maxsize=20_000)
def _offset(day: date, zone: str) -> timedelta:
    return datetime.combine(day, time(12), ZoneInfo(zone)).utcoffset() or timedelta(0)
