"""Random amounts, days, periods and documents, of the kinds that billing meets."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

from hypothesis import strategies as st

from backoffice.billing.items import BilledItem, Component, DatedPrice, DatedPromotion
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


@st.composite
def components_of(draw: st.DrawFn) -> tuple[Component, ...]:
    """One to three components of a price, each with its rate; some are outside the scope of VAT."""
    shares = draw(st.lists(st.tuples(prices, st.one_of(st.none(), rates)), min_size=1, max_size=3))
    return tuple(Component(f"C{place}", cents, rate) for place, (cents, rate) in enumerate(shares))


@st.composite
def histories(draw: st.DrawFn) -> tuple[BilledItem, Period, Period]:
    """An item with up to three prices, promotions and suspensions, the days it is served, and the period."""
    of = draw(billing_periods())
    served = draw(parts_of(of))
    starts = sorted(draw(st.sets(days_of(of), max_size=2)))
    first = DatedPrice("PV-0", date(2010, 1, 1), None, draw(components_of()))
    later = [DatedPrice(f"PV-{n}", day, None, draw(components_of())) for n, day in enumerate(starts, 1)]
    promotions = [
        DatedPromotion(f"P-{n}", draw(prices), days.starts_on, draw(st.sampled_from([days.ends_on, None])))
        for n, days in enumerate(draw(st.lists(parts_of(of), max_size=2)))
    ]
    suspensions = draw(st.lists(parts_of(of), max_size=2))
    quantity = draw(st.sampled_from([1, 1, 1, 2, 7]))
    item = BilledItem("I-1", (first, *later), tuple(promotions), quantity, tuple(suspensions))
    return item, served, of
