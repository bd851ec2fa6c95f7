"""One item on two invoices: what each change of its facts moves, one after the other, to the cent.

The facts of the earlier invoice are replaced by those of the later one in a fixed order: price,
promotions that end, promotions that begin, quantity, days. Each difference between two amounts on this
way, rounded to cents, is a cause; they add up by construction. What the facts do not account for is
rounding, at most a cent for each line, or else is named OTHER.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from backoffice.billing.billed import BilledLine
from backoffice.billing.causes import Cause, CauseKind
from backoffice.billing.money import round_cents


@dataclass(frozen=True, slots=True)
class _Facts:
    """An item on one invoice: average price and discounts of one whole period, items, periods billed."""

    price: Fraction
    discounts: Mapping[str, Fraction]
    quantity: int
    periods: Fraction

    @property
    def cents(self) -> int:
        return round_cents((self.price - sum(self.discounts.values())) * self.quantity * self.periods)


def compare(earlier: Sequence[BilledLine], later: Sequence[BilledLine]) -> Iterator[Cause]:
    """The causes of the difference between an item's recurring lines on two invoices; both have some.

    Lines of another offer are compared as one offer that replaces the other.
    """
    before, after, label = _facts(earlier), _facts(later), label_of(later)
    facts = before
    for kind, name, replaced, amounts in _steps(earlier, later, before, after):
        moved_cents = replaced.cents - facts.cents
        from_cents, to_cents = amounts or (facts.cents, replaced.cents)
        yield Cause(kind, moved_cents, name, from_cents, to_cents)
        facts = replaced
    from_cents, to_cents = total_of(earlier) - before.cents, total_of(later) - after.cents
    is_rounding = abs(to_cents - from_cents) <= len(earlier) + len(later)
    kind = CauseKind.ROUNDING if is_rounding else CauseKind.OTHER
    yield Cause(kind, to_cents - from_cents, label, from_cents, to_cents)


def label_of(lines: Sequence[BilledLine]) -> str:
    """The labels of an item's lines, each once."""
    return " + ".join(dict.fromkeys(line.label for line in lines))


def total_of(lines: Sequence[BilledLine]) -> int:
    """The lines together, in cents."""
    return sum(line.ttc_cents for line in lines)


def _steps(
    earlier: Sequence[BilledLine], later: Sequence[BilledLine], before: _Facts, after: _Facts
) -> Iterator[tuple[CauseKind, str, _Facts, tuple[int, int] | None]]:
    label, first, last = label_of(later), _first(earlier), _last(later)
    facts, prices = replace(before, price=after.price), (_price(first), _price(last))
    if {line.offer for line in earlier} == {line.offer for line in later}:
        yield CauseKind.PRICE_CHANGED, label, facts, prices
    else:
        yield CauseKind.OFFER_CHANGED, f"{label_of(earlier)} → {label}", facts, prices
    for reference in _by_effect(before.discounts, after.discounts):
        discount = after.discounts.get(reference, Fraction(0))
        ends = discount < before.discounts.get(reference, Fraction(0))
        kind = CauseKind.PROMOTION_ENDED if ends else CauseKind.PROMOTION_STARTED
        facts = replace(facts, discounts={**facts.discounts, reference: discount})
        yield kind, reference or label, facts, (_discount(first, reference), _discount(last, reference))
    facts = replace(facts, quantity=after.quantity)
    yield CauseKind.QUANTITY, label, facts, None
    yield CauseKind.DAYS, label, after, None


def _facts(lines: Sequence[BilledLine]) -> _Facts:
    quantity = _last(lines)[0].quantity
    # The components of one price share their days, which count once.
    shares = {(line.period, line.of): line.share for line in lines}
    periods = sum(shares.values(), start=Fraction(0))
    price, discounts = Fraction(0), dict[str, Fraction]()
    for line in lines:
        weight = line.quantity * line.share / (quantity * periods)
        price += line.full_cents * weight
        for discount in line.discounts:
            earlier = discounts.get(discount.reference, Fraction(0))
            discounts[discount.reference] = earlier + discount.cents * weight
    return _Facts(price, discounts, quantity, periods)


def _by_effect(before: Mapping[str, Fraction], after: Mapping[str, Fraction]) -> list[str]:
    none = Fraction(0)
    ends = [reference for reference, cents in before.items() if after.get(reference, none) < cents]
    starts = [reference for reference, cents in after.items() if before.get(reference, none) < cents]
    return ends + starts


def _first(lines: Sequence[BilledLine]) -> list[BilledLine]:
    first_on = min(map(_starts_on, lines))
    return [line for line in lines if _starts_on(line) == first_on]


def _last(lines: Sequence[BilledLine]) -> list[BilledLine]:
    last_on = max(map(_starts_on, lines))
    return [line for line in lines if _starts_on(line) == last_on]


def _starts_on(line: BilledLine) -> date:
    return line.period.starts_on if line.period else date.min


def _price(lines: Sequence[BilledLine]) -> int:
    return sum(line.full_cents for line in lines)


def _discount(lines: Sequence[BilledLine], reference: str) -> int:
    return sum(discount.cents for line in lines for discount in line.discounts if discount.reference == reference)
