from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.billing.periods import (
    InvalidCycle,
    InvalidPeriod,
    NaiveInstant,
    Period,
    add_months,
    billing_period,
    civil_day,
)

from .strategies import days

anchors = days
month_ends = st.builds(lambda day, number: day.replace(month=1, day=number), days, st.sampled_from([28, 29, 30, 31]))
cycle_months = st.sampled_from([1, 2, 3, 6, 12, 24])


class TestPeriod:
    def test_holds_its_first_day_and_not_its_end_date(self) -> None:
        november = Period(date(2026, 11, 1), date(2026, 12, 1))

        held = [november.contains(day) for day in (date(2026, 10, 31), november.starts_on, date(2026, 11, 30))]

        assert held == [False, True, True]
        assert not november.contains(november.ends_on)

    @pytest.mark.parametrize(
        ("starts_on", "ends_on", "length"),
        [
            (date(2027, 2, 1), date(2027, 3, 1), 28),
            (date(2028, 2, 1), date(2028, 3, 1), 29),
            (date(2026, 11, 1), date(2026, 12, 1), 30),
            (date(2026, 12, 1), date(2027, 1, 1), 31),
            (date(2026, 12, 31), date(2027, 1, 1), 1),
            (date(2026, 5, 5), date(2026, 5, 5), 0),
            # The months in which Paris has a day of 23 hours and one of 25.
            (date(2026, 3, 1), date(2026, 4, 1), 31),
            (date(2026, 10, 1), date(2026, 11, 1), 31),
        ],
    )
    def test_counts_civil_days(self, starts_on: date, ends_on: date, length: int) -> None:
        assert Period(starts_on, ends_on).days == length

    def test_refuses_to_end_before_it_starts(self) -> None:
        with pytest.raises(InvalidPeriod) as refusal:
            Period(date(2026, 11, 2), date(2026, 11, 1))

        assert (refusal.value.starts_on, refusal.value.ends_on) == (date(2026, 11, 2), date(2026, 11, 1))

    def test_meets_another_in_their_common_days(self) -> None:
        left = Period(date(2026, 11, 1), date(2026, 11, 20))
        right = Period(date(2026, 11, 16), date(2026, 12, 1))

        assert left.intersect(right) == right.intersect(left) == Period(date(2026, 11, 16), date(2026, 11, 20))

    def test_does_not_meet_the_period_that_starts_where_it_ends(self) -> None:
        october = Period(date(2026, 10, 1), date(2026, 11, 1))
        november = Period(date(2026, 11, 1), date(2026, 12, 1))

        assert october.intersect(november) is None
        assert november.intersect(Period(date(2026, 11, 5), date(2026, 11, 5))) is None


