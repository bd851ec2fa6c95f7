"""The steps of a derivation: leaves that state facts, and operations on earlier steps.

A step names its inputs by their index among the earlier steps, so a derivation is a list that any
program can recompute from the first to the last. Values are exact; amounts are in cents.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from backoffice.billing.money import Rounding
from backoffice.billing.periods import Period


class Source(StrEnum):
    """Where an amount was read. `reference` then says which price version, line or document."""

    PRICE = "price"
    FEE = "fee"
    LINE = "line"
    CREDITED = "credited"
    ASKED = "asked"
    DISCOUNT = "discount"
    MONTHLY = "monthly"
    DUE = "due"
    VAT = "vat"
    NOTHING = "nothing"


class Unit(StrEnum):
    """What a quantity counts."""

    ITEMS = "items"
    MONTHS = "months"
    DAYS = "days"


class Operator(StrEnum):
    """What an operation does with its inputs, in their order."""

    PRODUCT = "product"
    SUM = "sum"
    DIFFERENCE = "difference"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    NEGATION = "negation"


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in cents that was read somewhere."""

    rule: str
    source: Source
    cents: int
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Days:
    """Days of `served` inside of `of`, over the days of `of`. The counts are stated, then checked."""

    rule: str
    served: Period
    of: Period
    days: int
    of_days: int


@dataclass(frozen=True, slots=True)
class Percentage:
    """A share, 20/100 for 20 %."""

    rule: str
    share: Fraction


@dataclass(frozen=True, slots=True)
class Quantity:
    """A whole number of items, months or days."""

    rule: str
    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Rounded:
    """One earlier step, rounded to whole cents."""

    rule: str
    mode: Rounding
    inputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """Several earlier steps combined. A difference takes every later input from the first."""

    rule: str
    operator: Operator
    inputs: tuple[int, ...]


Step = Amount | Days | Percentage | Quantity | Rounded | Operation


def inputs_of(step: Step) -> tuple[int, ...]:
    """The indexes of the earlier steps that this one uses; leaves use none."""
    return step.inputs if isinstance(step, (Rounded, Operation)) else ()
