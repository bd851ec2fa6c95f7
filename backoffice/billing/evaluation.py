"""Recomputing a derivation: the exact value of every step, from the first to the last."""

from collections.abc import Sequence
from fractions import Fraction
from math import prod

from backoffice.billing.money import round_cents
from backoffice.billing.steps import Amount, Days, Operation, Operator, Percentage, Quantity, Rounded, Step, inputs_of


class BrokenStep(ValueError):
    """A step contradicts itself or points at a step that does not come before it."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(f"Step {index} of the derivation {reason}: do not use it, recompute the line.")
        self.index = index
        self.reason = reason


def evaluate(steps: Sequence[Step]) -> list[Fraction]:
    """The exact value of every step, in order. Raises `BrokenStep`."""
    values: list[Fraction] = []
    for index, step in enumerate(steps):
        values.append(_value(index, step, values))
    return values


def _value(index: int, step: Step, values: Sequence[Fraction]) -> Fraction:
    if not all(0 <= earlier < index for earlier in inputs_of(step)):
        raise BrokenStep(index, "uses a step that does not come before it")
    match step:
        case Amount():
            return Fraction(step.cents)
        case Days():
            return _share_of_days(index, step)
        case Percentage():
            return step.share
        case Quantity():
            return Fraction(step.count)
        case Rounded():
            return Fraction(round_cents(_only(index, [values[i] for i in step.inputs]), step.mode))
        case Operation():
            return _combine(index, step.operator, [values[earlier] for earlier in step.inputs])


def _share_of_days(index: int, step: Days) -> Fraction:
    common = step.served.intersect(step.of)
    if step.days != (common.days if common else 0) or step.of_days != step.of.days or not step.of_days:
        raise BrokenStep(index, "states day counts that its dates do not give")
    return Fraction(step.days, step.of_days)


def _combine(index: int, operator: Operator, inputs: Sequence[Fraction]) -> Fraction:
    if not inputs:
        raise BrokenStep(index, "combines no step")
    match operator:
        case Operator.PRODUCT:
            return prod(inputs, start=Fraction(1))
        case Operator.SUM:
            return sum(inputs, start=Fraction(0))
        case Operator.DIFFERENCE:
            return inputs[0] - sum(inputs[1:])
        case Operator.MINIMUM:
            return min(inputs)
        case Operator.MAXIMUM:
            return max(inputs)
        case Operator.NEGATION:
            return -_only(index, inputs)


def _only(index: int, inputs: Sequence[Fraction]) -> Fraction:
    if len(inputs) != 1:
        raise BrokenStep(index, "takes exactly one step")
    return inputs[0]
