from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.billing.money import InexactAmount, NegativeAmount, Rounding, round_cents
from backoffice.billing.periods import Period
from backoffice.billing.proration import (
    Change,
    ChangeOutsidePeriod,
    EmptyPeriod,
    change,
    fraction,
    prorate,
)

from .strategies import billing_periods, cuts_of, days_of, parts_of, prices

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))


def from_day(day: int, period: Period = NOVEMBER) -> Period:
    return Period(period.starts_on.replace(day=day), period.ends_on)


class TestFraction:
    def test_is_exact_days_over_the_days_of_the_whole_period(self) -> None:
        assert fraction(served=from_day(16), of=NOVEMBER) == Fraction(15, 30)
        assert fraction(served=from_day(16, OCTOBER), of=OCTOBER) == Fraction(16, 31)

    def test_leaves_out_days_outside_of_the_period(self) -> None:
        year = Period(date(2026, 1, 1), date(2027, 1, 1))

        assert fraction(served=year, of=NOVEMBER) == 1
        assert fraction(served=OCTOBER, of=NOVEMBER) == 0

    def test_refuses_a_period_without_a_day(self) -> None:
        nothing = Period(date(2026, 11, 1), date(2026, 11, 1))

        with pytest.raises(EmptyPeriod) as refusal:
            fraction(served=NOVEMBER, of=nothing)

        assert refusal.value.period == nothing

    @given(st.data())
    def test_of_consecutive_parts_adds_up_to_one(self, data: st.DataObject) -> None:
        period = data.draw(billing_periods())
        parts = data.draw(cuts_of(period))

        assert sum(fraction(served=part, of=period) for part in parts) == 1


class TestProrate:
    @pytest.mark.parametrize(
        ("full_cents", "served", "of", "cents"),
        [
            (3499, from_day(16), NOVEMBER, 1750),
            (7499, from_day(16), NOVEMBER, 3750),
            (2499, Period(date(2026, 11, 1), date(2026, 11, 15)), NOVEMBER, 1166),
            (3499, Period(date(2026, 11, 15), date(2026, 12, 1)), NOVEMBER, 1866),
            (3499, from_day(7, OCTOBER), OCTOBER, 2822),
            (3499, Period(date(2026, 10, 7), date(2026, 10, 16)), OCTOBER, 1016),
            (200, Period(date(2026, 10, 1), date(2026, 10, 20)), OCTOBER, 123),
            (7499, Period(date(2026, 10, 20), date(2026, 10, 23)), OCTOBER, 726),
            (
                1999,
                Period(date(2026, 7, 14), date(2026, 8, 11)),
                Period(date(2026, 7, 11), date(2026, 8, 11)),
                1806,
            ),
            (
                1999,
                Period(date(2027, 2, 14), date(2027, 2, 28)),
                Period(date(2027, 1, 31), date(2027, 2, 28)),
                1000,
            ),
            (
                1999,
                Period(date(2028, 2, 14), date(2028, 2, 29)),
                Period(date(2028, 1, 31), date(2028, 2, 29)),
                1034,
            ),
        ],
    )
    def test_gives_amounts_checked_by_hand(self, full_cents: int, served: Period, of: Period, cents: int) -> None:
        assert prorate(full_cents, served=served, of=of) == cents

    def test_gives_a_half_month_of_999_cents_no_less_than_half_up(self) -> None:
        # 9.99 over two is 4.995: binary floats have cut it to 4.99 elsewhere.
        assert prorate(999, served=from_day(16), of=NOVEMBER) == 500

    def test_rounds_as_told(self) -> None:
        served = Period(date(2026, 10, 1), date(2026, 10, 2))

        rounded = [prorate(100, served=served, of=OCTOBER, rounding=mode) for mode in Rounding]

        assert dict(zip(Rounding, rounded, strict=True)) == {
            Rounding.HALF_UP: 3,
            Rounding.UP: 4,
            Rounding.DOWN: 3,
        }

    @pytest.mark.parametrize(
        ("period", "per_day_cents"),
        [
            (Period(date(2027, 2, 1), date(2027, 3, 1)), 125),
            (Period(date(2028, 2, 1), date(2028, 3, 1)), 121),
            (NOVEMBER, 117),
            (Period(date(2026, 12, 1), date(2027, 1, 1)), 113),
            (Period(date(2026, 3, 1), date(2026, 4, 1)), 113),
        ],
    )
    def test_prices_a_day_by_the_length_of_its_own_month(self, period: Period, per_day_cents: int) -> None:
        for number in range(period.days):
            day = period.starts_on + timedelta(days=number)
            assert prorate(3499, served=Period(day, day + timedelta(days=1)), of=period) == per_day_cents

    @given(st.data(), prices)
    def test_of_consecutive_parts_stays_within_half_a_cent_a_part(self, data: st.DataObject, price: int) -> None:
        period = data.draw(billing_periods())
        parts = data.draw(cuts_of(period))

        total = sum(prorate(price, served=part, of=period) for part in parts)

        assert abs(total - price) <= Fraction(len(parts), 2)
        assert prorate(price, served=period, of=period) == price

    @given(st.data(), prices)
    def test_mirrors_negative_amounts(self, data: st.DataObject, price: int) -> None:
        period = data.draw(billing_periods())
        part = data.draw(parts_of(period))

        assert prorate(-price, served=part, of=period) == -prorate(price, served=part, of=period)

    def test_refuses_a_float(self) -> None:
        with pytest.raises(InexactAmount):
            prorate(499.5, served=NOVEMBER, of=NOVEMBER)  # type: ignore[arg-type]


