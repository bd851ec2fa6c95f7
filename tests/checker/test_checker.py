"""The checker recomputes what the engine derived, without the engine, and names what does not add up."""

import copy
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice import checker
from backoffice.billing.corrections import credit_days
from backoffice.billing.derivation import Draft
from backoffice.billing.items import BilledItem
from backoffice.billing.lines import one_time
from backoffice.billing.money import Rounding
from backoffice.billing.periods import Period
from backoffice.billing.segments import charge_lines
from backoffice.billing.steps import Operator, Source
from tests.billing.strategies import histories

_NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))


def _prorated(cents: int = 3499, days: int = 15, mode: Rounding = Rounding.HALF_UP) -> dict[str, Any]:
    """A price for the last `days` of November."""
    draft = Draft()
    price = draft.amount(Source.PRICE, cents, rule="catalogue-price")
    share = draft.days(served=Period(_NOVEMBER.ends_on - timedelta(days=days), _NOVEMBER.ends_on), of=_NOVEMBER)
    draft.rounded(draft.combine(Operator.PRODUCT, price, share, rule="prorata"), mode)
    return draft.finish().to_json()


class TestRecompute:
    def test_gives_the_amount_of_a_proration(self) -> None:
        assert checker.recompute(_prorated()) == 1750

    @given(st.integers(-(10**9), 10**9), st.integers(0, 30), st.sampled_from(list(Rounding)))
    def test_agrees_with_the_engine(self, cents: int, days: int, mode: Rounding) -> None:
        derivation = _prorated(cents, days, mode)

        assert checker.recompute(derivation) == derivation["cents"]

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda derivation: derivation.update(cents=1751),
            lambda derivation: derivation.update(cents=1750.0),
            lambda derivation: derivation.update(cents=True),
            lambda derivation: derivation.update(steps=[]),
            lambda derivation: derivation["steps"][0].update(cents=3498),
            lambda derivation: derivation["steps"][0].update(cents="3499"),
            lambda derivation: derivation["steps"][1].update(fraction="16/30"),
            lambda derivation: derivation["steps"][1].update(fraction="15/31"),
            lambda derivation: derivation["steps"][1].update(served=["2026-11-15", "2026-12-01"]),
            lambda derivation: derivation["steps"][1].update(of=["2026-11-01", "2026-11-01"]),
            lambda derivation: derivation["steps"][2].update(kind="sum"),
            lambda derivation: derivation["steps"][2].update(inputs=[0, 2]),
            lambda derivation: derivation["steps"][2].update(inputs=[0, -1]),
            lambda derivation: derivation["steps"][2].update(inputs=[0, True]),
            lambda derivation: derivation["steps"][2].update(inputs=[0]),
            lambda derivation: derivation["steps"][3].update(mode="DOWN"),
            lambda derivation: derivation["steps"][3].update(mode="SIDEWAYS"),
            lambda derivation: derivation["steps"][3].update(kind="magic"),
            lambda derivation: derivation["steps"].append({"kind": "amount", "cents": 1750}),
            lambda derivation: derivation["steps"].__setitem__(0, None),
        ],
    )
    def test_refuses_what_was_spoilt(self, spoil: Callable[[dict[str, Any]], None]) -> None:
        derivation = copy.deepcopy(_prorated())
        spoil(derivation)

        with pytest.raises(checker.Wrong):
            checker.recompute(derivation)

    @pytest.mark.parametrize("nothing", [None, [], "", 3, {}, {"steps": None}, {"cents": 3}])
    def test_refuses_what_is_no_derivation(self, nothing: object) -> None:
        with pytest.raises(checker.Wrong):
            checker.recompute(nothing)


class TestContradiction:
    @pytest.mark.parametrize(
        ("facts", "said"),
        [
            ({}, None),
            ({"unit_cents": 3498}, "the price of one item is 3499, not 3498"),
            ({"quantity": 2}, "the items are not 2"),
            ({"starts_on": date(2026, 11, 15)}, "the days are 2026-11-16 to 2026-12-01, not 2026-11-15 to 2026-12-01"),
            ({"ends_on": date(2026, 12, 2)}, "the days are 2026-11-16 to 2026-12-01, not 2026-11-16 to 2026-12-02"),
            # A line without days of its own, as an opening statement.
            ({"starts_on": None, "ends_on": None}, None),
        ],
    )
    def test_is_between_the_derivation_and_its_line(self, facts: dict[str, Any], said: str | None) -> None:
        line = {"unit_cents": 3499, "quantity": 1, "starts_on": date(2026, 11, 16), "ends_on": date(2026, 12, 1)}

        assert checker.contradiction(_prorated(), **{**line, **facts}) == said

    @given(histories())
    def test_is_nowhere_on_a_line_of_the_engine(self, told: tuple[BilledItem, Period, Period]) -> None:
        for line in charge_lines(*told):
            said = checker.contradiction(
                line.derived.to_json(),
                unit_cents=line.unit_cents,
                quantity=line.quantity,
                starts_on=line.period.starts_on,
                ends_on=line.period.ends_on,
            )

            assert said is None

    def test_reads_no_price_where_a_credit_starts_from_a_line(self) -> None:
        credit = credit_days(line_cents=3499, line="F-1/1", unused=_NOVEMBER, of=_NOVEMBER).to_json()

        said = checker.contradiction(
            credit, unit_cents=1, quantity=1, starts_on=_NOVEMBER.starts_on, ends_on=_NOVEMBER.ends_on
        )

        assert said is None

    def test_reads_a_fee_with_its_quantity(self) -> None:
        fee = one_time(fee_cents=4900, price_version="PV-3", quantity=2).to_json()

        assert checker.contradiction(fee, unit_cents=4900, quantity=2, starts_on=None, ends_on=None) is None
        assert checker.contradiction(fee, unit_cents=9800, quantity=2, starts_on=None, ends_on=None) is not None
