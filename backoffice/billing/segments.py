"""Lines of one item over one billing period, replayed from the dated facts of its history.

The days served are cut where the price, a promotion or a suspension changes; each part is one line a
component, because each component has its VAT rate. A line is rounded once and on its own, so parts of an
unchanged price add up to the exact amount within half a cent a line. The same facts always give the same
lines, in whatever order they are given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from backoffice.billing.derivation import Derived
from backoffice.billing.discounts import AmountOff, after_discounts
from backoffice.billing.items import BilledItem, Component, DatedPrice, DatedPromotion
from backoffice.billing.money import allocate, require_positive_or_zero
from backoffice.billing.periods import Period


@dataclass(frozen=True, slots=True)
class ChargedLine:
    """One line, of one component: `unit_cents` is its price for the whole period and one item, after discounts.

    `discounts` are what the promotions take off that price, each with its reference.
    """

    label: str
    rate: Decimal | None
    period: Period
    quantity: int
    unit_cents: int
    price_reference: str
    discounts: tuple[AmountOff, ...]
    derived: Derived

    @property
    def cents(self) -> int:
        """The amount of the line, in cents."""
        return self.derived.cents


def charge_lines(item: BilledItem, served: Period, of: Period) -> tuple[ChargedLine, ...]:
    """The lines of an item for the days `served` of the billing period `of`, in the order of their days.

    A price that does not change gives one line a component. Promotions that take more than the price
    leave nothing, never less; on a price of several components they are shared out over them.
    Raises `NoPriceInForce`, `InvalidQuantity`, `NegativeAmount` or `InexactAmount`.
    """
    return tuple(line for segment in _segments(item, served, of) for line in _lines(item, segment, of))


@dataclass(frozen=True, slots=True)
class _Segment:
    period: Period
    price: DatedPrice
    promotions: tuple[DatedPromotion, ...]

    def continues(self, earlier: "_Segment") -> bool:
        # A new version of a price that is the same in all its components is no reason for another line.
        return (
            self.period.starts_on == earlier.period.ends_on
            and self.price.components == earlier.price.components
            and self.promotions == earlier.promotions
        )


def _segments(item: BilledItem, served: Period, of: Period) -> list[_Segment]:
    segments: list[_Segment] = []
    for part in _parts(item, served, of):
        found = _Segment(part, item.price_on(part.starts_on), item.promotions_on(part.starts_on))
        if segments and found.continues(segments[-1]):
            earlier = segments.pop()
            found = _Segment(Period(earlier.period.starts_on, part.ends_on), earlier.price, earlier.promotions)
        segments.append(found)
    return segments


def _parts(item: BilledItem, served: Period, of: Period) -> Iterator[Period]:
    charged = served.intersect(of)
    if charged is None:
        return
    inside = {day for day in item.turning_days() if charged.contains(day)}
    for starts_on, ends_on in pairwise(sorted(inside | {charged.starts_on, charged.ends_on})):
        if not item.is_suspended_on(starts_on):
            yield Period(starts_on, ends_on)


def _lines(item: BilledItem, segment: _Segment, of: Period) -> Iterator[ChargedLine]:
    components = segment.price.components
    for component, discounts in zip(components, _discounts(components, segment.promotions), strict=True):
        reference = segment.price.reference
        yield ChargedLine(
            label=component.label,
            rate=component.rate,
            period=segment.period,
            quantity=item.quantity,
            unit_cents=component.cents - sum(discount.cents for discount in discounts),
            price_reference=reference,
            discounts=discounts,
            derived=after_discounts(
                full_cents=component.cents,
                price_version=reference,
                discounts=discounts,
                served=segment.period,
                of=of,
                quantity=item.quantity,
            ),
        )


def _discounts(components: Sequence[Component], promotions: Sequence[DatedPromotion]) -> list[tuple[AmountOff, ...]]:
    left = [component.cents for component in components]
    taken: list[tuple[AmountOff, ...]] = [() for _ in components]
    for promotion in promotions:
        require_positive_or_zero(promotion_cents=promotion.cents)
        parts = allocate(min(promotion.cents, sum(left)), left)
        left = [cents - part for cents, part in zip(left, parts, strict=True)]
        for place, part in enumerate(parts):
            if part:
                taken[place] += (AmountOff(part, promotion.reference),)
    return taken
