import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice import checker
from backoffice.billing.discounts import AmountOff
from backoffice.billing.items import BilledItem, Component, DatedPrice, DatedPromotion, NoPriceInForce
from backoffice.billing.lines import InvalidQuantity
from backoffice.billing.money import NegativeAmount
from backoffice.billing.periods import Period
from backoffice.billing.segments import ChargedLine, charge_lines

from .strategies import cuts_of, histories

TEN, TWENTY = Decimal("0.10"), Decimal("0.20")
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
LONG_AGO = date(2025, 1, 1)
CINEMA = DatedPrice("PV-7", LONG_AGO, None, (Component("Cinéma", 3499, TEN),))
BUNDLE = DatedPrice("PV-8", LONG_AGO, None, (Component("TV", 600, TEN), Component("Internet", 4399, TWENTY)))


def history(*prices: DatedPrice, **given: object) -> BilledItem:
    """An item with these prices; `given` are further facts."""
    return BilledItem("I-1", prices, **given)  # type: ignore[arg-type]


def days_and_cents(lines: tuple[ChargedLine, ...]) -> list[tuple[int, int, int]]:
    """First day, day of the end date and cents of each line."""
    return [(line.period.starts_on.day, line.period.ends_on.day, line.cents) for line in lines]


def day_by_day(item: BilledItem, served: Period, of: Period) -> Fraction:
    """The exact amount of the days served, each looked up by itself."""
    exact = Fraction(0)
    for number in range(served.days):
        day = served.starts_on + timedelta(days=number)
        if any(day in _days(suspension) for suspension in item.suspensions):
            continue
        price = [price for price in item.prices if price.starts_on <= day][-1]
        off_cents = sum(
            promotion.cents
            for promotion in item.promotions
            if promotion.starts_on <= day < (promotion.ends_on or date.max)
        )
        full_cents = sum(component.cents for component in price.components)
        exact += Fraction(item.quantity * max(0, full_cents - off_cents), of.days)
    return exact


def _days(period: Period) -> set[date]:
    return {period.starts_on + timedelta(days=number) for number in range(period.days)}


