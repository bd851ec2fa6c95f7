from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice import checker
from backoffice.billing.periods import Period
from backoffice.billing.price_rises import Billed, credit_rise, lawful_from
from backoffice.billing.proration import prorate

from .strategies import billing_periods, parts_of, prices

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
EARLY = Period(date(2026, 10, 1), date(2026, 10, 20))
RISEN, FORMER = Billed(2499, "TV 2026-10-01"), Billed(2299, "TV 2020-01-01")


class TestLawfulFrom:
    @pytest.mark.parametrize(
        ("notified_on", "first_on"),
        [
            (date(2026, 9, 20), date(2026, 10, 20)),
            (date(2026, 12, 31), date(2027, 1, 31)),
            (date(2027, 1, 31), date(2027, 2, 28)),
            (date(2028, 1, 31), date(2028, 2, 29)),
        ],
    )
    def test_is_a_month_after_the_notice(self, notified_on: date, first_on: date) -> None:
        assert lawful_from(notified_on) == first_on


class TestCreditRise:
    def test_gives_the_days_before_the_rise_could_apply(self) -> None:
        credit = credit_rise(line_cents=2499, line="F-1", risen=RISEN, former=FORMER, early=EARLY, of=OCTOBER)

        october = "from 1 October 2026 to 31 October 2026"
        assert credit.cents == 123
        assert credit.explain("en")[2:] == [
            "What remains: €24.99 − €22.99 = €2.00.",
            f"From 1 October 2026 to 19 October 2026 inclusive: 19 days out of the 31 of the period {october}.",
            "€2.00 × 19/31 ≈ €1.2258.",
            "Rounded to the nearest cent, half a cent upwards: €1.23.",
        ]

    @pytest.mark.parametrize(("days", "cents"), [(0, None), (1, 6), (15, 97), (16, 103), (30, 194), (31, 200)])
    def test_counts_each_day(self, days: int, cents: int | None) -> None:
        early = Period(OCTOBER.starts_on, OCTOBER.starts_on + timedelta(days=days))

        credit = credit_rise(line_cents=2499, line="F-1", risen=RISEN, former=FORMER, early=early, of=OCTOBER)

        assert credit.cents == (cents or 0)

    def test_multiplies_by_the_quantity_before_it_rounds(self) -> None:
        credit = credit_rise(
            line_cents=7497, line="F-1", risen=RISEN, former=FORMER, early=EARLY, of=OCTOBER, quantity=3
        )

        assert credit.cents == 368  # 3 × 1.2258…, not 3 × 1.23

    def test_takes_off_what_was_credited_for_the_same_days(self) -> None:
        credit = credit_rise(
            line_cents=2499,
            line="F-1",
            risen=RISEN,
            former=FORMER,
            early=EARLY,
            of=OCTOBER,
            already_credited_cents=100,
            same_days_credited_cents=100,
        )

        assert credit.cents == 23

    def test_is_at_most_what_stands_on_the_line(self) -> None:
        credit = credit_rise(
            line_cents=2499,
            line="F-1",
            risen=RISEN,
            former=FORMER,
            early=EARLY,
            of=OCTOBER,
            already_credited_cents=2400,
        )

        assert credit.cents == 99

    @given(st.data(), prices, prices, st.integers(0, 10_000), st.integers(0, 10_000))
    def test_verifies_and_never_exceeds_the_rise_or_the_line(
        self, data: st.DataObject, old: int, rise: int, credited: int, same: int
    ) -> None:
        period = data.draw(billing_periods())
        early = data.draw(parts_of(period))
        line_cents = old + rise

        credit = credit_rise(
            line_cents=line_cents,
            line="F-1",
            risen=Billed(line_cents, "new"),
            former=Billed(old, "old"),
            early=early,
            of=period,
            already_credited_cents=credited,
            same_days_credited_cents=min(same, credited),
        )

        assert credit.verify()
        assert checker.recompute(credit.to_json()) == credit.cents
        wanted = max(0, prorate(rise, served=early, of=period) - min(same, credited))
        assert credit.cents == min(wanted, max(0, line_cents - credited))
