"""The checker reads whole invoices: it accepts what the engine billed and names the one line that is wrong."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice import checker
from backoffice.billing import changes, lines
from backoffice.billing.derivation import Derived
from backoffice.billing.items import BilledItem, Component, DatedPrice, DatedPromotion
from backoffice.billing.periods import Period
from backoffice.billing.segments import charge_lines
from tests.billing.derivations import invoices

Steps = list[dict[str, Any]]
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
LONG_AGO = date(2025, 1, 1)


@dataclass
class Line:
    """An issued line: the cents printed on it, and its derivation as stored."""

    cents: int
    derivation: dict[str, Any]

    @property
    def steps(self) -> Steps:
        return self.derivation["steps"]  # type: ignore[no-any-return]

    def replace(self, place: int, **facts: Any) -> None:
        """Spoil facts of one step."""
        self.steps[place].update(facts)


def stored(derived: Derived) -> Line:
    """A line as it is read back from the books."""
    return Line(derived.cents, json.loads(json.dumps(derived.to_json())))


def wrong_lines(invoice: list[Line]) -> list[int]:
    """The places of the lines whose amount is not what their derivation gives."""
    return [place for place, line in enumerate(invoice) if not _is_right(line)]


def _is_right(line: Line) -> bool:
    try:
        return checker.recompute(line.derivation) == line.cents
    except checker.Wrong:
        return False


def discounted() -> Line:
    """Three items at 34.99 less 10.00 for 14 of 30 days, 34.99 in all; price, discount, …, rounding are its steps."""
    price = DatedPrice("PV-7", LONG_AGO, None, (Component("Cinéma", 3499, Decimal("0.10")),))
    promotion = DatedPromotion("Bienvenue", 1000, LONG_AGO, date(2026, 11, 15))
    line, _ = charge_lines(BilledItem("I-1", (price,), (promotion,), 3), NOVEMBER, NOVEMBER)
    return stored(line.derived)


def capped() -> Line:
    """A credit of 4.99, where 17.50 is unused and 30.00 of 34.99 were credited before."""
    moved = changes.change(
        on=date(2026, 11, 16),
        period=NOVEMBER,
        old_cents=3499,
        old_line="F-12/1",
        new_cents=7499,
        price_version="PV-9",
        already_credited_cents=3000,
    )
    return stored(moved.credit)


PRICE, DISCOUNT, AFTER, ITEMS, DAYS, PRODUCT, ROUNDED = range(7)
BILLED, UNUSED, SHARE, HALF, CREDITED, STANDING, SMALLER, GIVEN = range(8)


def rounds_each_item(line: Line) -> None:
    """Round the price of one item, then multiply: 34.98 and not 34.99."""
    line.replace(PRODUCT, inputs=[AFTER, DAYS])
    line.steps.append({"kind": "product", "rule": "price-times-quantity", "inputs": [ROUNDED, ITEMS]})


def bills_a_cent_more(line: Line) -> None:
    line.cents += 1
    line.derivation["cents"] += 1


FAULTS: dict[str, tuple[Callable[[], Line], Callable[[Line], object]]] = {
    "the printed amount is a cent more": (discounted, lambda line: setattr(line, "cents", 3500)),
    "amount and derivation are a cent more": (discounted, bills_a_cent_more),
    "another price": (discounted, lambda line: line.replace(PRICE, cents=3599)),
    "an amount in text": (discounted, lambda line: line.replace(PRICE, cents="3499")),
    "an amount with decimals": (discounted, lambda line: line.replace(PRICE, cents=3499.0)),
    "no discount": (discounted, lambda line: line.replace(DISCOUNT, cents=0)),
    "a discount that is added": (discounted, lambda line: line.replace(AFTER, kind="sum")),
    "one item more": (discounted, lambda line: line.replace(ITEMS, count=4)),
    "items that are not multiplied": (discounted, lambda line: line.replace(PRODUCT, inputs=[AFTER, DAYS])),
    "a day counted too many": (discounted, lambda line: line.replace(DAYS, fraction="15/30")),
    "the days of another month": (discounted, lambda line: line.replace(DAYS, fraction="14/31")),
    "a day more, counted well": (
        discounted,
        lambda line: line.replace(DAYS, served=["2026-11-01", "2026-11-16"], fraction="15/30"),
    ),
    "dates that were moved": (discounted, lambda line: line.replace(DAYS, served=["2026-11-02", "2026-11-15"])),
    "a longer period": (discounted, lambda line: line.replace(DAYS, of=["2026-11-01", "2026-12-02"])),
    "days counted twice": (discounted, lambda line: line.replace(PRODUCT, inputs=[AFTER, ITEMS, DAYS, DAYS])),
    "cents that are cut": (discounted, lambda line: line.replace(ROUNDED, mode="DOWN")),
    "no rounding": (discounted, lambda line: line.steps.pop()),
    "a rounding for each item": (discounted, rounds_each_item),
    "a step that looks ahead": (discounted, lambda line: line.replace(PRODUCT, inputs=[AFTER, ITEMS, DAYS, ROUNDED])),
    "a step that counts from the end": (discounted, lambda line: line.replace(ROUNDED, inputs=[-1])),
    "a fact that is not used": (discounted, lambda line: line.steps.insert(0, dict(line.steps[PRICE]))),
    "a step of no known kind": (discounted, lambda line: line.replace(AFTER, kind="quotient")),
    "no steps": (discounted, lambda line: line.derivation.update(steps=[])),
    "a cap that is passed": (capped, lambda line: line.replace(SMALLER, kind="maximum")),
    "an earlier credit that is forgotten": (capped, lambda line: line.replace(CREDITED, cents=0)),
    "a credit that is charged": (capped, lambda line: line.steps.pop(GIVEN)),
    "a credit of another line": (capped, lambda line: line.replace(BILLED, cents=3099)),
}


class TestWrongLines:
    @given(invoices())
    def test_are_none_on_an_invoice_of_the_engine(self, invoice: list[Derived]) -> None:
        assert wrong_lines([stored(derived) for derived in invoice]) == []

    @given(st.data(), invoices(), st.sampled_from(sorted(FAULTS)))
    def test_are_the_one_that_was_planted(self, data: st.DataObject, invoice: list[Derived], fault: str) -> None:
        victim, spoil = FAULTS[fault]
        planted, place = victim(), data.draw(st.integers(0, len(invoice)))
        spoil(planted)

        issued = [stored(derived) for derived in invoice]
        issued.insert(place, planted)

        assert wrong_lines(issued) == [place]

    @pytest.mark.parametrize("fault", FAULTS)
    def test_are_found_whatever_is_wrong_with_them(self, fault: str) -> None:
        victim, spoil = FAULTS[fault]
        fee = stored(lines.one_time(fee_cents=4900, price_version="PV-3"))
        planted = victim()
        invoice = [copy.deepcopy(fee), victim(), planted, fee]
        assert wrong_lines(invoice) == []

        spoil(planted)

        assert wrong_lines(invoice) == [2]

    @given(st.data(), invoices().filter(bool), st.integers(-3, 3).filter(bool))
    def test_are_those_whose_amount_was_changed(
        self, data: st.DataObject, invoice: list[Derived], by_cents: int
    ) -> None:
        issued = [stored(derived) for derived in invoice]
        place = data.draw(st.integers(0, len(issued) - 1))

        issued[place].cents += by_cents

        assert wrong_lines(issued) == [place]