class TestChargeLines:
    def test_of_an_unchanged_price_is_one_line(self) -> None:
        (line,) = charge_lines(history(CINEMA), NOVEMBER, NOVEMBER)

        assert (line.label, line.rate, line.period) == ("Cinéma", TEN, NOVEMBER)
        assert (line.cents, line.unit_cents, line.price_reference, line.discounts) == (3499, 3499, "PV-7", ())

    def test_charges_a_rise_from_its_day_and_not_before(self) -> None:
        risen = DatedPrice("PV-9", date(2026, 10, 20), None, (Component("TV", 2499, TEN),))
        before = DatedPrice("PV-8", LONG_AGO, None, (Component("TV", 2299, TEN),))

        lines = charge_lines(history(before, risen), OCTOBER, OCTOBER)

        # 22.99 × 19/31 = 14.0906; 24.99 × 12/31 = 9.6735.
        assert days_and_cents(lines) == [(1, 20, 1409), (20, 1, 967)]
        assert [line.price_reference for line in lines] == ["PV-8", "PV-9"]

    def test_splits_the_month_where_a_promotion_ends(self) -> None:
        promotion = DatedPromotion("P-1", 1000, date(2025, 11, 15), date(2026, 11, 15))

        lines = charge_lines(history(CINEMA, promotions=(promotion,)), NOVEMBER, NOVEMBER)

        # 24.99 × 14/30 = 11.662; 34.99 × 16/30 = 18.6613.
        assert days_and_cents(lines) == [(1, 15, 1166), (15, 1, 1866)]
        assert [(line.unit_cents, line.discounts) for line in lines] == [(2499, (AmountOff(1000, "P-1"),)), (3499, ())]

    def test_charges_no_day_of_a_suspension(self) -> None:
        suspended = history(CINEMA, suspensions=(Period(date(2026, 11, 11), date(2026, 11, 14)),))

        # 34.99 × 10/30 = 11.6633; 34.99 × 17/30 = 19.8277.
        assert days_and_cents(charge_lines(suspended, NOVEMBER, NOVEMBER)) == [(1, 11, 1166), (14, 1, 1983)]

    def test_of_a_month_suspended_whole_is_no_line(self) -> None:
        assert charge_lines(history(CINEMA, suspensions=(OCTOBER, NOVEMBER)), NOVEMBER, NOVEMBER) == ()

    @pytest.mark.parametrize("served", [OCTOBER, Period(date(2026, 12, 1), date(2027, 1, 1)), Period(*[LONG_AGO] * 2)])
    def test_of_days_outside_of_the_period_is_no_line(self, served: Period) -> None:
        assert charge_lines(history(CINEMA), served, NOVEMBER) == ()

    def test_shares_a_discount_out_over_the_components(self) -> None:
        promotion = DatedPromotion("P-1", 1000, LONG_AGO, None)

        lines = charge_lines(history(BUNDLE, promotions=(promotion,)), NOVEMBER, NOVEMBER)

        # 10.00 over 6.00 and 43.99: 1.2002 and 8.7998.
        assert [(line.label, line.rate, line.cents) for line in lines] == [("TV", TEN, 480), ("Internet", TWENTY, 3519)]
        assert [line.discounts for line in lines] == [(AmountOff(120, "P-1"),), (AmountOff(880, "P-1"),)]

    def test_takes_promotions_off_one_after_the_other_down_to_nothing(self) -> None:
        promotions = (
            DatedPromotion("P-2", 3000, date(2026, 11, 1), None),
            DatedPromotion("P-1", 1000, LONG_AGO, None),
        )

        (line,) = charge_lines(history(CINEMA, promotions=promotions), NOVEMBER, NOVEMBER)

        assert (line.cents, line.unit_cents) == (0, 0)
        assert line.discounts == (AmountOff(1000, "P-1"), AmountOff(2499, "P-2"))

    def test_rounds_several_items_once(self) -> None:
        (line,) = charge_lines(history(CINEMA, quantity=3), Period(date(2026, 11, 16), NOVEMBER.ends_on), NOVEMBER)

        # 34.99 × 3 × 15/30 = 52.485, where 17.50 three times would be 52.50.
        assert (line.cents, line.unit_cents, line.quantity) == (5249, 3499, 3)

    def test_does_not_split_at_a_version_with_the_same_price(self) -> None:
        renewed = replace(CINEMA, reference="PV-9", starts_on=date(2026, 11, 20))

        (line,) = charge_lines(history(CINEMA, renewed), NOVEMBER, NOVEMBER)

        assert (line.period, line.cents, line.price_reference) == (NOVEMBER, 3499, "PV-7")

    def test_splits_where_only_the_rate_of_vat_changes(self) -> None:
        taxed = DatedPrice("PV-9", date(2026, 11, 16), None, (Component("Cinéma", 3499, TWENTY),))

        lines = charge_lines(history(CINEMA, taxed), NOVEMBER, NOVEMBER)

        assert [(line.rate, line.cents) for line in lines] == [(TEN, 1750), (TWENTY, 1750)]

    def test_refuses_a_day_without_a_price(self) -> None:
        late = replace(CINEMA, starts_on=date(2026, 11, 3))

        with pytest.raises(NoPriceInForce) as refusal:
            charge_lines(history(late), NOVEMBER, NOVEMBER)

        assert (refusal.value.key, refusal.value.day) == ("I-1", date(2026, 11, 1))

    def test_needs_no_price_for_days_that_are_not_charged(self) -> None:
        late = replace(CINEMA, starts_on=date(2026, 11, 3))

        lines = charge_lines(
            history(late, suspensions=(Period(OCTOBER.starts_on, late.starts_on),)), NOVEMBER, NOVEMBER
        )

        assert days_and_cents(lines) == [(3, 1, 3266)]

    def test_refuses_a_line_of_no_item(self) -> None:
        with pytest.raises(InvalidQuantity):
            charge_lines(history(CINEMA, quantity=0), NOVEMBER, NOVEMBER)

    def test_refuses_a_promotion_that_raises_the_price(self) -> None:
        raising = history(CINEMA, promotions=(DatedPromotion("P-1", -1, LONG_AGO, None),))

        with pytest.raises(NegativeAmount):
            charge_lines(raising, NOVEMBER, NOVEMBER)

    def test_says_what_it_did(self) -> None:
        promotion = DatedPromotion("P-1", 1000, date(2025, 11, 15), date(2026, 11, 15))

        first, _ = charge_lines(history(CINEMA, promotions=(promotion,), quantity=2), NOVEMBER, NOVEMBER)

        assert first.derived.explain("fr") == [
            "Le prix de la période entière est de 34,99 € (PV-7).",
            "La remise sur une période entière est de 10,00 € (P-1).",
            "Il reste : 34,99 € − 10,00 € = 24,99 €.",
            "Quantité : 2.",
            (
                "Du 1er novembre 2026 au 14 novembre 2026 inclus : 14 jours sur les 30 de la période "
                "du 1er novembre 2026 au 30 novembre 2026."
            ),
            "24,99 € × 2 × 14/30 = 23,324 €.",
            "Arrondi au centime le plus proche, le demi-centime vers le haut : 23,32 €.",
        ]