class TestChange:
    @pytest.mark.parametrize(
        ("on", "credit_cents", "charge_cents", "left"),
        [
            (date(2026, 11, 1), -3499, 7499, 30),
            (date(2026, 11, 2), -3382, 7249, 29),
            (date(2026, 11, 15), -1866, 3999, 16),
            (date(2026, 11, 16), -1750, 3750, 15),
            (date(2026, 11, 17), -1633, 3500, 14),
            (date(2026, 11, 30), -117, 250, 1),
            (date(2026, 12, 1), 0, 0, 0),
        ],
    )
    def test_gives_the_day_to_the_new_offer(self, on: date, credit_cents: int, charge_cents: int, left: int) -> None:
        moved = change(on=on, period=NOVEMBER, old_cents=3499, new_cents=7499)

        assert moved == Change(credit_cents=credit_cents, charge_cents=charge_cents, days=left)
        assert moved.net_cents == credit_cents + charge_cents

    def test_is_dated_the_requested_day_and_bills_twenty_not_forty(self) -> None:
        assert change(on=date(2026, 11, 16), period=NOVEMBER, old_cents=3499, new_cents=7499).net_cents == 2000

    def test_uses_the_days_of_the_standing_line_for_a_second_change(self) -> None:
        first = change(on=date(2026, 10, 11), period=OCTOBER, old_cents=7499, new_cents=3999)
        second = change(
            on=date(2026, 10, 21),
            period=OCTOBER,
            old_cents=first.charge_cents,
            new_cents=3499,
            old_period=from_day(11, OCTOBER),
        )

        assert (first.credit_cents, first.charge_cents) == (-5080, 2709)
        assert (second.credit_cents, second.charge_cents) == (-1419, 1242)
        assert first.net_cents + second.net_cents == -2548

    @pytest.mark.parametrize(
        ("already_cents", "credit_cents"),
        [(0, -1750), (1749, -1750), (1750, -1749), (3000, -499), (3499, 0), (5000, 0)],
    )
    def test_is_capped_at_what_still_stands(self, already_cents: int, credit_cents: int) -> None:
        moved = change(
            on=date(2026, 11, 16),
            period=NOVEMBER,
            old_cents=3499,
            new_cents=0,
            already_credited_cents=already_cents,
        )

        assert moved.credit_cents == credit_cents

    @pytest.mark.parametrize("on", [date(2026, 10, 31), date(2026, 12, 2)])
    def test_refuses_a_day_outside_of_the_period(self, on: date) -> None:
        with pytest.raises(ChangeOutsidePeriod) as refusal:
            change(on=on, period=NOVEMBER, old_cents=3499, new_cents=7499)

        assert (refusal.value.on, refusal.value.period) == (on, NOVEMBER)

    @pytest.mark.parametrize("name", ["old_cents", "new_cents", "already_credited_cents"])
    def test_refuses_amounts_below_zero(self, name: str) -> None:
        amounts: dict[str, Any] = {"old_cents": 3499, "new_cents": 7499, "already_credited_cents": 0, name: -1}

        with pytest.raises(NegativeAmount) as refusal:
            change(on=date(2026, 11, 16), period=NOVEMBER, **amounts)

        assert (refusal.value.name, refusal.value.value) == (name, -1)

    @given(st.data(), prices, prices)
    def test_equals_the_two_segments_on_any_day(self, data: st.DataObject, old: int, new: int) -> None:
        period = data.draw(billing_periods())
        on = data.draw(days_of(period))
        before, after = Period(period.starts_on, on), Period(on, period.ends_on)

        moved = change(on=on, period=period, old_cents=old, new_cents=new)

        stays = old + moved.credit_cents
        exact = old * fraction(served=before, of=period)
        is_tie = (2 * exact).denominator == 1 and exact.denominator == 2
        assert moved.charge_cents == prorate(new, served=after, of=period)
        assert old + moved.net_cents == stays + prorate(new, served=after, of=period)
        # On a tie both segments would round up: the credit is what is rounded, so a cent goes to it.
        assert stays == prorate(old, served=before, of=period) - is_tie

    @given(st.data(), prices, prices)
    def test_never_credits_more_than_stands(self, data: st.DataObject, old: int, already: int) -> None:
        period = data.draw(billing_periods())
        on = data.draw(days_of(period))

        moved = change(on=on, period=period, old_cents=old, new_cents=0, already_credited_cents=already)

        assert moved.credit_cents <= 0
        assert -moved.credit_cents <= max(0, old - already)
        assert -moved.credit_cents <= round_cents(old * Fraction(moved.days, period.days))

    @given(st.data(), prices)
    def test_to_the_same_price_costs_nothing(self, data: st.DataObject, price: int) -> None:
        period = data.draw(billing_periods())

        moved = change(on=data.draw(days_of(period)), period=period, old_cents=price, new_cents=price)

        assert moved.net_cents == 0

    @given(st.data(), prices, prices)
    def test_does_not_move_with_daylight_saving(self, data: st.DataObject, old: int, new: int) -> None:
        march, january = Period(date(2026, 3, 1), date(2026, 4, 1)), Period(date(2026, 1, 1), date(2026, 2, 1))
        number = data.draw(st.integers(1, 31))

        moved = [
            change(on=period.starts_on.replace(day=number), period=period, old_cents=old, new_cents=new)
            for period in (march, OCTOBER, january)
        ]

        assert moved[0] == moved[1] == moved[2]
