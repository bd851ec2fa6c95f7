"""The next invoice of an account, worked out from its facts: which lines, which VAT, when it is due. Nothing is written.

The billing run issues what is planned here and `upcomingInvoice` shows it: the same plan, so the same figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from backoffice.billing import lines, vat
from backoffice.billing.derivation import Derived
from backoffice.billing.encoding import JsonObject
from backoffice.billing.items import NoPriceInForce
from backoffice.billing.periods import Period, add_months
from backoffice.billing.vat import Basis, VatSplit
from backoffice.models import RunType
from backoffice.policy import Policy
from backoffice.services import charges
from backoffice.services.billing_facts import AccountFacts, ContractFacts, WaitingCharge
from backoffice.services.charges import Charge, Charges, Mark
from backoffice.services.tariffs import Priced, Tariff


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A charge with its HT and VAT within the document, and the derivation of its TTC."""

    subscriber_id: int
    charge: Charge
    split: VatSplit
    derivation: JsonObject


@dataclass(frozen=True, slots=True)
class InvoicePlan:
    """An invoice that would be issued; `carried` are credits that it has no room for, which wait for the next one."""

    subscriber_id: int
    account_id: int
    run_type: RunType
    issued_on: date
    due_on: date
    days: Period
    lines: tuple[BilledLine, ...]
    contracts: tuple[Mark, ...]
    items: tuple[Mark, ...]
    carried: tuple[WaitingCharge, ...] = ()

    @property
    def total(self) -> VatSplit:
        """The sum of its lines, never below zero."""
        return vat.total(line.split for line in self.lines)


