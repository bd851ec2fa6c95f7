"""Lines that an invoice is about to charge, each with the derivation that gives its amount."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from backoffice.billing import lines
from backoffice.billing.derivation import Derived
from backoffice.billing.encoding import JsonObject
from backoffice.billing.periods import Period
from backoffice.demo.catalogue import Component, Price
from backoffice.models import LineKind

Ready = tuple[int, JsonObject]
"""An amount in cents with its derivation as JSON."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line belongs: the contract's position, the key of its item, the offer and its price."""

    position: int | None
    item: str | None
    code: str
    price: Price


@dataclass(frozen=True, slots=True)
class Charge:
    """A line to be billed, in cents TTC. `correct` is what should have been billed, where it is one of the demo's mistakes."""

    kind: LineKind
    place: Place
    label: str
    days: Period | None
    unit_cents: int
    rate: Decimal | None
    cents: int
    derivation: JsonObject
    correct: Derived | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An issued offer line that a change of offer credits."""

    reference: str
    label: str
    cents: int
    rate: Decimal | None
    days: Period
    price: Price


def charge(
    kind: LineKind,
    place: Place,
    component: Component,
    days: Period | None,
    amount: Ready,
    *,
    off_cents: int = 0,
    correct: Derived | None = None,
) -> Charge:
    """The line of one component of a price, of which a discount takes `off_cents` a period."""
    cents, derivation = amount
    unit_cents = component.cents - off_cents
    return Charge(kind, place, component.label, days, unit_cents, component.rate, cents, derivation, correct)


def ready(derived: Derived) -> Ready:
    """A derivation in the form in which it is stored."""
    return derived.cents, derived.to_json()


# Thousands of lines are alike: the same price over the same days.
@lru_cache(maxsize=50_000)
def prorated(cents: int, reference: str, days: Period, of: Period) -> Ready:
    """The price of the days served, over the days of the whole period."""
    return ready(lines.prorated(full_cents=cents, price_version=reference, served=days, of=of))


@lru_cache(maxsize=100)
def once(cents: int, reference: str) -> Ready:
    """A fee, never prorated."""
    return ready(lines.one_time(fee_cents=cents, price_version=reference))
