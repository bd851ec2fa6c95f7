"""Priced lines of an item, worked out once for all who have the same price over the same days."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from backoffice.billing import lines
from backoffice.billing.encoding import JsonObject
from backoffice.billing.items import BilledItem
from backoffice.billing.periods import Period
from backoffice.billing.segments import charge_lines
from backoffice.billing.vat import Basis
from backoffice.models import Language
from backoffice.services.billing_facts import ItemFacts
from backoffice.services.price_lists import PriceList


@dataclass(frozen=True, slots=True)
class Priced:
    """A line of an item, in cents of its basis; `days` are None for what is paid once."""

    label: str
    price_version_id: int | None
    days: Period | None
    quantity: int
    unit_cents: int
    rate: Decimal | None
    cents: int
    basis: Basis
    derivation: JsonObject


@dataclass(slots=True)
class Tariff:
    """The price list, and what was worked out from it: thousands of contracts have the same lines."""

    prices: PriceList = field(default_factory=PriceList)
    _known: dict[tuple[object, ...], tuple[Priced, ...]] = field(default_factory=dict)

    def lines(self, item: ItemFacts, language: Language, served: Period, of: Period) -> tuple[Priced, ...]:
        """The lines of an item for the days `served` of the period `of`. Raises NoPriceInForce."""
        key = (*_identity(item), language, served, of)
        if key not in self._known:
            self._known[key] = tuple(self._charged(item, language, served, of))
        return self._known[key]

    def once(self, item: ItemFacts, language: Language) -> tuple[Priced, ...]:
        """The lines of a fee or a deposit, at the price of its first day. Raises NoPriceInForce."""
        key = (*_identity(item), language, item.starts_on)
        if key not in self._known:
            self._known[key] = tuple(self._paid_once(item, language))
        return self._known[key]

    def _charged(self, item: ItemFacts, language: Language, served: Period, of: Period) -> Iterator[Priced]:
        listed = self.prices.offers[item.offer_id]
        for line in charge_lines(self._billed(item, language), served, of):
            version = listed.version(line.price_reference)
            yield Priced(
                label=line.label,
                price_version_id=version.id,
                days=line.period,
                quantity=line.quantity,
                unit_cents=line.unit_cents,
                rate=line.rate,
                cents=line.cents,
                basis=Basis(version.basis.value),
                derivation=line.derived.to_json(),
            )

    def _paid_once(self, item: ItemFacts, language: Language) -> Iterator[Priced]:
        price = self._billed(item, language).price_on(item.starts_on)
        version = self.prices.offers[item.offer_id].version(price.reference)
        for part in price.components:
            derived = lines.one_time(fee_cents=part.cents, price_version=price.reference, quantity=item.quantity)
            yield Priced(
                label=part.label,
                price_version_id=version.id,
                days=None,
                quantity=item.quantity,
                unit_cents=part.cents,
                rate=part.rate,
                cents=derived.cents,
                basis=Basis(version.basis.value),
                derivation=derived.to_json(),
            )

    def _billed(self, item: ItemFacts, language: Language) -> BilledItem:
        listed = self.prices.offers[item.offer_id]
        return BilledItem(
            key=listed.offer.code,
            prices=listed.prices(language, item.agreed_amount_cents),
            promotions=item.promotions,
            quantity=item.quantity,
        )


def _identity(item: ItemFacts) -> tuple[object, ...]:
    return (item.offer_id, item.agreed_amount_cents, item.quantity, item.promotions)