class TestLaws:
    @given(histories())
    def test_lines_cover_every_charged_day_once_a_component(self, told: tuple[BilledItem, Period, Period]) -> None:
        item, served, of = told

        lines = charge_lines(item, served, of)

        covered = sorted((day, line.label) for line in lines for day in _days(line.period))
        suspended = {day for suspension in item.suspensions for day in _days(suspension)}
        charged = sorted(_days(served) - suspended)
        assert covered == sorted(
            (day, component.label) for day in charged for component in item.price_on(day).components
        )

    @given(histories())
    def test_lines_are_within_half_a_cent_each_of_the_exact_days(self, told: tuple[BilledItem, Period, Period]) -> None:
        item, served, of = told

        lines = charge_lines(item, served, of)

        assert abs(sum(line.cents for line in lines) - day_by_day(item, served, of)) <= Fraction(len(lines), 2)
        assert all(line.cents >= 0 for line in lines)

    @given(st.data(), histories())
    def test_parts_of_the_days_add_up_to_the_whole_within_half_a_cent_a_line(
        self, data: st.DataObject, told: tuple[BilledItem, Period, Period]
    ) -> None:
        item, served, of = told
        whole = charge_lines(item, served, of)

        parts = [line for cut in data.draw(cuts_of(served)) for line in charge_lines(item, cut, of)]

        difference_cents = sum(line.cents for line in parts) - sum(line.cents for line in whole)
        assert abs(difference_cents) <= Fraction(len(parts) + len(whole), 2)
        assert len(parts) >= len(whole)

    @given(st.data(), histories())
    def test_a_replay_of_the_same_history_gives_the_same_bytes(
        self, data: st.DataObject, told: tuple[BilledItem, Period, Period]
    ) -> None:
        item, served, of = told
        shuffled = BilledItem(
            item.key,
            tuple(data.draw(st.permutations(item.prices))),
            tuple(data.draw(st.permutations(item.promotions))),
            item.quantity,
            tuple(data.draw(st.permutations(item.suspensions))),
        )

        once, again = (
            [json.dumps(line.derived.to_json()) for line in charge_lines(told, served, of)] for told in (item, shuffled)
        )

        assert once == again
        assert charge_lines(item, served, of) == charge_lines(shuffled, served, of)

    @given(histories())
    def test_every_line_verifies_and_the_checker_recomputes_it(self, told: tuple[BilledItem, Period, Period]) -> None:
        for line in charge_lines(*told):
            assert line.derived.verify()
            assert checker.recompute(json.loads(json.dumps(line.derived.to_json()))) == line.cents

    @given(histories())
    def test_what_happens_outside_of_the_days_served_changes_no_line(
        self, told: tuple[BilledItem, Period, Period]
    ) -> None:
        item, served, of = told
        later = BilledItem(
            item.key,
            (*item.prices, DatedPrice("PV-9", served.ends_on, None, (Component("C9", 1, TEN),))),
            (*item.promotions, DatedPromotion("P-9", 999, date(2010, 1, 1), served.starts_on)),
            item.quantity,
            (*item.suspensions, Period(served.ends_on, served.ends_on + timedelta(days=40))),
        )

        assert charge_lines(later, served, of) == charge_lines(item, served, of)
