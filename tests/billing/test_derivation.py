import json
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.billing import lines
from backoffice.billing.derivation import Derived, Draft, total_of
from backoffice.billing.encoding import MalformedDerivation
from backoffice.billing.evaluation import BrokenStep
from backoffice.billing.money import Rounding
from backoffice.billing.periods import Period
from backoffice.billing.steps import Amount, Days, Operation, Operator, Percentage, Rounded, Source

from .checker import recompute
from .derivations import derivations

NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
HALF = lines.prorated(
    full_cents=3499, price_version="PV-7", served=Period(date(2026, 11, 16), date(2026, 12, 1)), of=NOVEMBER
)

COUNTED_14 = Days("prorata-actual-days", Period(date(2026, 11, 16), date(2026, 12, 1)), NOVEMBER, 14, 30)
COUNTED_31 = Days("prorata-actual-days", Period(date(2026, 11, 16), date(2026, 12, 1)), NOVEMBER, 15, 31)


class TestDerived:
    @given(derivations)
    def test_verifies_survives_json_and_satisfies_a_checker_of_its_own(self, derived: Derived) -> None:
        text = json.dumps(derived.to_json())

        read = Derived.from_json(json.loads(text))

        assert derived.verify()
        assert read == derived
        assert read.verify()
        assert json.dumps(read.to_json()) == text
        assert recompute(json.loads(text)) == derived.cents

    @given(derivations, st.integers(-5, 5).filter(bool))
    def test_does_not_verify_with_another_amount(self, derived: Derived, by_cents: int) -> None:
        assert not replace(derived, cents=derived.cents + by_cents).verify()

    @given(st.lists(derivations, max_size=4))
    def test_of_several_parts_is_their_sum(self, parts: list[Derived]) -> None:
        whole = total_of(parts)

        assert whole.cents == sum(part.cents for part in parts)
        assert whole.verify()

    @given(derivations, st.sampled_from(["fr", "en"]))
    def test_explains_every_step(self, derived: Derived, locale: str) -> None:
        sentences = derived.explain(locale)

        assert len(sentences) == len(derived.steps)
        assert all(sentence.endswith(".") and "{" not in sentence for sentence in sentences)

    def test_is_written_as_plain_values_that_anybody_can_read(self) -> None:
        assert HALF.to_json() == {
            "cents": 1750,
            "steps": [
                {
                    "kind": "amount",
                    "rule": "price-version",
                    "source": "price",
                    "cents": 3499,
                    "reference": "PV-7",
                },
                {
                    "kind": "days",
                    "rule": "prorata-actual-days",
                    "served": ["2026-11-16", "2026-12-01"],
                    "of": ["2026-11-01", "2026-12-01"],
                    "fraction": "15/30",
                },
                {"kind": "product", "rule": "price-times-days", "inputs": [0, 1]},
                {"kind": "rounding", "rule": "one-rounding-per-line", "mode": "HALF_UP", "inputs": [2]},
            ],
        }

    def test_writes_shares_over_a_hundred_where_it_can(self) -> None:
        shares = [Percentage("r", Fraction(1, 5)), Percentage("r", Fraction(1, 3))]

        text = Derived(0, tuple(shares)).to_json()

        assert [step["share"] for step in text["steps"]] == ["20/100", "1/3"]  # type: ignore[attr-defined]

    def test_lists_its_rules_once_each(self) -> None:
        assert total_of([HALF, HALF]).rules == (
            "price-version",
            "prorata-actual-days",
            "price-times-days",
            "one-rounding-per-line",
            "sum-of-lines",
        )

    @pytest.mark.parametrize(
        "steps",
        [
            (),
            (*HALF.steps[:1], COUNTED_14, *HALF.steps[2:]),
            (*HALF.steps[:1], COUNTED_31, *HALF.steps[2:]),
            (*HALF.steps[:3], Rounded("r", Rounding.DOWN, (2,))),
            (*HALF.steps[:3], Rounded("r", Rounding.HALF_UP, (3,))),
            (*HALF.steps[:3], Rounded("r", Rounding.HALF_UP, (-1,))),
            (*HALF.steps[:3], Rounded("r", Rounding.HALF_UP, (1, 2))),
            (*HALF.steps[:3], Operation("r", Operator.NEGATION, ())),
            (*HALF.steps[:3], Operation("r", Operator.SUM, ())),
            HALF.steps[:3],
            (Amount("r", Source.PRICE, 1, ""), *HALF.steps),
            (*HALF.steps, Amount("r", Source.PRICE, 1750, "")),
            (Days("r", NOVEMBER, Period(date(2026, 11, 1), date(2026, 11, 1)), 0, 0),),
        ],
    )
    def test_does_not_verify_with_steps_that_do_not_give_it(self, steps: tuple[object, ...]) -> None:
        assert not Derived(cents=1750, steps=steps).verify()  # type: ignore[arg-type]

    @pytest.mark.parametrize("key", ["cents", "fraction", "served", "of", "mode", "inputs"])
    def test_betrays_a_change_to_any_fact_in_its_json(self, key: str) -> None:
        others = {
            "cents": 3599,
            "fraction": "14/30",
            "served": ["2026-11-17", "2026-12-01"],
            "of": ["2026-11-01", "2026-12-02"],
            "mode": "DOWN",
            "inputs": [0, 0],
        }
        text = json.loads(json.dumps(HALF.to_json()))
        step = next(step for step in text["steps"] if key in step)
        step[key] = others[key]

        assert not Derived.from_json(text).verify()


