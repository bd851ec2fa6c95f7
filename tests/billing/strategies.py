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


# Built once: strategies that are made anew for every example would take most of the time.
_spots = st.integers(0, 1000)
_spans = st.tuples(_spots, _spots).map(sorted)
_components = st.lists(st.tuples(prices, st.one_of(st.none(), rates)), min_size=1, max_size=3)
_history_facts = st.tuples(
    _spans,
    _components,
    st.lists(st.tuples(_spots, _components), max_size=2),
    st.lists(st.tuples(_spans, prices, st.booleans()), max_size=2),
    st.lists(_spans, max_size=2),
    st.sampled_from([1, 1, 1, 2, 7]),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[BilledItem, Period, Period]:
    """An item with up to three prices, promotions and suspensions, the days it is served, and the period."""
    of = draw(billing_periods())
    served, first, later, promotions, suspensions, quantity = draw(_history_facts)
    prices_by_day = {date(2010, 1, 1): first, **{_day(of, spot): components for spot, components in later}}
    item = BilledItem(
        "I-1",
        tuple(
            DatedPrice(f"PV-{place}", day, None, tuple(Component(f"C{n}", *part) for n, part in enumerate(components)))
            for place, (day, components) in enumerate(sorted(prices_by_day.items(), key=lambda dated: dated[0]))
        ),
        tuple(
            DatedPromotion(f"P-{place}", cents, _day(of, span[0]), None if is_open else _day(of, span[1]))
            for place, (span, cents, is_open) in enumerate(promotions)
        ),
        quantity,
        tuple(_period(of, span) for span in suspensions),
    )
    return item, _period(of, served), of


def _period(of: Period, span: list[int]) -> Period:
    return Period(_day(of, span[0]), _day(of, span[1]))


def _day(of: Period, spot: int) -> date:
    """The day at so many thousandths of a period; the last one is its end date."""
    return date.fromordinal(of.starts_on.toordinal() + of.days * spot // 1000)
