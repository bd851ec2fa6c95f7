"""Steps as plain JSON values and back, without loss.

Dates are ISO text, amounts whole cents, fractions text such as "15/30". An independent checker needs
no more than this: every operation lists the indexes of its inputs, and the last step is the amount.
"""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import TypeVar

from backoffice.billing.money import Rounding
from backoffice.billing.periods import Period
from backoffice.billing.steps import (
    Amount,
    Days,
    Operation,
    Operator,
    Percentage,
    Quantity,
    Rounded,
    Source,
    Step,
    Unit,
)

JsonObject = dict[str, object]
Plain = TypeVar("Plain")


class MalformedDerivation(ValueError):
    """Stored text that is not a derivation."""

    def __init__(self, found: object, reason: str) -> None:
        super().__init__(f"{found!r} is not a step of a derivation ({reason}): restore it from the issued line.")
        self.found = found
        self.reason = reason


def step_to_json(step: Step) -> JsonObject:
    """One step as an object of text, whole numbers and lists."""
    match step:
        case Amount():
            facts: JsonObject = {"source": str(step.source), "cents": step.cents, "reference": step.reference}
            return {"kind": "amount", "rule": step.rule, **facts}
        case Days():
            facts = {"served": _dates(step.served), "of": _dates(step.of)}
            return {"kind": "days", "rule": step.rule, **facts, "fraction": f"{step.days}/{step.of_days}"}
        case Percentage():
            return {"kind": "percentage", "rule": step.rule, "share": _share(step.share)}
        case Quantity():
            return {"kind": "quantity", "rule": step.rule, "count": step.count, "unit": str(step.unit)}
        case Rounded():
            facts = {"mode": str(step.mode), "inputs": list(step.inputs)}
            return {"kind": "rounding", "rule": step.rule, **facts}
        case Operation():
            return {"kind": str(step.operator), "rule": step.rule, "inputs": list(step.inputs)}


def step_from_json(data: object) -> Step:
    """The step that an object states. Raises `MalformedDerivation`, also for unknown or missing facts."""
    if not isinstance(data, Mapping):
        raise MalformedDerivation(data, "not an object")
    try:
        step = _read(data)
    except MalformedDerivation:
        raise
    except (KeyError, ValueError) as error:
        raise MalformedDerivation(data, str(error)) from error
    # What would be lost on the way back is refused now, not discovered at an audit.
    if step_to_json(step) != dict(data):
        raise MalformedDerivation(data, "unknown or unusual facts")
    return step


def _read(data: Mapping[str, object]) -> Step:
    kind, rule = _plain(data, "kind", str), _plain(data, "rule", str)
    match kind:
        case "amount":
            source, cents = Source(_plain(data, "source", str)), _plain(data, "cents", int)
            return Amount(rule, source, cents, _plain(data, "reference", str))
        case "days":
            days, of_days = _plain(data, "fraction", str).split("/")
            return Days(rule, _period(data, "served"), _period(data, "of"), int(days), int(of_days))
        case "percentage":
            numerator, denominator = _plain(data, "share", str).split("/")
            return Percentage(rule, Fraction(int(numerator), max(1, int(denominator))))
        case "quantity":
            return Quantity(rule, _plain(data, "count", int), Unit(_plain(data, "unit", str)))
        case "rounding":
            return Rounded(rule, Rounding(_plain(data, "mode", str)), _inputs(data))
        case _:
            return Operation(rule, Operator(kind), _inputs(data))


def _plain(data: Mapping[str, object], key: str, kind: type[Plain]) -> Plain:
    value = data[key]
    # A boolean is a number to Python and a float may equal one: neither is whole cents.
    if not isinstance(value, kind) or isinstance(value, bool):
        raise MalformedDerivation(data, f"{key} must be {kind.__name__}")
    return value


def _period(data: Mapping[str, object], key: str) -> Period:
    starts_on, ends_on = (date.fromisoformat(str(day)) for day in _plain(data, key, list))
    return Period(starts_on, ends_on)


def _inputs(data: Mapping[str, object]) -> tuple[int, ...]:
    inputs = _plain(data, "inputs", list)
    if not all(type(index) is int for index in inputs):
        raise MalformedDerivation(data, "inputs must be int")
    return tuple(inputs)


def _dates(period: Period) -> list[str]:
    return [period.starts_on.isoformat(), period.ends_on.isoformat()]


def _share(share: Fraction) -> str:
    percent = share * 100
    if percent.denominator == 1:
        return f"{percent.numerator}/100"
    return f"{share.numerator}/{share.denominator}"
