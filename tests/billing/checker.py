"""A second program that recomputes a derivation from its JSON alone: it imports nothing of the engine."""

from datetime import date
from fractions import Fraction
from typing import Any


def recompute(text: dict[str, Any]) -> int:
    """The amount in cents that the steps give; raises on anything that does not fit."""
    found: list[Fraction] = []
    for step in text["steps"]:
        found.append(_value(step, [found[index] for index in step.get("inputs", [])]))
    assert found[-1].denominator == 1
    return int(found[-1])


def _value(step: dict[str, Any], inputs: list[Fraction]) -> Fraction:
    kind = step["kind"]
    if kind == "amount":
        return Fraction(step["cents"])
    if kind == "quantity":
        return Fraction(step["count"])
    if kind == "percentage":
        return Fraction(step["share"])
    if kind == "days":
        return _days(step)
    if kind == "rounding":
        return Fraction(_rounded(inputs[0], step["mode"]))
    return _combined(kind, inputs)


def _days(step: dict[str, Any]) -> Fraction:
    served = _calendar(step["served"])
    of = _calendar(step["of"])
    counted, whole = (int(number) for number in step["fraction"].split("/"))
    assert (counted, whole) == (len(served & of), len(of))
    return Fraction(counted, whole)


def _calendar(bounds: list[str]) -> set[int]:
    first, end = (date.fromisoformat(day).toordinal() for day in bounds)
    return set(range(first, end))


def _rounded(value: Fraction, mode: str) -> int:
    size = abs(value)
    floor = size.numerator // size.denominator
    rest = size - floor
    up = {"HALF_UP": rest >= Fraction(1, 2), "UP": rest > 0, "DOWN": False}[mode]
    return (floor + up) * (-1 if value < 0 else 1)


def _combined(kind: str, inputs: list[Fraction]) -> Fraction:
    first, *others = inputs
    if kind == "negation":
        assert not others
        return -first
    for other in others:
        if kind == "product":
            first *= other
        elif kind == "sum":
            first += other
        elif kind == "difference":
            first -= other
        elif kind == "minimum":
            first = min(first, other)
        elif kind == "maximum":
            first = max(first, other)
        else:
            raise AssertionError(kind)
    return first
