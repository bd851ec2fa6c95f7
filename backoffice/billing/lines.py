"""Derivations of the lines that are charged: whole periods, prorated periods, one-time fees.

A flat-price bundle is called component by component, one line each, because each has its VAT rate.
"""

from backoffice.billing.derivation import Derived, Draft
from backoffice.billing.money import Rounding, require_cents
from backoffice.billing.periods import Period
from backoffice.billing.steps import Operator, Quantity, Source, Unit

PRICE = "price-version"
QUANTITY = "price-times-quantity"
FEE = "one-time-fee-not-prorated"
PRORATED = "price-times-days"
VAT_ON_TOP = "vat-of-the-document-by-rate"


class InvalidQuantity(ValueError):
    """A line of fewer than one item."""

    def __init__(self, quantity: int) -> None:
        super().__init__(f"A line of {quantity} items cannot be billed: give 1 or more, or leave it out.")
        self.quantity = quantity


def full_price(*, full_cents: int, price_version: str, period: Period, quantity: int = 1) -> Derived:
    """The price of a whole period, in cents, for `quantity` items. Raises as `prorated` does."""
    return prorated(full_cents=full_cents, price_version=price_version, served=period, of=period, quantity=quantity)


def prorated(
    *,
    full_cents: int,
    price_version: str,
    served: Period,
    of: Period,
    quantity: int = 1,
    rounding: Rounding = Rounding.HALF_UP,
) -> Derived:
    """The price of the days served, over the days of the whole billing period `of`, rounded once.

    Raises `EmptyPeriod`, `InvalidQuantity` or `InexactAmount`.
    """
    draft = Draft()
    factors = _price(draft, full_cents, price_version, quantity)
    factors.append(draft.days(served=served, of=of))
    draft.rounded(draft.combine(Operator.PRODUCT, *factors, rule=PRORATED), rounding)
    return draft.finish()


def one_time(*, fee_cents: int, price_version: str, quantity: int = 1) -> Derived:
    """A one-time fee in cents, never prorated. Raises `InvalidQuantity` or `InexactAmount`."""
    draft = Draft()
    factors = _price(draft, fee_cents, price_version, quantity, source=Source.FEE)
    if len(factors) > 1:
        draft.combine(Operator.PRODUCT, *factors, rule=QUANTITY)
    return draft.finish()


def with_vat(before_tax: Derived, *, vat_cents: int, reference: str) -> Derived:
    """A line priced before tax, with the VAT that the document gives it; `reference` names the rate."""
    draft = Draft()
    ht = draft.include(before_tax)
    vat = draft.amount(Source.VAT, vat_cents, rule=VAT_ON_TOP, reference=reference)
    draft.combine(Operator.SUM, ht, vat, rule=VAT_ON_TOP)
    return draft.finish()


def require_quantity(quantity: int) -> None:
    """Raise `InvalidQuantity` below one item, `InexactAmount` unless it is a whole number."""
    require_cents(quantity=quantity)
    if quantity < 1:
        raise InvalidQuantity(quantity)


def _price(draft: Draft, cents: int, price_version: str, quantity: int, source: Source = Source.PRICE) -> list[int]:
    require_cents(full_cents=cents)
    require_quantity(quantity)
    rule = FEE if source is Source.FEE else PRICE
    factors = [draft.amount(source, cents, rule=rule, reference=price_version)]
    if quantity > 1:
        factors.append(draft.add(Quantity(QUANTITY, quantity, Unit.ITEMS)))
    return factors
