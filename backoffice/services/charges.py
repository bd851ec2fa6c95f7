"""What a contract owes by a day: items in advance, rolling options by their own months, fees and deposits once.

Nothing is read or written here: charges follow from facts and prices, and with them how far each contract and each item
is billed. `docs/decisions/0016-billing-runs.md` tells which days are charged when.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from backoffice.billing.periods import Period, billing_period
from backoffice.models import Language, LineKind, OfferKind
from backoffice.services.billing_facts import ContractFacts, ItemFacts, WaitingCharge
from backoffice.services.tariffs import Priced, Tariff

_KINDS = {
    OfferKind.OFFER: LineKind.SUBSCRIPTION,
    OfferKind.OPTION: LineKind.OPTION,
    OfferKind.FEE: LineKind.FEE,
    OfferKind.DEPOSIT: LineKind.DEPOSIT,
}
_PAID_ONCE = frozenset({OfferKind.FEE, OfferKind.DEPOSIT})
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Charge:
    """A line to be billed; `waiting` is the charge that waited for it."""

    kind: LineKind
    priced: Priced
    contract_id: int | None
    contract_item_id: int | None
    offer_id: int | None
    waiting: WaitingCharge | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a contract or an item will be billed, and how far it was when its charges were worked out."""

    id: int
    seen: date | None
    until: date


@dataclass(slots=True)
class Charges:
    """The charges of a day, and what they leave behind."""

    lines: list[Charge] = field(default_factory=list)
    contracts: list[Mark] = field(default_factory=list)
    items: list[Mark] = field(default_factory=list)
    cycles: list[Period] = field(default_factory=list)
    """The days of the contracts' periods that have begun: with one of them an invoice is due."""
    waiting_since: list[date] = field(default_factory=list)
    """Since when other charges are due, which alone would wait for the next period."""

    def add(self, other: "Charges") -> None:
        """Take in the charges of another contract."""
        self.lines += other.lines
        self.contracts += other.contracts
        self.items += other.items
        self.cycles += other.cycles
        self.waiting_since += other.waiting_since


def of_contract(contract: ContractFacts, language: Language, tariff: Tariff, *, on: date) -> Charges:
    """What the contract owes by the day `on`. Raises NoPriceInForce, and then nothing of it can be billed."""
    made = Charges()
    until = _billed_until(contract, on)
    if until is not None:
        made.contracts.append(Mark(contract.id, contract.billed_until, until))
        made.cycles.append(Period(contract.billed_until or contract.starts_on, until))
    for item in contract.items:
        if item.kind in _PAID_ONCE:
            _add_once(made, contract, item, language, tariff, on)
        elif has_own_months(item, contract, tariff):
            _add_months(made, contract, item, language, tariff, before=on + _ONE_DAY)
        elif until is not None:
            _add_months(made, contract, item, language, tariff, before=until)
    return made


def next_period_on(contract: ContractFacts, billed_until: date | None) -> date | None:
    """The first day that is not billed; None when no further one is charged, or none while the services are cut."""
    starts_on = billed_until or contract.starts_on
    limit_on = contract.limit_on
    return starts_on if limit_on is None or starts_on < limit_on else None


def due_days(contract: ContractFacts, tariff: Tariff) -> Iterator[date]:
    """The days on which something of the contract becomes due that is not billed yet."""
    next_on = next_period_on(contract, contract.billed_until)
    if next_on is not None:
        yield next_on
    for item in contract.items:
        if item.kind in _PAID_ONCE or has_own_months(item, contract, tariff):
            yield billed_from(item, contract)


def billed_from(item: ItemFacts, contract: ContractFacts) -> date:
    """The first day of an item that is not billed.

    What begins within a period that was billed already is charged by whoever puts it there, unless the item itself says
    how far it is billed.
    """
    if item.billed_until is not None:
        return max(item.starts_on, item.billed_until)
    if item.anchor_on is not None or contract.billed_until is None:
        return item.starts_on
    return max(item.starts_on, contract.billed_until)


def has_own_months(item: ItemFacts, contract: ContractFacts, tariff: Tariff) -> bool:
    """Whether an item is billed by its own months: a rolling option, or a price for other months than the contract's."""
    return item.anchor_on is not None or _months(item, contract, tariff) != contract.period_months


def _billed_until(contract: ContractFacts, on: date) -> date | None:
    """The end of the last period that has begun and is not billed, as far as it is charged."""
    until: date | None = None
    starts_on = next_period_on(contract, contract.billed_until)
    while starts_on is not None and starts_on <= on:
        of = billing_period(anchor_on=contract.anchor_on, months=contract.period_months, on=starts_on)
        until = min(of.ends_on, contract.limit_on or of.ends_on)
        starts_on = next_period_on(contract, until)
    return until


def _months(item: ItemFacts, contract: ContractFacts, tariff: Tariff) -> int:
    listed = tariff.prices.offers[item.offer_id]
    # Without a price there are no months either; that it is missing is found when the days are charged.
    return listed.months_on(billed_from(item, contract)) or contract.period_months


def _add_months(
    made: Charges, contract: ContractFacts, item: ItemFacts, language: Language, tariff: Tariff, *, before: date
) -> None:
    until: date | None = None
    for served, of in _periods(contract, item, _months(item, contract, tariff), before=before):
        for priced in tariff.lines(item, language, served, of):
            made.lines.append(_charge(contract, item, priced))
        until = served.ends_on
    if until is None:
        return
    has_own = has_own_months(item, contract, tariff)
    if has_own:
        made.waiting_since.append(billed_from(item, contract))
    if has_own or item.billed_until is not None:
        made.items.append(Mark(item.id, item.billed_until, until))


def _periods(contract: ContractFacts, item: ItemFacts, months: int, *, before: date) -> Iterator[tuple[Period, Period]]:
    """The days to charge of each period of an item that begins before a day, with the whole period."""
    starts_on = billed_from(item, contract)
    limit_on = min(filter(None, (item.ends_on, contract.limit_on)), default=date.max)
    while starts_on < min(before, limit_on):
        of = billing_period(anchor_on=item.anchor_on or contract.anchor_on, months=months, on=starts_on)
        served = Period(starts_on, min(of.ends_on, limit_on))
        yield served, of
        starts_on = served.ends_on


def _add_once(
    made: Charges, contract: ContractFacts, item: ItemFacts, language: Language, tariff: Tariff, on: date
) -> None:
    """A fee or a deposit on its first day, unless that day lies in what was billed already."""
    limit_on = contract.limit_on or date.max
    if item.starts_on > on or item.starts_on >= limit_on or billed_from(item, contract) > item.starts_on:
        return
    made.lines += [_charge(contract, item, priced) for priced in tariff.once(item, language)]
    made.waiting_since.append(item.starts_on)
    made.items.append(Mark(item.id, item.billed_until, item.starts_on + _ONE_DAY))


def _charge(contract: ContractFacts, item: ItemFacts, priced: Priced) -> Charge:
    return Charge(_KINDS[item.kind], priced, contract.id, item.id, item.offer_id)
