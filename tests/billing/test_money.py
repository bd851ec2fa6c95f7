from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.billing.money import CannotAllocate, InexactAmount, Rounding, allocate, round_cents, spread

weights = st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=12)


class TestRoundCents:
    @pytest.mark.parametrize(
        ("value", "half_up", "up", "down"),
        [
            (Fraction(17495, 10), 1750, 1750, 1749),
            (Fraction(37495, 10), 3750, 3750, 3749),
            (Fraction(4995, 10), 500, 500, 499),
            (Fraction(1, 2), 1, 1, 0),
            (Fraction(-1, 2), -1, -1, 0),
            (Fraction(-4995, 10), -500, -500, -499),
            (Fraction(49, 100), 0, 1, 0),
            (Fraction(-51, 100), -1, -1, 0),
            (Fraction(7), 7, 7, 7),
            (Fraction(0), 0, 0, 0),
        ],
    )
    def test_takes_ties_away_from_zero_and_obeys_each_mode(
        self, value: Fraction, half_up: int, up: int, down: int
    ) -> None:
        rounded = [round_cents(value, mode) for mode in (Rounding.HALF_UP, Rounding.UP, Rounding.DOWN)]

        assert rounded == [half_up, up, down]

    def test_rounds_half_up_unless_told_otherwise(self) -> None:
        assert round_cents(Fraction(5, 2)) == 3

    @given(st.fractions(max_denominator=10_000))
    def test_mirrors_negative_amounts(self, value: Fraction) -> None:
        for mode in Rounding:
            assert round_cents(-value, mode) == -round_cents(value, mode)

    @given(st.fractions(max_denominator=10_000))
    def test_is_never_half_a_cent_away(self, value: Fraction) -> None:
        assert abs(round_cents(value) - value) <= Fraction(1, 2)

    @pytest.mark.parametrize("value", [499.5, Decimal("499.5"), "499"])
    def test_refuses_what_is_not_exact(self, value: object) -> None:
        with pytest.raises(InexactAmount) as refusal:
            round_cents(value)  # type: ignore[arg-type]

        assert refusal.value.value == value


class TestAllocate:
    @pytest.mark.parametrize(
        ("amount_cents", "shares", "parts"),
        [
            (100, [1, 1, 1], [34, 33, 33]),
            (200, [1, 1, 1], [67, 67, 66]),
            (-100, [1, 1, 1], [-34, -33, -33]),
            (100, [0, 1, 0, 2], [0, 33, 0, 67]),
            (2, [1, 1, 1], [1, 1, 0]),
            (0, [0, 0], [0, 0]),
            (0, [], []),
            (0, [3, 4], [0, 0]),
            (4999, [600, 4399], [600, 4399]),
        ],
    )
    def test_gives_the_cents_left_to_the_largest_remainder_then_the_earliest(
        self, amount_cents: int, shares: list[int], parts: list[int]
    ) -> None:
        assert allocate(amount_cents, shares) == parts

    @given(st.integers(-10_000_000, 10_000_000), weights.filter(any))
    def test_sums_to_the_amount_and_stays_within_a_cent_of_each_share(
        self, amount_cents: int, shares: list[int]
    ) -> None:
        parts = allocate(amount_cents, shares)

        assert sum(parts) == amount_cents
        for part, share in zip(parts, shares, strict=True):
            assert abs(part - Fraction(amount_cents * share, sum(shares))) < 1
            assert share or part == 0

    @given(st.integers(0, 10_000_000), weights.filter(any))
    def test_mirrors_negative_amounts(self, amount_cents: int, shares: list[int]) -> None:
        assert allocate(-amount_cents, shares) == [-part for part in allocate(amount_cents, shares)]

    @given(st.integers(0, 10_000_000), weights.filter(any))
    def test_gives_a_larger_weight_no_less(self, amount_cents: int, shares: list[int]) -> None:
        by_weight = sorted(zip(shares, allocate(amount_cents, shares), strict=True))

        for (smaller, less), (larger, more) in pairwise(by_weight):
            assert less <= more or smaller == larger

    @pytest.mark.parametrize(("amount_cents", "shares"), [(1, []), (1, [0, 0]), (5, [2, -1]), (0, [-1])])
    def test_refuses_weights_that_cannot_take_the_amount(self, amount_cents: int, shares: list[int]) -> None:
        with pytest.raises(CannotAllocate) as refusal:
            allocate(amount_cents, shares)

        assert (refusal.value.amount_cents, refusal.value.weights) == (amount_cents, tuple(shares))

    def test_refuses_a_float(self) -> None:
        with pytest.raises(InexactAmount):
            allocate(499.5, [1, 1])  # type: ignore[arg-type]


class TestSpread:
    @given(st.lists(st.fractions(-1000, 1000, max_denominator=1000), max_size=10))
    def test_keeps_every_part_within_a_cent_of_its_share(self, shares: list[Fraction]) -> None:
        total_cents = round_cents(sum(shares, start=Fraction(0)))

        parts = spread(total_cents, shares)

        assert sum(parts) == total_cents
        assert all(abs(part - share) < 1 for part, share in zip(parts, shares, strict=True))
