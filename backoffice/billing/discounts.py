"""Derivations of discounted lines: the price after discount is prorated, split where the discount ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from backoffice.billing.derivation import Derived, Draft
from backoffice.billing.lines import PRICE, PRORATED, QUANTITY, prorated, require_quantity
from backoffice.billing.money import require_cents, require_positive_or_zero
from backoffice.billing.periods import Period
from backoffice.billing.steps import Operator, Percentage, Quantity, Source, Unit

DISCOUNT = "price-after-discount"


@dataclass(frozen=True, slots=True)
class AmountOff:
    """A discount of so many cents on a whole period. `reference` names the promotion."""

    cents: int
    reference: str


@dataclass(frozen=True, slots=True)
class ShareOff:
    """A discount of a share of the price, 20/100 for 20 %. `reference` names the promotion."""

    share: Fraction
    reference: str


Discount = AmountOff | ShareOff


@dataclass(frozen=True, slots=True)
class Segment:
    """One line of a period: the days it covers and its derived amount."""

    period: Period
    derived: Derived


class InvalidDiscount(ValueError):
    """A discount that is larger than the price, or that raises it."""

    def __init__(self, discount: Discount, full_cents: int) -> None:
        super().__init__(
            f"{discount} cannot apply to a price of {full_cents} cents: give a discount between nothing "
            "and the whole price."
        )
        self.discount = discount
        self.full_cents = full_cents


def discounted(
    *,
    full_cents: int,
    price_version: str,
    discount: Discount,
    discount_ends_on: date | None,
    served: Period,
    of: Period,
) -> tuple[Segment, ...]:
    """The days served at the discounted price, then those at the full price: one line each.

    `discount_ends_on` is the first day at the full price (None: the discount does not end); a part
    without a day gives no line. Each line is rounded once.
    Raises `InvalidDiscount`, `EmptyPeriod`, `NegativeAmount` or `InexactAmount`.
    """
    require_positive_or_zero(full_cents=full_cents)
    split_on = min(max(discount_ends_on or served.ends_on, served.starts_on), served.ends_on)
    cheap, dear = Period(served.starts_on, split_on), Period(split_on, served.ends_on)
    segments = []
    if cheap.days:
        segments.append(Segment(cheap, _discounted(full_cents, price_version, discount, cheap, of)))
    if dear.days:
        derived = prorated(full_cents=full_cents, price_version=price_version, served=dear, of=of)
        segments.append(Segment(dear, derived))
    return tuple(segments)


def after_discounts(
    *,
    full_cents: int,
    price_version: str,
    discounts: Sequence[AmountOff],
    served: Period,
    of: Period,
    quantity: int = 1,
) -> Derived:
    """The days served at the price less all the discounts together, for `quantity` items, rounded once.

    Raises `InvalidDiscount`, `EmptyPeriod`, `InvalidQuantity`, `NegativeAmount` or `InexactAmount`.
    """
    require_positive_or_zero(full_cents=full_cents)
    if not discounts:
        return prorated(full_cents=full_cents, price_version=price_version, served=served, of=of, quantity=quantity)
    require_quantity(quantity)
    draft = Draft()
    price = draft.amount(Source.PRICE, full_cents, rule=PRICE, reference=price_version)
    left_cents, taken = full_cents, []
    for discount in discounts:
        taken.append(_discount(draft, discount, price, left_cents))
        left_cents -= discount.cents
    factors = [draft.combine(Operator.DIFFERENCE, price, *taken, rule=DISCOUNT)]
    if quantity > 1:
        factors.append(draft.add(Quantity(QUANTITY, quantity, Unit.ITEMS)))
    factors.append(draft.days(served=served, of=of))
    draft.rounded(draft.combine(Operator.PRODUCT, *factors, rule=PRORATED))
    return draft.finish()


def _discounted(full_cents: int, price_version: str, discount: Discount, served: Period, of: Period) -> Derived:
    draft = Draft()
    price = draft.amount(Source.PRICE, full_cents, rule=PRICE, reference=price_version)
    off = _discount(draft, discount, price, full_cents)
    after = draft.combine(Operator.DIFFERENCE, price, off, rule=DISCOUNT)
    product = draft.combine(Operator.PRODUCT, after, draft.days(served=served, of=of), rule=PRORATED)
    draft.rounded(product)
    return draft.finish()


def _discount(draft: Draft, discount: Discount, price: int, full_cents: int) -> int:
    if isinstance(discount, AmountOff):
        require_cents(discount_cents=discount.cents)
        if not 0 <= discount.cents <= full_cents:
            raise InvalidDiscount(discount, full_cents)
        return draft.amount(Source.DISCOUNT, discount.cents, rule=DISCOUNT, reference=discount.reference)
    if not 0 <= discount.share <= 1:
        raise InvalidDiscount(discount, full_cents)
    share = draft.add(Percentage(DISCOUNT, Fraction(discount.share)))
    return draft.combine(Operator.PRODUCT, price, share, rule=DISCOUNT)