class TestBillingPeriod:
    def test_remembers_the_thirty_first_through_short_months(self) -> None:
        starts = []
        on = anchor_on = date(2027, 1, 31)
        for _ in range(5):
            starts.append(on)
            on = billing_period(anchor_on=anchor_on, months=1, on=on).ends_on

        assert starts == [anchor_on, date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30), date(2027, 5, 31)]

    @pytest.mark.parametrize(
        ("anchor_on", "on", "starts_on", "ends_on"),
        [
            (date(2028, 1, 31), date(2028, 2, 28), date(2028, 1, 31), date(2028, 2, 29)),
            (date(2028, 1, 31), date(2028, 2, 29), date(2028, 2, 29), date(2028, 3, 31)),
            (date(2027, 1, 30), date(2027, 2, 27), date(2027, 1, 30), date(2027, 2, 28)),
            (date(2027, 1, 29), date(2027, 2, 28), date(2027, 2, 28), date(2027, 3, 29)),
            (date(2027, 1, 28), date(2027, 2, 28), date(2027, 2, 28), date(2027, 3, 28)),
            (date(2026, 12, 15), date(2027, 1, 14), date(2026, 12, 15), date(2027, 1, 15)),
            (date(2027, 5, 31), date(2027, 2, 1), date(2027, 1, 31), date(2027, 2, 28)),
            (date(2027, 5, 31), date(2027, 5, 30), date(2027, 4, 30), date(2027, 5, 31)),
        ],
    )
    def test_contains_the_day_in_the_cycle_of_its_anchor(
        self, anchor_on: date, on: date, starts_on: date, ends_on: date
    ) -> None:
        assert billing_period(anchor_on=anchor_on, months=1, on=on) == Period(starts_on, ends_on)

    def test_bills_twelve_months_in_a_year(self) -> None:
        on = anchor_on = date(2026, 1, 31)
        periods = []
        while on < date(2027, 1, 31):
            periods.append(billing_period(anchor_on=anchor_on, months=1, on=on))
            on = periods[-1].ends_on

        assert len(periods) == 12
        assert sum(period.days for period in periods) == 365

    @given(st.one_of(anchors, month_ends), cycle_months, days)
    def test_tiles_time_without_gap_or_drift(self, anchor_on: date, months: int, on: date) -> None:
        period = billing_period(anchor_on=anchor_on, months=months, on=on)

        after = billing_period(anchor_on=anchor_on, months=months, on=period.ends_on)
        before = billing_period(anchor_on=anchor_on, months=months, on=period.starts_on - timedelta(days=1))
        assert period.contains(on)
        assert after.starts_on == period.ends_on
        assert before.ends_on == period.starts_on
        for bound in (period.starts_on, period.ends_on):
            last_of_month = (bound + timedelta(days=1)).day == 1
            assert bound.day == anchor_on.day or (bound.day < anchor_on.day and last_of_month)
            assert (bound.month - anchor_on.month + 12 * bound.year - 12 * anchor_on.year) % months == 0

    @given(st.one_of(anchors, month_ends), cycle_months, days)
    def test_is_the_same_for_all_of_its_days(self, anchor_on: date, months: int, on: date) -> None:
        period = billing_period(anchor_on=anchor_on, months=months, on=on)

        last_on = period.ends_on - timedelta(days=1)
        assert billing_period(anchor_on=anchor_on, months=months, on=period.starts_on) == period
        assert billing_period(anchor_on=anchor_on, months=months, on=last_on) == period

    @pytest.mark.parametrize("months", [0, -1])
    def test_refuses_a_cycle_that_does_not_advance(self, months: int) -> None:
        with pytest.raises(InvalidCycle) as refusal:
            billing_period(anchor_on=date(2026, 1, 1), months=months, on=date(2026, 1, 1))

        assert refusal.value.months == months


class TestAddMonths:
    def test_finds_the_end_of_a_free_exit_four_months_after_its_notice(self) -> None:
        assert add_months(date(2026, 9, 20), 4) == date(2027, 1, 20)


class TestCivilDay:
    @pytest.mark.parametrize(
        ("instant", "day"),
        [
            (datetime(2026, 11, 20, 22, 59, tzinfo=UTC), date(2026, 11, 20)),
            (datetime(2026, 11, 20, 23, 0, tzinfo=UTC), date(2026, 11, 21)),
            (datetime(2026, 7, 1, 21, 59, tzinfo=UTC), date(2026, 7, 1)),
            (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
            (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
            # Clocks go forward on 29 March 2026 and back on 25 October 2026.
            (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
            (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), date(2026, 3, 29)),
            (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
            (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), date(2026, 10, 25)),
            (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
            (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
            (datetime(2026, 11, 21, 5, 0, tzinfo=timezone(timedelta(hours=9))), date(2026, 11, 20)),
        ],
    )
    def test_is_the_day_on_the_wall_in_paris(self, instant: datetime, day: date) -> None:
        assert civil_day(instant) == day

    def test_follows_another_zone_when_asked(self) -> None:
        assert civil_day(datetime(2026, 11, 20, 12, 0, tzinfo=UTC), "Pacific/Auckland") == date(2026, 11, 21)

    def test_refuses_an_instant_without_an_offset(self) -> None:
        with pytest.raises(NaiveInstant):
            civil_day(datetime(2026, 11, 21, 10, 0))  # noqa: DTZ001 - the refusal is what is tested
