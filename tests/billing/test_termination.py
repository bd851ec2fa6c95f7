from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.billing import rules
from backoffice.billing.money import NegativeAmount
from backoffice.billing.periods import add_months
from backoffice.billing.termination import CommitmentTooLong, EndsBeforeContract, commitment_ends_on, fee

from .strategies import days, prices

SIGNED_ON = date(2025, 7, 1)


def fee_cents(
    ends_on: date, *, contract_on: date = SIGNED_ON, months: int = 24, cents: int = 2499, terminal: bool = True
) -> int:
    derived = fee(
        contract_on=contract_on,
        commitment_months=months,
        monthly_cents=cents,
        ends_on=ends_on,
        subsidised_terminal=terminal,
    )
    assert derived.verify()
    return derived.cents


class TestFee:
    def test_after_eight_months_is_four_months_and_a_fifth_of_the_second_year(self) -> None:
        assert fee_cents(date(2026, 3, 1)) == 9996 + 5998

    def test_in_the_second_year_is_a_fifth_of_the_rest_with_its_days(self) -> None:
        # 16 of the 30 days of September and nine months: 238.238, of which 20 %.
        assert fee_cents(date(2026, 9, 15)) == 4765

    def test_in_the_second_year_without_a_terminal_is_nothing(self) -> None:
        assert fee_cents(date(2026, 9, 15), terminal=False) == 0

    @pytest.mark.parametrize(
        ("ends_on", "with_terminal_cents", "without_cents"),
        [
            (date(2025, 7, 1), 29988 + 5998, 29988),
            (date(2025, 7, 2), 29907 + 5998, 29907),
            (date(2026, 6, 30), 83 + 5998, 83),
            (date(2026, 7, 1), 5998, 0),
            (date(2026, 7, 2), 5981, 0),
            (date(2027, 6, 30), 17, 0),
            (date(2027, 7, 1), 0, 0),
            (date(2028, 1, 1), 0, 0),
        ],
    )
    def test_changes_on_the_days_that_end_month_twelve_and_the_commitment(
        self, ends_on: date, with_terminal_cents: int, without_cents: int
    ) -> None:
        assert fee_cents(ends_on) == with_terminal_cents
        assert fee_cents(ends_on, terminal=False) == without_cents

    @pytest.mark.parametrize(
        ("contract_on", "cents"),
        [(date(2022, 12, 31), 7497), (date(2023, 1, 1), 5998), (date(2023, 1, 2), 5998)],
    )
    def test_takes_the_share_in_force_when_the_contract_was_made(self, contract_on: date, cents: int) -> None:
        assert fee_cents(add_months(contract_on, 12), contract_on=contract_on) == cents

    def test_of_a_commitment_of_a_year_or_less_is_all_that_is_left(self) -> None:
        assert fee_cents(date(2026, 5, 1), months=12) == 2 * 2499
        assert fee_cents(date(2025, 9, 1), months=6) == 4 * 2499

    def test_without_commitment_is_nothing(self) -> None:
        assert fee_cents(SIGNED_ON, months=0) == 0

    def test_counts_the_months_of_a_contract_signed_on_the_thirty_first(self) -> None:
        # From 15 February: 13 of the 28 days to 28 February, then eleven months less those served.
        derived_cents = fee_cents(date(2027, 2, 15), contract_on=date(2027, 1, 31), months=12, terminal=False)

        assert derived_cents == round(Fraction(2499 * 13, 28)) + 11 * 2499

    def test_explains_a_month_that_is_whole_without_counting_its_days(self) -> None:
        derived = fee(
            contract_on=SIGNED_ON,
            commitment_months=24,
            monthly_cents=2499,
            ends_on=date(2026, 7, 1),
            subsidised_terminal=True,
        )

        assert derived.explain("en")[1] == "Whole months counted: 12."

    def test_names_the_article_it_applies(self) -> None:
        derived = fee(
            contract_on=SIGNED_ON,
            commitment_months=24,
            monthly_cents=2499,
            ends_on=date(2026, 3, 1),
            subsidised_terminal=True,
        )

        assert {rules.FIRST_YEAR_MONTHS, rules.TERMINAL_SHARE} <= set(derived.rules)
        assert any("L224-28" in sentence and "20 %" in sentence for sentence in derived.explain("fr"))

    @pytest.mark.parametrize("months", [25, 36, -1])
    def test_refuses_a_commitment_that_the_law_does_not_allow(self, months: int) -> None:
        with pytest.raises(CommitmentTooLong) as refusal:
            fee_cents(date(2026, 3, 1), months=months)

        assert (refusal.value.commitment_months, refusal.value.allowed_months) == (months, 24)

    def test_refuses_to_end_before_the_contract(self) -> None:
        with pytest.raises(EndsBeforeContract) as refusal:
            fee_cents(date(2025, 6, 30))

        assert (refusal.value.ends_on, refusal.value.contract_on) == (date(2025, 6, 30), SIGNED_ON)

    def test_refuses_a_price_below_zero(self) -> None:
        with pytest.raises(NegativeAmount):
            fee_cents(date(2026, 3, 1), cents=-1)

    @given(days, st.integers(0, 24), prices, st.booleans(), st.integers(0, 800))
    def test_never_grows_with_time_and_never_exceeds_the_months_left(
        self, contract_on: date, months: int, cents: int, terminal: bool, served_days: int
    ) -> None:
        ends_on = contract_on + timedelta(days=served_days)

        today = fee_cents(ends_on, contract_on=contract_on, months=months, cents=cents, terminal=terminal)
        tomorrow = fee_cents(
            ends_on + timedelta(days=1), contract_on=contract_on, months=months, cents=cents, terminal=terminal
        )

        assert 0 <= tomorrow <= today <= months * cents
        assert (today == 0) or ends_on < commitment_ends_on(contract_on, months)


class TestCommitmentEndsOn:
    def test_is_the_first_day_without_commitment(self) -> None:
        assert commitment_ends_on(SIGNED_ON, 24) == date(2027, 7, 1)
        assert commitment_ends_on(date(2027, 2, 28), 12) == date(2028, 2, 28)
        assert commitment_ends_on(date(2028, 2, 29), 12) == date(2029, 2, 28)