class TestFromJson:
    @pytest.mark.parametrize(
        ("index", "change"),
        [
            (0, {"cents": 3499.0}),
            (0, {"cents": True}),
            (0, {"cents": "3499"}),
            (0, {"source": "guess"}),
            (0, {"kind": "unknown"}),
            (0, {"kind": 5}),
            (0, {"note": "extra"}),
            (1, {"served": ["2026-11-16"]}),
            (1, {"served": ["2026-12-16", "2026-12-01"]}),
            (1, {"served": ["20261116", "2026-12-01"]}),
            (1, {"fraction": "15"}),
            (1, {"fraction": "015/30"}),
            (2, {"inputs": [0, 1.0]}),
            (2, {"inputs": "01"}),
            (3, {"mode": "BANKERS"}),
        ],
    )
    def test_refuses_a_step_that_is_none(self, index: int, change: dict[str, object]) -> None:
        text = json.loads(json.dumps(HALF.to_json()))
        text["steps"][index].update(change)

        with pytest.raises(MalformedDerivation):
            Derived.from_json(text)

    @pytest.mark.parametrize("share", ["1/0", "20", "2/10", "0.2", "-1/0"])
    def test_refuses_a_share_that_is_no_fraction(self, share: str) -> None:
        with pytest.raises(MalformedDerivation):
            Derived.from_json({"cents": 1, "steps": [{"kind": "percentage", "rule": "r", "share": share}]})

    @pytest.mark.parametrize(
        "text",
        [{}, {"cents": 1}, {"cents": 1.0, "steps": []}, {"cents": 1, "steps": {}}, {"cents": 1, "steps": [5]}],
    )
    def test_refuses_what_is_no_derivation(self, text: dict[str, object]) -> None:
        with pytest.raises(MalformedDerivation):
            Derived.from_json(text)

    def test_refuses_a_missing_fact(self) -> None:
        text = json.loads(json.dumps(HALF.to_json()))
        del text["steps"][0]["reference"]

        with pytest.raises(MalformedDerivation) as refusal:
            Derived.from_json(text)

        assert "reference" in refusal.value.reason


class TestDraft:
    def test_refuses_an_amount_that_nobody_rounded(self) -> None:
        draft = Draft()
        price = draft.amount(Source.PRICE, 3499, rule="r")
        served = Period(date(2026, 11, 2), date(2026, 12, 1))
        draft.combine(Operator.PRODUCT, price, draft.days(served=served, of=NOVEMBER), rule="r")

        with pytest.raises(BrokenStep) as refusal:
            draft.finish()

        assert refusal.value.index == 2
