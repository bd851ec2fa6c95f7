"""The day on which a change counts: at once, with the next period, or on a day that was asked for."""

from datetime import date, timedelta
from enum import StrEnum

from backoffice.billing.periods import add_months
from backoffice.errors import BackofficeError, BadInput
from backoffice.services.agreements import Agreement
from backoffice.services.plans import Situation

_LONGEST_AHEAD_MONTHS = 12


class When(StrEnum):
    """When a change takes effect."""

    NOW = "NOW"
    NEXT_PERIOD = "NEXT_PERIOD"
    ON_DATE = "ON_DATE"


class DateRefused(BackofficeError):
    """A day that cannot be used; the days from `earliest` to `latest` would be accepted, both included."""

    code = "DATE_OUT_OF_RANGE"

    def __init__(
        self, given: date, earliest: date, latest: date, *, why: str, field: str = "on", code: str | None = None
    ) -> None:
        super().__init__(f"{given} cannot be used: {why}; give a day from {earliest} to {latest}.", field=field)
        self.earliest = earliest
        self.latest = latest
        if code is not None:
            self.code = code  # type: ignore[misc]


def resolve(situation: Situation, agreement: Agreement, when: When, on: date | None) -> date:
    """The day that an order names; raises BadInput and DateRefused.

    The past is open as far as the billing period before today's: what was asked for then is done as of then.
    """
    if (when is When.ON_DATE) != (on is not None):
        raise BadInput("Give 'on' together with ON_DATE, and with nothing else.", field="on")
    if when is When.NOW:
        return max(situation.today, agreement.contract.starts_on)
    if when is When.NEXT_PERIOD:
        return next_period_on(agreement, situation.today)
    assert on is not None, "ON_DATE names its day"
    require_between(
        on,
        earliest=max(agreement.contract.starts_on, earliest_on(agreement, situation.today)),
        latest=latest_on(situation.today),
        why="changes go back to the billing period before this one, and a year ahead",
    )
    return on


def require_between(on: date, *, earliest: date, latest: date, why: str, field: str = "on") -> None:
    """Raise DateRefused for a day outside of [earliest, latest]."""
    if not earliest <= on <= latest:
        raise DateRefused(on, earliest, latest, why=why, field=field)


def next_period_on(agreement: Agreement, today: date) -> date:
    """The first day of the billing period after today's."""
    return agreement.period_on(max(today, agreement.contract.starts_on)).ends_on


def earliest_on(agreement: Agreement, today: date) -> date:
    """The first day of the billing period before today's."""
    return agreement.period_on(agreement.period_on(today).starts_on - timedelta(days=1)).starts_on


def latest_on(today: date) -> date:
    """A year ahead."""
    return add_months(today, _LONGEST_AHEAD_MONTHS)
