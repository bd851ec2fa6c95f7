"""What an issued line should have been: with the right days, the right offer, or the contract as it stands now.

The line says what it billed, the contract and the price list what they allow; nothing else is guessed.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from backoffice.billing.derivation import Derived, total_of
from backoffice.billing.items import BilledItem, DatedPrice, NoPriceInForce
from backoffice.billing.lines import one_time, prorated
from backoffice.billing.periods import Period
from backoffice.billing.segments import charge_lines
from backoffice.errors import NotFound
from backoffice.models import ContractItem, PriceBasis
from backoffice.services import agreements, standing
from backoffice.services.billed_lines import BilledLine, LineNotCorrectable
from backoffice.services.credit_notes import DaysOutsideLine


@dataclass(frozen=True, slots=True)
class Part:
    """A line as it should have been printed; `cents` below zero give back."""

    label: str
    derived: Derived
    days: Period | None = None

    def fact(self) -> dict[str, Any]:
        """The part as plain values, with the sentences that explain it."""
        return {
            "label": self.label,
            "starts_on": self.days.starts_on.isoformat() if self.days else None,
            "ends_on": self.days.ends_on.isoformat() if self.days else None,
            "cents": self.derived.cents,
            "explanation": {locale: self.derived.explain(locale) for locale in ("fr", "en")},
        }


@dataclass(frozen=True, slots=True)
class Right:
    """What a line should have been, part by part: the days that it is about, and those that were not served at all."""

    parts: tuple[Part, ...]
    about: Period | None = None
    unserved: tuple[Period, ...] = ()

    @property
    def derived(self) -> Derived:
        """All parts together."""
        return self.parts[0].derived if len(self.parts) == 1 else total_of([part.derived for part in self.parts])


def of_days(billed: BilledLine, served: Period) -> Right:
    """The line with the price that it printed, for the days `served`. Raises DaysOutsideLine, LineNotCorrectable."""
    days = _require_days(billed)
    of = billed.period(days.starts_on) if billed.agreement else days
    if not (of.contains(served.starts_on) and served.ends_on <= of.ends_on):
        raise DaysOutsideLine(of.starts_on, of.ends_on, "servedFrom")
    line = billed.line
    derived = prorated(
        full_cents=line.unit_cents,
        price_version=standing.reference(billed.invoice, line),
        served=served,
        of=of,
        quantity=line.quantity,
    )
    unserved = _without(days, served)
    return Right((Part(line.label, derived, served),), unserved[0] if len(unserved) == 1 else days, unserved)


def of_offer(billed: BilledLine, offer_id: int) -> Right:
    """The line at the price of another offer of its days. Raises LineNotCorrectable, NotFound."""
    item = item_of_offer(billed, offer_id)
    days = billed.days
    if days is None:
        return Right((_once(billed, item, billed.invoice.issued_on),))
    return Right(charged(billed, item, days, billed.period(days.starts_on)), days)


def of_contract(billed: BilledLine) -> Right:
    """The line as the contract, its promotions and its prices say today. Raises LineNotCorrectable."""
    item = billed.item()
    if item is None:
        raise LineNotCorrectable("The line is about no item of the contract")
    dated = replace(billed.contract.billed(item), suspensions=billed.suspended)
    days = billed.days
    if days is None:
        return Right((_once(billed, dated, item.starts_on),))
    served = _served(billed, item, days)
    parts = charged(billed, dated, served, billed.period(days.starts_on)) if served else ()
    unserved = _without(days, served) if served else (days,)
    return Right(parts or (Part(billed.line.label, total_of([])),), days, unserved)


def charged(billed: BilledLine, item: BilledItem, served: Period, of: Period) -> tuple[Part, ...]:
    """The lines of an item at the VAT rate of the issued one, and of its component where several have that rate."""
    _require_ttc(billed, item)
    try:
        lines = [line for line in charge_lines(item, served, of) if line.rate == billed.line.vat_rate]
    except NoPriceInForce as missing:
        raise LineNotCorrectable(f"No price of {missing.key} is known on {missing.day}") from missing
    same = [line for line in lines if line.label == billed.line.label]
    return tuple(Part(line.label, line.derived, line.period) for line in same or lines)


def _once(billed: BilledLine, item: BilledItem, on: date) -> Part:
    """What is paid once, at the price of its day."""
    _require_ttc(billed, item)
    price = _price(item, on)
    cents = sum(component.cents for component in price.components if component.rate == billed.line.vat_rate)
    derived = one_time(fee_cents=cents, price_version=price.reference, quantity=item.quantity)
    return Part(billed.line.label, derived)


def _price(item: BilledItem, on: date) -> DatedPrice:
    try:
        return item.price_on(on)
    except NoPriceInForce as missing:
        raise LineNotCorrectable(f"No price of {missing.key} is known on {missing.day}") from missing


def item_of_offer(billed: BilledLine, offer_id: int, *, on: date | None = None) -> BilledItem:
    """The offer as the contract has it on the day, with its promotions, or else as the price list has it."""
    agreement = billed.contract
    if offer_id not in agreement.offers:
        raise NotFound("There is no such offer.", field="offerId")
    agreed = [item for item in agreement.items if on and item.offer_id == offer_id and agreements.is_in_force(item, on)]
    if agreed:
        return agreement.billed(agreed[-1])
    quantity = billed.line.quantity
    return agreements.billed_item(agreement.offers[offer_id], agreement.prices[offer_id], quantity=quantity)


def _served(billed: BilledLine, item: ContractItem, days: Period) -> Period | None:
    contract = billed.contract.contract
    starts_on = max(days.starts_on, item.starts_on, contract.starts_on)
    ends = [day for day in (days.ends_on, item.ends_on, contract.ends_on) if day]
    return Period(starts_on, min(ends)) if starts_on < min(ends) else None


def _without(days: Period, served: Period) -> tuple[Period, ...]:
    """The days of the line that were not served."""
    before = Period(days.starts_on, min(max(served.starts_on, days.starts_on), days.ends_on))
    after = Period(max(min(served.ends_on, days.ends_on), days.starts_on), days.ends_on)
    return tuple(part for part in (before, after) if part.days)


def _require_days(billed: BilledLine) -> Period:
    if billed.days is None:
        raise LineNotCorrectable("The line is about no days", "servedFrom")
    return billed.days


def _require_ttc(billed: BilledLine, item: BilledItem) -> None:
    rows = {reference: row for price in billed.contract.prices.values() for reference, row in price.rows.items()}
    if any(rows[price.reference].basis is PriceBasis.HT for price in item.prices):
        raise LineNotCorrectable("The price is set before tax")
