"""Random amounts, days, periods and documents, of the kinds that billing meets."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

from hypothesis import strategies as st

from backoffice.billing.periods import Period, billing_period

cents = st.integers(min_value=0, max_value=2_000_000)
prices = st.one_of(st.integers(min_value=0, max_value=30_000), st.sampled_from([0, 1, 2, 5, 99, 1999, 3499, 7499]))
rates = st.sampled_from([Decimal("0"), Decimal("0.021"), Decimal("0.055"), Decimal("0.10"), Decimal("0.20")])
days = st.dates(min_value=date(2015, 1, 1), max_value=date(2040, 12, 31))


@st.composite
def billing_periods(draw: st.DrawFn) -> Period:
    """A whole billing period of one, three or twelve months, with any anchor day."""
    anchor_on = draw(days)
    return billing_period(anchor_on=anchor_on, months=draw(st.sampled_from([1, 1, 1, 3, 12])), on=draw(days))


@st.composite
def parts_of(draw: st.DrawFn, period: Period) -> Period:
    """Some of the days of a period, perhaps none or all."""
    bounds = sorted(draw(st.tuples(st.integers(0, period.days), st.integers(0, period.days))))
    start = period.starts_on.toordinal()
    return Period(date.fromordinal(start + bounds[0]), date.fromordinal(start + bounds[1]))


def days_of(period: Period) -> st.SearchStrategy[date]:
    """Any day of a period, or its end date."""
    return st.dates(min_value=period.starts_on, max_value=period.ends_on)


@st.composite
def cuts_of(draw: st.DrawFn, period: Period) -> list[Period]:
    """A period cut into consecutive parts, some of them empty."""
    inner = sorted(draw(st.lists(days_of(period), max_size=5)))
    bounds = [period.starts_on, *inner, period.ends_on]
    return [Period(starts_on, ends_on) for starts_on, ends_on in pairwise(bounds)]


document_lines = st.lists(st.tuples(prices, rates), min_size=1, max_size=8)
mixed_lines = st.lists(st.tuples(st.integers(-30_000, 30_000), rates), max_size=8)
