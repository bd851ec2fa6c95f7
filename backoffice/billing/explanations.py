"""One sentence for each step of a derivation, which an agent can read to a customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from backoffice.billing import formats, rules
from backoffice.billing.evaluation import evaluate
from backoffice.billing.formats import Format, format_for
from backoffice.billing.phrases import PHRASES
from backoffice.billing.steps import (
    Amount,
    Days,
    Operation,
    Operator,
    Percentage,
    Quantity,
    Rounded,
    Step,
)

TIMES = " \N{MULTIPLICATION SIGN} "
SIGNS = {Operator.PRODUCT: TIMES, Operator.SUM: " + ", Operator.DIFFERENCE: f" {formats.MINUS} "}


@dataclass(frozen=True, slots=True)
class Reading:
    """A derivation with its exact values, in one language and currency."""

    steps: Sequence[Step]
    values: Sequence[Fraction]
    written: Format
    currency: str

    def phrase(self, key: str, **facts: object) -> str:
        """The sentence of a key, filled with its facts."""
        return PHRASES[self.written.language][key].format(**facts)

    def money(self, cents: Fraction) -> str:
        """Cents as this language writes them."""
        return formats.amount(cents, self.written, self.currency)


def explain(steps: Sequence[Step], *, locale: str, currency: str = "EUR") -> list[str]:
    """Write each step out in French ("fr") or English ("en").

    Raises `UnknownLocale`, or `BrokenStep` when the steps cannot be computed.
    """
    reading = Reading(steps, evaluate(steps), format_for(locale), currency)
    return [_sentence(reading, index, step) for index, step in enumerate(steps)]


def _sentence(reading: Reading, index: int, step: Step) -> str:
    match step:
        case Amount():
            facts = {"amount": reading.money(Fraction(step.cents)), "law": _law(step.rule)}
            return reading.phrase(f"amount.{step.source}", reference=_bracketed(step.reference), **facts)
        case Days():
            return _days(reading, step)
        case Percentage():
            share = formats.percent(step.share, reading.written)
            return reading.phrase("percentage", share=share, law=_law(step.rule))
        case Quantity():
            key = f"quantity.{step.unit}"
            return reading.phrase(key, count=step.count, law=_law(step.rule))
        case Rounded():
            result = reading.money(reading.values[index])
            return reading.phrase(f"rounding.{step.mode}", result=result)
        case Operation():
            return _operation(reading, index, step)


def _days(reading: Reading, step: Days) -> str:
    of = formats.period(step.of, reading.written)
    if not step.days:
        return reading.phrase("days.none", of=of)
    if step.days == 1:
        day = reading.written.write_day(step.served.starts_on)
        return reading.phrase("days.one", day=day, of_days=step.of_days, of=of)
    served = formats.period(step.served, reading.written)
    return reading.phrase("days.many", served=served, days=step.days, of_days=step.of_days, of=of)


def _operation(reading: Reading, index: int, step: Operation) -> str:
    value = reading.values[index]
    parts = [_notation(reading, earlier) for earlier in step.inputs]
    written = SIGNS.get(step.operator, reading.phrase("and")).join(parts)
    equals = "=" if formats.is_exact(value) else "\N{ALMOST EQUAL TO}"
    result = f"{equals} {reading.money(value)}"
    return reading.phrase(f"operation.{step.operator}", parts=written, result=result, amount=reading.money(value))


def _notation(reading: Reading, index: int) -> str:
    match reading.steps[index]:
        case Days() as step:
            return f"{step.days}/{step.of_days}"
        case Percentage() as step:
            return formats.percent(step.share, reading.written)
        case Quantity() as step:
            return str(step.count)
        case _:
            return reading.money(reading.values[index])


def _law(rule: str) -> str:
    return _bracketed(rules.reference(rule) or "")


def _bracketed(text: str) -> str:
    return f" ({text})" if text else ""
