"""The checker recomputes what the engine derived, without the engine, and names what does not add up."""

import copy
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice import checker
from backoffice.billing.derivation import Draft
from backoffice.billing.money import Rounding
from backoffice.billing.periods import Period
from backoffice.billing.steps import Operator, Source

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
