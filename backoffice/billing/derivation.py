"""An amount together with the steps that give it, so that anybody can recompute it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from backoffice.billing import explanations
from backoffice.billing.encoding import JsonObject, MalformedDerivation, step_from_json, step_to_json
from backoffice.billing.evaluation import BrokenStep, evaluate
from backoffice.billing.money import Rounding
from backoffice.billing.periods import Period
from backoffice.billing.proration import fraction
from backoffice.billing.steps import (
    Amount,
    Days,
    Operation,
    Operator,
    Rounded,
    Source,
    Step,
    inputs_of,
)

PRORATA = "prorata-actual-days"
ROUNDING = "one-rounding-per-line"


@dataclass(frozen=True, slots=True)
class Derived:
    """An amount in cents and its steps; the last step gives the amount, every other one is used."""

    cents: int
    steps: tuple[Step, ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """The identifiers of the rules applied, each once, in order of appearance."""
        return tuple(dict.fromkeys(step.rule for step in self.steps))

    def verify(self) -> bool:
        """True when recomputing every step gives exactly `cents` and no step is beside the point."""
        used = {index for step in self.steps for index in inputs_of(step)}
        if not self.steps or used != set(range(len(self.steps) - 1)):
            return False
        try:
            return evaluate(self.steps)[-1] == self.cents
        except BrokenStep:
            return False

    def explain(self, locale: str, *, currency: str = "EUR") -> list[str]:
        """One sentence a step in French ("fr") or English ("en"). Raises `UnknownLocale`."""
        return explanations.explain(self.steps, locale=locale, currency=currency)

    def to_json(self) -> JsonObject:
        """Plain JSON values: whole cents, ISO dates, fractions as text such as "15/30"."""
        return {"cents": self.cents, "steps": [step_to_json(step) for step in self.steps]}

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Derived":
        """Read back what `to_json` wrote. Raises `MalformedDerivation`; `verify` says whether it is right."""
        cents, steps = data.get("cents"), data.get("steps")
        if type(cents) is not int or not isinstance(steps, list) or set(data) != {"cents", "steps"}:
            raise MalformedDerivation(data, "it needs whole cents and a list of steps, no more")
        return cls(cents=cents, steps=tuple(step_from_json(step) for step in steps))


class Draft:
    """A derivation being written: every method adds a step and returns its index for later steps."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def add(self, step: Step) -> int:
        """Add a step and return its index."""
        self._steps.append(step)
        return len(self._steps) - 1

    def amount(self, source: Source, cents: int, *, rule: str, reference: str = "") -> int:
        """Add an amount in cents that was read from `source`; `reference` says from which one."""
        return self.add(Amount(rule, source, cents, reference))

    def days(self, *, served: Period, of: Period) -> int:
        """Add the share of `of` that was served. Raises `EmptyPeriod`."""
        # Days outside of the period do not count, so the sentence must not name them either.
        counted = served.intersect(of) or served
        share = fraction(served=counted, of=of)
        return self.add(Days(PRORATA, counted, of, int(share * of.days), of.days))

    def combine(self, operator: Operator, *inputs: int, rule: str) -> int:
        """Add an operation on earlier steps, by their indexes in order."""
        return self.add(Operation(rule, operator, inputs))

    def rounded(self, index: int, mode: Rounding = Rounding.HALF_UP, *, rule: str = ROUNDING) -> int:
        """Add the one rounding of a line, to whole cents."""
        return self.add(Rounded(rule, mode, (index,)))

    def value(self, index: int) -> Fraction:
        """The exact value of a step so far, for a decision that depends on it."""
        return evaluate(self._steps)[index]

    def include(self, derived: Derived) -> int:
        """Copy another derivation in and return the index of its amount."""
        offset = len(self._steps)
        self._steps.extend(_shifted(step, offset) for step in derived.steps)
        return len(self._steps) - 1

    def finish(self) -> Derived:
        """The amount of the last step. Raises `BrokenStep` when that is not whole cents."""
        value = evaluate(self._steps)[-1]
        if value.denominator != 1:
            raise BrokenStep(len(self._steps) - 1, "is not rounded to whole cents")
        return Derived(cents=value.numerator, steps=tuple(self._steps))


def _shifted(step: Step, offset: int) -> Step:
    inputs = tuple(index + offset for index in inputs_of(step))
    match step:
        case Rounded():
            return Rounded(step.rule, step.mode, inputs)
        case Operation():
            return Operation(step.rule, step.operator, inputs)
        case _:
            return step


def total_of(parts: Sequence[Derived], *, rule: str = "sum-of-lines") -> Derived:
    """The sum of several derivations, with all of their steps; no part at all gives zero."""
    draft = Draft()
    if not parts:
        draft.amount(Source.NOTHING, 0, rule=rule)
        return draft.finish()
    draft.combine(Operator.SUM, *[draft.include(part) for part in parts], rule=rule)
    return draft.finish()
