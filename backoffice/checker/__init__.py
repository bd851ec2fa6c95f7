"""Recomputes an amount from its derivation alone. Shares no code with the engine that billed it: a fault there shows here.

A derivation is `{"cents": …, "steps": […]}`. Each step states a fact (an amount, days, a share, a quantity) or combines
earlier steps by their index; the last step is the amount. Standard library only.
"""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any


class Wrong(ValueError):
    """A derivation that does not give its amount; the message says where."""


def recompute(derivation: Any) -> int:
    """The cents that the steps of a derivation give; raises Wrong unless that is what it states."""
    if not isinstance(derivation, dict) or not isinstance(derivation.get("steps"), list) or not derivation["steps"]:
        raise Wrong("there are no steps")
    values: list[Fraction] = []
    used: set[int] = set()
    for place, step in enumerate(derivation["steps"]):
        values.append(_value(place, step, values, used))
    if used != set(range(len(values) - 1)):
        raise Wrong("a step is not used")
    stated = derivation.get("cents")
    if type(stated) is not int or values[-1] != stated:
        raise Wrong(f"the steps give {float_free(values[-1])}, not {stated}")
    return stated


def contradiction(
    derivation: Any, *, unit_cents: int, quantity: int, starts_on: date | None, ends_on: date | None
) -> str | None:
    """What a derivation that adds up says otherwise than its line: the price of one item, their number, the days.

    Read where it is stated once; a credit, which starts from another line, states no price. None: nothing.
    """
    facts: dict[str, list[Any]] = {}
    for step in derivation["steps"]:
        facts.setdefault(step.get("source", step["kind"]), []).append(step)
    cents = {source: [step["cents"] for step in facts.get(source, [])] for source in ("price", "fee", "discount")}
    prices = cents["price"] + cents["fee"]
    if len(prices) == 1 and "line" not in facts and "percentage" not in facts:
        if prices[0] - sum(cents["discount"]) != unit_cents:
            return f"the price of one item is {prices[0] - sum(cents['discount'])}, not {unit_cents}"
        if [step["count"] for step in facts.get("quantity", [])] != [quantity][: quantity > 1]:
            return f"the items are not {quantity}"
    served = [step["served"] for step in facts.get("days", [])]
    if len(served) == 1 and starts_on and ends_on and served != [[starts_on.isoformat(), ends_on.isoformat()]]:
        return f"the days are {served[0][0]} to {served[0][1]}, not {starts_on} to {ends_on}"
    return None


def float_free(value: Fraction) -> str:
    """A fraction as text, never through a float."""
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def _value(place: int, step: Any, values: list[Fraction], used: set[int]) -> Fraction:
    try:
        kind = step["kind"]
        if kind in _FACTS:
            return _FACTS[kind](step)
        inputs = [_earlier(place, index, values) for index in step["inputs"]]
        used.update(step["inputs"])
        if kind == "rounding":
            (only,) = inputs
            return Fraction(_ROUNDINGS[step["mode"]](only))
        return _COMBINED[kind](inputs)
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError) as cause:
        raise Wrong(f"step {place}: {cause}") from cause


def _earlier(place: int, index: Any, values: list[Fraction]) -> Fraction:
    if type(index) is not int or not 0 <= index < place:
        raise Wrong(f"step {place} uses step {index}, which does not come before it")
    return values[index]


def _whole(value: Any) -> Fraction:
    if type(value) is not int:
        raise Wrong(f"{value!r} is not a whole number")
    return Fraction(value)


def _share(text: str) -> Fraction:
    numerator, denominator = text.split("/")
    return Fraction(int(numerator), int(denominator))


def _days(step: Any) -> Fraction:
    """Days of the served period inside the whole one, over the days of the whole one, counted here again."""
    served, whole = ([date.fromisoformat(day) for day in step[name]] for name in ("served", "of"))
    common = max(0, (min(served[1], whole[1]) - max(served[0], whole[0])).days)
    stated = step["fraction"].split("/")
    if stated != [str(common), str((whole[1] - whole[0]).days)]:
        raise Wrong(f"the dates give {common} days, not {step['fraction']}")
    return _share(step["fraction"])


def _half_up(value: Fraction) -> int:
    return _away(value) if abs(value) - abs(_towards(value)) >= Fraction(1, 2) else _towards(value)


def _away(value: Fraction) -> int:
    cents = -(-abs(value).numerator // value.denominator)
    return -cents if value < 0 else cents


def _towards(value: Fraction) -> int:
    cents = abs(value).numerator // value.denominator
    return -cents if value < 0 else cents


def _product(inputs: list[Fraction]) -> Fraction:
    result = inputs[0]
    for each in inputs[1:]:
        result *= each
    return result


def _negation(inputs: list[Fraction]) -> Fraction:
    (only,) = inputs
    return -only


_FACTS: dict[str, Callable[[Any], Fraction]] = {
    "amount": lambda step: _whole(step["cents"]),
    "quantity": lambda step: _whole(step["count"]),
    "percentage": lambda step: _share(step["share"]),
    "days": _days,
}
_ROUNDINGS: dict[str, Callable[[Fraction], int]] = {"HALF_UP": _half_up, "UP": _away, "DOWN": _towards}
_COMBINED: dict[str, Callable[[list[Fraction]], Fraction]] = {
    "product": _product,
    "sum": lambda inputs: sum(inputs[1:], start=inputs[0]),
    "difference": lambda inputs: inputs[0] - sum(inputs[1:], start=Fraction(0)),
    "minimum": min,
    "maximum": max,
    "negation": _negation,
}
