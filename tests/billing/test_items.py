from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.billing.items import BilledItem, Component, DatedPrice, DatedPromotion, NoPriceInForce
from backoffice.billing.money import CannotAllocate
from backoffice.billing.periods import Period

from .strategies import prices

TEN, TWENTY = Decimal("0.10"), Decimal("0.20")
FIRST, SECOND, THIRD = date(2026, 1, 1), date(2026, 6, 1), date(2026, 9, 1)


def price(reference: str, starts_on: date, ends_on: date | None = None, *cents: int) -> DatedPrice:
    """A version with a component of so many cents each."""
    return DatedPrice(reference, starts_on, ends_on, tuple(Component("C", each, TEN) for each in cents))


class TestAt:
    def test_shares_an_agreed_price_out_over_the_components(self) -> None:
        bundle = DatedPrice("PV-1", FIRST, None, (Component("TV", 600, TEN), Component("Internet", 4399, TWENTY)))

        # 39.99 × 600/4999 = 4.7998.
        assert bundle.at(3999) == DatedPrice(
            "PV-1", FIRST, None, (Component("TV", 480, TEN), Component("Internet", 3519, TWENTY))
        )

    @given(prices, st.lists(prices, min_size=1, max_size=3).filter(any))
    def test_keeps_the_agreed_price_to_the_cent(self, agreed_cents: int, cents: list[int]) -> None:
        found = price("PV-1", FIRST, None, *cents).at(agreed_cents)

        assert sum(component.cents for component in found.components) == agreed_cents

    def test_refuses_a_price_that_no_component_can_take(self) -> None:
        with pytest.raises(CannotAllocate):
            price("PV-1", FIRST, None, 0).at(1)


class TestPriceOn:
    @pytest.mark.parametrize(
        ("day", "reference"),
        [(FIRST, "A"), (date(2026, 5, 31), "A"), (SECOND, "B"), (THIRD, "C"), (date(2030, 1, 1), "C")],
    )
    def test_is_the_version_that_began_last(self, day: date, reference: str) -> None:
        item = BilledItem("I-1", (price("C", THIRD), price("A", FIRST), price("B", SECOND, THIRD)))

        assert item.price_on(day).reference == reference

    @pytest.mark.parametrize("day", [date(2025, 12, 31), SECOND])
    def test_refuses_a_day_before_the_first_and_one_in_a_gap(self, day: date) -> None:
        item = BilledItem("I-1", (price("A", FIRST, SECOND), price("C", THIRD)))

        with pytest.raises(NoPriceInForce) as refusal:
            item.price_on(day)

        assert (refusal.value.key, refusal.value.day) == ("I-1", day)


class TestBilledItem:
    def test_knows_promotions_and_suspensions_by_day(self) -> None:
        early, late = DatedPromotion("A", 500, FIRST, SECOND), DatedPromotion("B", 500, FIRST, None)
        item = BilledItem("I-1", (), (late, early), suspensions=(Period(SECOND, THIRD),))

        assert item.promotions_on(FIRST) == (early, late)
        assert item.promotions_on(SECOND) == (late,)
        assert [item.is_suspended_on(day) for day in (FIRST, SECOND, THIRD)] == [False, True, False]
        assert set(item.turning_days()) == {FIRST, SECOND, THIRD}
