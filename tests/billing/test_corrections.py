from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.billing import changes, proration
from backoffice.billing.corrections import (
    NothingToCharge,
    NothingToCredit,
    charge_difference,
    credit_amount,
    credit_days,
    credit_difference,
)
from backoffice.billing.credits import CreditTooLarge
from backoffice.billing.derivation import Derived, total_of
from backoffice.billing.lines import one_time, prorated
from backoffice.billing.money import NegativeAmount
from backoffice.billing.periods import Period
from backoffice.billing.proration import ChangeOutsidePeriod, prorate

from .strategies import billing_periods, days_of, parts_of, prices

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))


class TestChange:
    def test_gives_two_lines_dated_the_requested_day(self) -> None:
        moved = changes.change(
            on=date(2026, 11, 16),
            period=NOVEMBER,
            old_cents=3499,
            old_line="L-1",
            new_cents=7499,
            price_version="PV-2",
        )

        assert (moved.credit.cents, moved.charge.cents, moved.net_cents) == (-1750, 3750, 2000)
        assert "2026-11-16" in str(moved.credit.to_json())
        assert "2026-11-16" in str(moved.charge.to_json())

    @given(st.data(), prices, prices, st.one_of(st.just(0), prices))
    def test_gives_the_figures_of_the_arithmetic(self, data: st.DataObject, old: int, new: int, already: int) -> None:
        period = data.draw(billing_periods())
        on = data.draw(days_of(period))
        old_period = data.draw(st.one_of(st.none(), parts_of(period).filter(lambda part: part.days > 0)))

        moved = changes.change(
            on=on,
            period=period,
            old_cents=old,
            old_line="L-1",
            new_cents=new,
            price_version="PV-2",
            already_credited_cents=already,
            old_period=old_period,
        )

        plain = proration.change(
            on=on,
            period=period,
            old_cents=old,
            new_cents=new,
            already_credited_cents=already,
            old_period=old_period,
        )
        assert (moved.credit.cents, moved.charge.cents) == (plain.credit_cents, plain.charge_cents)
        assert (moved.days, moved.net_cents) == (plain.days, plain.net_cents)

    def test_refuses_a_day_outside_of_the_period(self) -> None:
        with pytest.raises(ChangeOutsidePeriod):
            changes.change(
                on=date(2026, 12, 2),
                period=NOVEMBER,
                old_cents=3499,
                old_line="L-1",
                new_cents=7499,
                price_version="PV-2",
            )


class TestCreditDays:
    @pytest.mark.parametrize(
        ("line_cents", "unused", "of", "cents"),
        [
            (7499, Period(date(2026, 10, 20), date(2026, 10, 23)), OCTOBER, 726),
            (200, Period(date(2026, 10, 1), date(2026, 10, 20)), OCTOBER, 123),
            (
                1999,
                Period(date(2026, 7, 14), date(2026, 8, 11)),
                Period(date(2026, 7, 11), date(2026, 8, 11)),
                1806,
            ),
            (
                2822,
                Period(date(2026, 10, 16), date(2026, 11, 1)),
                Period(date(2026, 10, 7), date(2026, 11, 1)),
                1806,
            ),
        ],
    )
    def test_reads_the_issued_line_over_its_own_days(
        self, line_cents: int, unused: Period, of: Period, cents: int
    ) -> None:
        assert credit_days(line_cents=line_cents, line="L-1", unused=unused, of=of).cents == cents

    @pytest.mark.parametrize(
        ("already_cents", "same_cents", "cents"),
        [(0, 0, 1750), (1000, 0, 1750), (3000, 0, 499), (350, 350, 1400), (2000, 2000, 0), (9999, 0, 0)],
    )
    def test_is_capped_by_earlier_credits_and_reduced_by_those_of_the_same_days(
        self, already_cents: int, same_cents: int, cents: int
    ) -> None:
        derived = credit_days(
            line_cents=3499,
            line="L-1",
            unused=Period(date(2026, 11, 16), date(2026, 12, 1)),
            of=NOVEMBER,
            already_credited_cents=already_cents,
            same_days_credited_cents=same_cents,
        )

        assert derived.cents == cents
        assert derived.verify()

    @given(st.data(), prices, st.lists(st.integers(0, 30_000), max_size=3))
    def test_in_series_never_exceeds_the_line(self, data: st.DataObject, price: int, seeds: list[int]) -> None:
        of = data.draw(billing_periods())
        credited_cents = 0
        for _ in seeds:
            unused = data.draw(parts_of(of))
            derived = credit_days(
                line_cents=price, line="L-1", unused=unused, of=of, already_credited_cents=credited_cents
            )
            assert derived.cents == min(prorate(price, served=unused, of=of), price - credited_cents)
            credited_cents += derived.cents

        assert 0 <= credited_cents <= price

    def test_refuses_a_line_below_zero(self) -> None:
        with pytest.raises(NegativeAmount):
            credit_days(line_cents=-1, line="L-1", unused=NOVEMBER, of=NOVEMBER)


