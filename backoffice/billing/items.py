"""What is known of an item of a contract by date: its prices, promotions and suspensions."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from backoffice.billing.money import allocate
from backoffice.billing.periods import Period


class NoPriceInForce(ValueError):
    """An item is served on a day that no version of its price covers."""

    def __init__(self, key: str, day: date) -> None:
        super().__init__(f"No price of {key} is in force on {day}: add the price version that covers this day first.")
        self.key = key
        self.day = day


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a price, in cents a period for one item, with its VAT rate (None: outside the scope of VAT)."""

    label: str
    cents: int
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class DatedPrice:
    """A version of a price on the days [starts_on, ends_on); a later version takes over on its first day."""

    reference: str
    starts_on: date
    ends_on: date | None
    components: tuple[Component, ...]

    def at(self, agreed_cents: int) -> "DatedPrice":
        """This version at a price agreed for one contract, shared out over its components by their size.

        Raises `CannotAllocate` when the version itself is free, so that no component can take the price.
        """
        parts = allocate(agreed_cents, [component.cents for component in self.components])
        agreed = (replace(component, cents=cents) for component, cents in zip(self.components, parts, strict=True))
        return replace(self, components=tuple(agreed))


@dataclass(frozen=True, slots=True)
class DatedPromotion:
    """Takes `cents` off the price of one item, a period, on the days [starts_on, ends_on)."""

    reference: str
    cents: int
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class BilledItem:
    """An item with its history; on the days of a suspension nothing is charged. The order of facts plays no part."""

    key: str
    prices: tuple[DatedPrice, ...]
    promotions: tuple[DatedPromotion, ...] = ()
    quantity: int = 1
    suspensions: tuple[Period, ...] = ()

    def price_on(self, day: date) -> DatedPrice:
        """The version in force on a day. Raises `NoPriceInForce`."""
        in_force = [price for price in self.prices if _is_in_force(price, day)]
        if not in_force:
            raise NoPriceInForce(self.key, day)
        return max(in_force, key=lambda price: (price.starts_on, price.reference))

    def promotions_on(self, day: date) -> tuple[DatedPromotion, ...]:
        """The promotions in force on a day, the earliest first."""
        in_force = (promotion for promotion in self.promotions if _is_in_force(promotion, day))
        return tuple(
            sorted(in_force, key=lambda promotion: (promotion.starts_on, promotion.reference, promotion.cents))
        )

    def is_suspended_on(self, day: date) -> bool:
        """True on a day that is not charged."""
        return any(suspension.contains(day) for suspension in self.suspensions)

    def turning_days(self) -> Iterator[date]:
        """The days on which a price, a promotion or a suspension begins or ends."""
        facts: tuple[DatedPrice | DatedPromotion | Period, ...] = (
            *self.prices,
            *self.promotions,
            *self.suspensions,
        )
        for fact in facts:
            yield fact.starts_on
            if fact.ends_on:
                yield fact.ends_on


def _is_in_force(dated: DatedPrice | DatedPromotion, day: date) -> bool:
    return dated.starts_on <= day and (dated.ends_on is None or day < dated.ends_on)
