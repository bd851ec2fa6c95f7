"""The one place that looks at the time; everything below the edge is given `at`.

`BACKOFFICE_CLOCK` starts the clock at a chosen instant, from where it runs on: a rehearsal of a month end needs no waiting.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_offset = timedelta(0)


def now() -> datetime:
    """The current instant in UTC, shifted by what `start_at` was told."""
    return datetime.now(UTC) + _offset


def today(zone: str) -> date:
    """The current civil day in `zone`, such as "Europe/Paris"."""
    return now().astimezone(ZoneInfo(zone)).date()


def start_at(instant: datetime | None) -> None:
    """Make the clock read `instant` now and run on from there; None returns to real time."""
    global _offset  # noqa: PLW0603 - the one piece of state that the whole process shares by design
    if instant is not None and instant.tzinfo is None:
        raise ValueError("The clock needs an instant with an offset, such as 2026-11-21T10:00+01:00.")
    _offset = timedelta(0) if instant is None else instant - datetime.now(UTC)


Now = Callable[[], datetime]