class TestCreditAmount:
    @pytest.mark.parametrize(("already_cents", "asked_cents"), [(0, 3499), (3000, 499), (0, 0), (3499, 0)])
    def test_gives_what_was_asked_for_while_it_stands(self, already_cents: int, asked_cents: int) -> None:
        derived = credit_amount(
            line_cents=3499, line="L-1", asked_cents=asked_cents, already_credited_cents=already_cents
        )

        assert derived.cents == asked_cents
        assert derived.verify()

    @pytest.mark.parametrize(("already_cents", "asked_cents", "standing_cents"), [(0, 3500, 3499), (3000, 500, 499)])
    def test_refuses_more_than_what_stands(self, already_cents: int, asked_cents: int, standing_cents: int) -> None:
        with pytest.raises(CreditTooLarge) as refusal:
            credit_amount(line_cents=3499, line="L-1", asked_cents=asked_cents, already_credited_cents=already_cents)

        assert (refusal.value.asked_cents, refusal.value.standing_cents) == (asked_cents, standing_cents)


class TestCreditDifference:
    def test_credits_a_month_that_was_billed_whole_for_a_half(self) -> None:
        moved = changes.change(
            on=date(2026, 11, 16),
            period=NOVEMBER,
            old_cents=3499,
            old_line="L-1",
            new_cents=7499,
            price_version="PV-2",
        )

        derived = credit_difference(line_cents=4000, line="L-2", correct=total_of([moved.credit, moved.charge]))

        assert derived.cents == 2000
        assert derived.verify()

    def test_does_not_credit_the_same_error_twice(self) -> None:
        correct = one_time(fee_cents=2000, price_version="PV")

        again = credit_difference(
            line_cents=4000,
            line="L-2",
            correct=correct,
            already_credited_cents=2000,
            same_days_credited_cents=2000,
        )

        assert again.cents == 0

    def test_is_capped_at_the_line_when_the_correct_amount_is_a_credit(self) -> None:
        correct = Derived(-500, one_time(fee_cents=-500, price_version="PV").steps)

        derived = credit_difference(line_cents=4000, line="L-2", correct=correct)

        assert derived.cents == 4000
        assert derived.verify()

    @pytest.mark.parametrize("correct_cents", [4000, 4001])
    def test_refuses_a_line_that_billed_no_more_than_it_should(self, correct_cents: int) -> None:
        with pytest.raises(NothingToCredit) as refusal:
            credit_difference(
                line_cents=4000, line="L-2", correct=one_time(fee_cents=correct_cents, price_version="PV")
            )

        assert (refusal.value.line_cents, refusal.value.correct_cents) == (4000, correct_cents)

    def test_keeps_the_service_used_before_a_withdrawal(self) -> None:
        served = prorated(
            full_cents=3499,
            price_version="PV",
            served=Period(date(2026, 10, 7), date(2026, 10, 16)),
            of=OCTOBER,
        )

        assert served.cents == 1016
        assert credit_difference(line_cents=2822, line="L-1", correct=served).cents == 1806


class TestChargeDifference:
    @pytest.mark.parametrize(("charged_cents", "cents"), [(0, 4000), (1500, 2500), (3999, 1)])
    def test_charges_what_is_missing_less_what_was_charged_since(self, charged_cents: int, cents: int) -> None:
        correct = one_time(fee_cents=7499, price_version="PV")

        derived = charge_difference(line_cents=3499, line="L-1", correct=correct, already_charged_cents=charged_cents)

        assert derived.cents == cents
        assert derived.verify()
        assert len(derived.explain("fr")) == len(derived.steps)

    @pytest.mark.parametrize(("correct_cents", "charged_cents"), [(3499, 0), (1000, 0), (4000, 501)])
    def test_refuses_where_nothing_is_missing(self, correct_cents: int, charged_cents: int) -> None:
        correct = one_time(fee_cents=correct_cents, price_version="PV")

        with pytest.raises(NothingToCharge) as refusal:
            charge_difference(line_cents=3499, line="L-1", correct=correct, already_charged_cents=charged_cents)

        assert (refusal.value.billed_cents, refusal.value.correct_cents) == (3499 + charged_cents, correct_cents)

    @given(prices, prices)
    def test_and_a_credit_are_never_both_due(self, billed: int, right: int) -> None:
        correct = one_time(fee_cents=right, price_version="PV")
        credited = charged = 0

        if right < billed:
            credited = credit_difference(line_cents=billed, line="L-1", correct=correct).cents
        if right > billed:
            charged = charge_difference(line_cents=billed, line="L-1", correct=correct).cents

        assert billed - credited + charged == right