@dataclass(frozen=True, slots=True)
class Unbillable:
    """A contract that cannot be billed as it is; the code is for programs, the message says what to do next."""

    subscriber_id: int
    contract: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What a day brings to an account: an invoice or none, and what could not be billed."""

    invoice: InvoicePlan | None
    unbillable: tuple[Unbillable, ...] = ()


def plan(account: AccountFacts, tariff: Tariff, *, on: date, policy: Policy) -> Planned:
    """The invoice of the account on a day. An account without a period that begins waits for one, if one comes soon."""
    due, failed = _contracts(account, tariff, on)
    waiting = [each for each in account.waiting if each.billable_from <= on]
    if not due.cycles and not _is_off_cycle(account, due, waiting):
        return Planned(None, failed)
    taken, carried = _within(account.subscriber_id, due.lines, waiting)
    if not taken:
        return Planned(None, failed)
    invoice = InvoicePlan(
        subscriber_id=account.subscriber_id,
        account_id=account.id,
        run_type=RunType.ON_CYCLE if due.cycles else RunType.OFF_CYCLE,
        issued_on=on,
        due_on=due_on(on, debit_day=account.debit_day, policy=policy),
        days=_days(due, taken, on),
        lines=taken,
        contracts=tuple(due.contracts),
        items=tuple(due.items),
        carried=carried,
    )
    return Planned(invoice, failed)


def due_on(issued_on: date, *, debit_day: int, policy: Policy) -> date:
    """The first debit day that leaves the subscriber the days of the policy."""
    earliest = issued_on + timedelta(days=policy.payment_days)
    this_month = earliest.replace(day=debit_day)
    return this_month if this_month >= earliest else add_months(this_month, 1)


def _contracts(account: AccountFacts, tariff: Tariff, on: date) -> tuple[Charges, tuple[Unbillable, ...]]:
    """The charges of every contract that can be billed."""
    due, failed = Charges(), []
    for contract in account.contracts:
        try:
            due.add(charges.of_contract(contract, account.language, tariff, on=on))
        except NoPriceInForce as missing:
            failed.append(Unbillable(account.subscriber_id, contract.number, "PRICE_MISSING", str(missing)))
    return due, tuple(failed)


def _is_off_cycle(account: AccountFacts, due: Charges, waiting: Sequence[WaitingCharge]) -> bool:
    """Whether what is due is billed on its own: no period of a contract begins within a month of it."""
    since = [*due.waiting_since, *(each.billable_from for each in waiting)]
    if not since:
        return False
    coming = filter(None, (_next_on(contract, due) for contract in account.contracts))
    next_on = min(coming, default=date.max)
    return next_on > add_months(min(since), 1)


def _next_on(contract: ContractFacts, due: Charges) -> date | None:
    marked = next((mark.until for mark in due.contracts if mark.id == contract.id), contract.billed_until)
    return charges.next_period_on(contract, marked)


def _within(
    subscriber_id: int, charged: Sequence[Charge], waiting: Sequence[WaitingCharge]
) -> tuple[tuple[BilledLine, ...], tuple[WaitingCharge, ...]]:
    """The lines with their VAT. Credits that would bring the total below zero are carried, the newest first."""
    left, carried = [_of_waiting(each) for each in waiting], []
    taken = _taxed(subscriber_id, [*charged, *left])
    while vat.total(line.split for line in taken).ttc_cents < 0:
        newest = max(place for place, charge in enumerate(left) if charge.priced.cents < 0)
        carried.append(left.pop(newest).waiting)
        taken = _taxed(subscriber_id, [*charged, *left])
    return taken, tuple(each for each in reversed(carried) if each)


def _of_waiting(waiting: WaitingCharge) -> Charge:
    days = Period(waiting.starts_on, waiting.ends_on) if waiting.starts_on and waiting.ends_on else None
    priced = Priced(
        label=waiting.label,
        price_version_id=waiting.price_version_id,
        days=days,
        quantity=1,
        unit_cents=waiting.unit_cents,
        rate=waiting.vat_rate,
        cents=waiting.ttc_cents,
        basis=Basis.TTC,
        derivation=waiting.derivation,
    )
    return Charge(waiting.kind, priced, waiting.contract_id, waiting.contract_item_id, waiting.offer_id, waiting)


def _taxed(subscriber_id: int, charged: Sequence[Charge]) -> tuple[BilledLine, ...]:
    """Each charge with its VAT: once a rate for what is priced with VAT, once for what is priced before it."""
    splits: dict[int, VatSplit] = {
        place: VatSplit(charge.priced.cents, 0) for place, charge in enumerate(charged) if charge.priced.rate is None
    }
    for basis in Basis:
        places = [
            place
            for place, charge in enumerate(charged)
            if charge.priced.basis is basis and charge.priced.rate is not None
        ]
        amounts = tuple((charged[place].priced.cents, charged[place].priced.rate) for place in places)
        splits.update(zip(places, _document(amounts, basis), strict=True))
    return tuple(_billed(subscriber_id, charge, splits[place]) for place, charge in enumerate(charged))


# Thousands of invoices have the same amounts.
@lru_cache(maxsize=20_000)
def _document(amounts: tuple[tuple[int, Decimal], ...], basis: Basis) -> tuple[VatSplit, ...]:
    return vat.document(amounts, basis=basis).lines


def _billed(subscriber_id: int, charge: Charge, split: VatSplit) -> BilledLine:
    priced = charge.priced
    if priced.basis is Basis.TTC or priced.rate is None:
        return BilledLine(subscriber_id, charge, split, priced.derivation)
    percent = f"{(priced.rate * 100).normalize():f} %"
    derived = lines.with_vat(Derived.from_json(priced.derivation), vat_cents=split.vat_cents, reference=percent)
    return BilledLine(subscriber_id, charge, split, derived.to_json())


def _days(due: Charges, taken: Sequence[BilledLine], on: date) -> Period:
    """The days that the invoice is about: its periods, or else what its lines are about, or the day itself."""
    days = due.cycles or [line.charge.priced.days for line in taken if line.charge.priced.days]
    if not days:
        return Period(on, on + timedelta(days=1))
    return Period(min(each.starts_on for each in days), max(each.ends_on for each in days))
