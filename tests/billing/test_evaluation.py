from fractions import Fraction

import pytest

from backoffice.billing.evaluation import BrokenStep, evaluate
from backoffice.billing.money import Rounding
from backoffice.billing.steps import Amount, Operation, Operator, Rounded, Source

PRICE = Amount("r", Source.PRICE, 3499)
OTHER = Amount("r", Source.PRICE, 1000)


class TestEvaluate:
    @pytest.mark.parametrize(
        ("operator", "value"),
        [
            (Operator.PRODUCT, 3_499_000),
            (Operator.SUM, 4499),
            (Operator.DIFFERENCE, 2499),
            (Operator.MINIMUM, 1000),
            (Operator.MAXIMUM, 3499),
        ],
    )
    def test_combines_earlier_steps_in_their_order(self, operator: Operator, value: int) -> None:
        assert evaluate([PRICE, OTHER, Operation("r", operator, (0, 1))])[-1] == Fraction(value)

    @pytest.mark.parametrize("inputs", [(-1,), (1,), (2,)])
    def test_refuses_a_step_that_looks_ahead_or_behind_the_first(self, inputs: tuple[int, ...]) -> None:
        with pytest.raises(BrokenStep) as refusal:
            evaluate([PRICE, Rounded("r", Rounding.HALF_UP, inputs), OTHER])

        assert refusal.value.index == 1
