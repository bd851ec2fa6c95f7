from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.billing.derivation import total_of
from backoffice.billing.discounts import AmountOff, Discount, InvalidDiscount, ShareOff, discounted
from backoffice.billing.lines import InvalidQuantity, full_price, one_time, prorated
from backoffice.billing.money import InexactAmount, Rounding
from backoffice.billing.periods import Period
from backoffice.billing.proration import prorate

from .strategies import billing_periods, days_of, parts_of, prices

NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))


class TestFullPrice:
    @given(billing_periods(), prices, st.integers(1, 20))
    def test_is_the_price_for_each_item(self, period: Period, price: int, quantity: int) -> None:
        derived = full_price(full_cents=price, price_version="PV", period=period, quantity=quantity)

        assert derived.cents == price * quantity

    @pytest.mark.parametrize("quantity", [0, -1])
    def test_refuses_a_line_of_no_item(self, quantity: int) -> None:
        with pytest.raises(InvalidQuantity) as refusal:
            full_price(full_cents=3499, price_version="PV", period=NOVEMBER, quantity=quantity)

        assert refusal.value.quantity == quantity


class TestProrated:
    @given(st.data(), prices, st.sampled_from(Rounding))
    def test_is_what_proration_gives(self, data: st.DataObject, price: int, mode: Rounding) -> None:
        of = data.draw(billing_periods())
        served = data.draw(parts_of(of))

        derived = prorated(full_cents=price, price_version="PV", served=served, of=of, rounding=mode)

        assert derived.cents == prorate(price, served=served, of=of, rounding=mode)

    def test_rounds_several_items_once(self) -> None:
        served = Period(date(2026, 11, 16), date(2026, 12, 1))

        derived = prorated(full_cents=3499, price_version="PV", served=served, of=NOVEMBER, quantity=3)

        # 52.485 becomes 52.49; three lines of 17.50 would have been 52.50.
        assert derived.cents == 5249

    def test_of_a_bundle_goes_component_by_component(self) -> None:
        served = Period(date(2026, 11, 16), date(2026, 12, 1))

        parts = [
            prorated(full_cents=cents, price_version=name, served=served, of=NOVEMBER)
            for cents, name in ((600, "rights"), (4399, "network"))
        ]

        assert [part.cents for part in parts] == [300, 2200]

    def test_refuses_a_float(self) -> None:
        with pytest.raises(InexactAmount):
            prorated(full_cents=34.99, price_version="PV", served=NOVEMBER, of=NOVEMBER)  # type: ignore[arg-type]


class TestOneTime:
    def test_is_the_whole_fee_whatever_the_day(self) -> None:
        assert one_time(fee_cents=4900, price_version="FEE").cents == 4900
        assert one_time(fee_cents=4900, price_version="FEE", quantity=2).cents == 9800

    def test_has_no_days_in_its_steps(self) -> None:
        assert one_time(fee_cents=4900, price_version="FEE").rules == ("one-time-fee-not-prorated",)


class TestDiscounted:
    def test_splits_the_month_where_the_promotion_ends(self) -> None:
        segments = discounted(
            full_cents=3499,
            price_version="PV",
            discount=AmountOff(1000, "PROMO"),
            discount_ends_on=date(2026, 11, 15),
            served=NOVEMBER,
            of=NOVEMBER,
        )

        assert [segment.derived.cents for segment in segments] == [1166, 1866]
        assert [segment.period.days for segment in segments] == [14, 16]
        assert total_of([segment.derived for segment in segments]).cents == 3032

    @pytest.mark.parametrize(
        ("ends_on", "lengths", "cents"),
        [
            (None, [30], [2499]),
            (date(2026, 12, 1), [30], [2499]),
            (date(2027, 5, 1), [30], [2499]),
            (date(2026, 11, 30), [29, 1], [2416, 117]),
            (date(2026, 11, 2), [1, 29], [83, 3382]),
            (date(2026, 11, 1), [30], [3499]),
            (date(2026, 1, 1), [30], [3499]),
        ],
    )
    def test_charges_the_end_date_in_full(self, ends_on: date | None, lengths: list[int], cents: list[int]) -> None:
        segments = discounted(
            full_cents=3499,
            price_version="PV",
            discount=AmountOff(1000, "PROMO"),
            discount_ends_on=ends_on,
            served=NOVEMBER,
            of=NOVEMBER,
        )

        assert [segment.period.days for segment in segments] == lengths
        assert [segment.derived.cents for segment in segments] == cents

    def test_takes_a_share_off_without_rounding_in_between(self) -> None:
        (segment,) = discounted(
            full_cents=3499,
            price_version="PV",
            discount=ShareOff(Fraction(1, 3), "PROMO"),
            discount_ends_on=None,
            served=Period(date(2026, 11, 1), date(2026, 11, 16)),
            of=NOVEMBER,
        )

        # Two thirds of 34.99 are 23.3266…; half of that is 11.6633….
        assert segment.derived.cents == 1166

    @pytest.mark.parametrize(
        "discount",
        [AmountOff(3500, "P"), AmountOff(-1, "P"), ShareOff(Fraction(3, 2), "P"), ShareOff(Fraction(-1), "P")],
    )
    def test_refuses_a_discount_that_the_price_cannot_take(self, discount: Discount) -> None:
        with pytest.raises(InvalidDiscount) as refusal:
            discounted(
                full_cents=3499,
                price_version="PV",
                discount=discount,
                discount_ends_on=None,
                served=NOVEMBER,
                of=NOVEMBER,
            )

        assert (refusal.value.discount, refusal.value.full_cents) == (discount, 3499)

    @given(st.data(), prices)
    def test_covers_every_day_once(self, data: st.DataObject, price: int) -> None:
        of = data.draw(billing_periods())
        served = data.draw(parts_of(of))
        off = data.draw(st.integers(0, price))

        segments = discounted(
            full_cents=price,
            price_version="PV",
            discount=AmountOff(off, "P"),
            discount_ends_on=data.draw(days_of(of)),
            served=served,
            of=of,
        )

        assert sum(segment.period.days for segment in segments) == served.days
        total_cents = sum(segment.derived.cents for segment in segments)
        full_cents = prorate(price, served=served, of=of)
        assert prorate(price - off, served=served, of=of) - 1 <= total_cents <= full_cents + 1
