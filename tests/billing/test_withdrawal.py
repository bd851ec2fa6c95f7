from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given

from backoffice.billing.compensations import for_days, for_lost_number
from backoffice.billing.periods import Period
from backoffice.billing.withdrawal import InvalidInterest, kept, last_day, late_surcharge
from backoffice.billing.workdays import easter, is_holiday, next_working_day

from .strategies import days

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
DUE_ON = date(2026, 10, 30)


class TestLastDay:
    @pytest.mark.parametrize(
        ("contract_on", "last_on"),
        [
            (date(2026, 10, 5), date(2026, 10, 19)),
            # A Saturday, a Sunday, then All Saints on a Sunday, then Armistice Day on a Wednesday.
            (date(2026, 10, 24), date(2026, 11, 9)),
            (date(2026, 10, 25), date(2026, 11, 9)),
            (date(2026, 10, 18), date(2026, 11, 2)),
            (date(2026, 10, 28), date(2026, 11, 12)),
            (date(2026, 12, 18), date(2027, 1, 4)),
            # 2026-04-06 is Easter Monday.
            (date(2026, 3, 21), date(2026, 4, 7)),
        ],
    )
    def test_is_day_fourteen_or_the_next_working_day(self, contract_on: date, last_on: date) -> None:
        assert last_day(contract_on) == last_on

    @given(days)
    def test_is_never_a_day_off_nor_before_day_fourteen(self, contract_on: date) -> None:
        found = last_day(contract_on)

        assert 14 <= (found - contract_on).days <= 19
        assert found.weekday() < 5
        assert not is_holiday(found)


class TestKept:
    def test_leaves_out_the_day_of_the_notice(self) -> None:
        derived = kept(
            full_cents=3499,
            price_version="PV",
            started_on=date(2026, 10, 7),
            notice_on=date(2026, 10, 16),
            of=OCTOBER,
            express_request=True,
        )

        assert derived.cents == 1016
        assert 7722 - derived.cents == 6706

    @pytest.mark.parametrize(
        ("started_on", "express_request"), [(date(2026, 10, 7), False), (date(2026, 10, 16), True)]
    )
    def test_is_nothing_without_a_recorded_request_or_a_day_of_service(
        self, started_on: date, express_request: bool
    ) -> None:
        derived = kept(
            full_cents=3499,
            price_version="PV",
            started_on=started_on,
            notice_on=date(2026, 10, 16),
            of=OCTOBER,
            express_request=express_request,
        )

        assert derived.cents == 0
        assert derived.verify()
        assert "L221-25" in derived.explain("fr")[0]


class TestLateSurcharge:
    def test_of_a_refund_paid_a_fortnight_late_is_five_percent(self) -> None:
        assert surcharge_cents(6706, 14) == 335

    @pytest.mark.parametrize(
        ("days_late", "cents"),
        [
            (-1, 0),
            (0, 0),
            (1, 400),
            (10, 400),
            (11, 500),
            (20, 500),
            (21, 1000),
            (30, 1000),
            (31, 2000),
            (60, 2000),
            (61, 5000),
            (90, 5000),
            (91, 5500),
            (120, 5500),
            (121, 6000),
            (390, 10000),
            (3900, 10000),
        ],
    )
    def test_climbs_with_the_delay_up_to_the_sum_itself(self, days_late: int, cents: int) -> None:
        assert surcharge_cents(10000, days_late) == cents

    @pytest.mark.parametrize("interest", [0.04, Fraction(4), Fraction(-1, 100)])
    def test_refuses_a_rate_that_is_no_share(self, interest: object) -> None:
        with pytest.raises(InvalidInterest):
            late_surcharge(due_cents=100, due_on=DUE_ON, paid_on=DUE_ON, legal_interest=interest)  # type: ignore[arg-type]


class TestCompensations:
    def test_for_days_goes_up_to_the_next_cent(self) -> None:
        assert for_days(contract_on=date(2026, 1, 1), monthly_cents=3199, days=1).cents == 640
        assert for_days(contract_on=date(2026, 1, 1), monthly_cents=3199, days=3).cents == 1920
        assert for_days(contract_on=date(2026, 1, 1), monthly_cents=3001, days=1).cents == 601

    def test_for_a_lost_number_is_two_years(self) -> None:
        assert for_lost_number(contract_on=date(2026, 1, 1), monthly_cents=500).cents == 12000


class TestWorkdays:
    @pytest.mark.parametrize(
        ("year", "sunday"),
        [
            (2024, date(2024, 3, 31)),
            (2025, date(2025, 4, 20)),
            (2026, date(2026, 4, 5)),
            (2027, date(2027, 3, 28)),
            (2038, date(2038, 4, 25)),
        ],
    )
    def test_know_easter(self, year: int, sunday: date) -> None:
        assert easter(year) == sunday

    @pytest.mark.parametrize(
        ("day", "is_off"),
        [
            (date(2026, 5, 14), True),
            (date(2026, 5, 25), True),
            (date(2026, 7, 14), True),
            (date(2026, 7, 15), False),
            (date(2026, 4, 5), False),
        ],
    )
    def test_know_the_holidays(self, day: date, is_off: bool) -> None:
        assert is_holiday(day) is is_off

    def test_stay_on_a_day_that_is_worked(self) -> None:
        assert next_working_day(date(2026, 11, 20)) == date(2026, 11, 20)


def surcharge_cents(due_cents: int, days_late: int) -> int:
    derived = late_surcharge(
        due_cents=due_cents,
        due_on=DUE_ON,
        paid_on=DUE_ON + timedelta(days=days_late),
        legal_interest=Fraction(4, 100),
    )
    assert derived.verify()
    return derived.cents
