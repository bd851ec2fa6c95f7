"""The bill of one period of a contract, replayed from its history and compared with what was billed.

Segments of dated facts give the lines (`docs/decisions/0011-bills-by-segments.md`); what was issued is a chain of lines and
stands where the two differ by cents of rounding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.derivation import Derived
from backoffice.billing.items import BilledItem, NoPriceInForce
from backoffice.billing.lines import one_time
from backoffice.billing.periods import Period, billing_period
from backoffice.billing.segments import charge_lines
from backoffice.errors import BackofficeError
from backoffice.models import InvoiceLine, LineKind, OfferKind, PriceBasis
from backoffice.services import agreements, as_if, contract_histories
from backoffice.services.agreements import Agreement
from backoffice.services.as_if import AsIf
from backoffice.services.contract_histories import History, Item

_KINDS = {
    OfferKind.OFFER: LineKind.SUBSCRIPTION,
    OfferKind.OPTION: LineKind.OPTION,
    OfferKind.FEE: LineKind.FEE,
    OfferKind.DEPOSIT: LineKind.DEPOSIT,
}


class NotOursToBill(BackofficeError):
    """A partner bills the contract; what the partner should have billed is not on our price list."""

    code = "PARTNER_BILLS"

    def __init__(self) -> None:
        super().__init__("A partner bills this contract: ask the partner for the bill.", field="contractId")


class NotOnInvoice(BackofficeError):
    """The invoice bills nothing of the contract."""

    code = "NOT_ON_INVOICE"

    def __init__(self) -> None:
        super().__init__(
            "This invoice bills nothing of the contract: give another one, or a day of the period ('on').",
            field="invoiceId",
        )


class PriceMissing(BackofficeError):
    """An item was served on a day for which no price is known."""

    code = "PRICE_MISSING"

    def __init__(self, missing: NoPriceInForce) -> None:
        super().__init__(str(missing), field="contractId")
        self.day = missing.day


@dataclass(frozen=True, slots=True)
class ReplayedLine:
    """A line that the history gives, in cents of its basis; `days` are None for what is paid once."""

    subscriber_id: int
    item: Item
    kind: LineKind
    label: str
    days: Period | None
    quantity: int
    unit_cents: int
    rate: Decimal | None
    basis: PriceBasis
    derived: Derived


@dataclass(frozen=True, slots=True)
class Replayed:
    """The lines of a period, and those had the services never been cut."""

    period: Period
    lines: tuple[ReplayedLine, ...]
    throughout: tuple[ReplayedLine, ...]


async def replay(
    session: AsyncSession,
    agreement: Agreement,
    *,
    on: date,
    known_at: datetime | None = None,
    changes: Sequence[AsIf] = (),
) -> Replayed:
    """Bill the period with the day `on` from the history known at `known_at`, as if these changes had been made.

    Raises NotOursToBill, PriceMissing, BadInput and NotFound.
    """
    if not agreement.is_ours_to_bill:
        raise NotOursToBill
    history = await contract_histories.read(session, agreement, known_at=known_at)
    supposed = as_if.suppose(history, agreement, changes)
    period = agreement.period_on(on)
    try:
        return Replayed(
            period,
            tuple(_lines(agreement, supposed, period)),
            tuple(_lines(agreement, replace(supposed, suspensions=()), period)),
        )
    except NoPriceInForce as missing:
        raise PriceMissing(missing) from missing


async def billed_on(session: AsyncSession, agreement: Agreement, invoice_id: int) -> date:
    """A day of the latest period of the contract that an invoice bills in advance. Raises NotOnInvoice."""
    line, contract = InvoiceLine, agreement.contract
    found = await session.execute(
        select(func.max(line.starts_on)).where(
            line.subscriber_id == contract.subscriber_id,
            line.contract_id == contract.id,
            line.invoice_id == invoice_id,
            line.kind == LineKind.SUBSCRIPTION,
        )
    )
    latest_on = found.scalar_one()
    if latest_on is None:
        raise NotOnInvoice
    return latest_on


def _lines(agreement: Agreement, history: History, period: Period) -> Iterator[ReplayedLine]:
    for item in history.items:
        billed = _billed(agreement, item, history)
        if item.kind in agreements.RECURRING:
            for served, of in _cycles(agreement, history, item, period):
                yield from _charged(agreement, item, billed, served, of)
        elif period.contains(item.starts_on):
            yield from _once(agreement, item, billed)


def _billed(agreement: Agreement, item: Item, history: History) -> BilledItem:
    offer, price = agreement.offers[item.offer_id], agreement.prices[item.offer_id]
    billed = agreements.billed_item(offer, price, agreed_cents=item.agreed_cents, quantity=item.quantity)
    return replace(billed, promotions=item.promotions, suspensions=history.suspensions)


def _cycles(agreement: Agreement, history: History, item: Item, period: Period) -> Iterator[tuple[Period, Period]]:
    """The days of an item whose charging begins in the period, with the whole of their cycle: the contract's, or its own."""
    contract = agreement.contract
    first_on, until = _served(agreement, history, item)
    on = max(first_on, period.starts_on)
    while on < min(period.ends_on, until):
        version = agreement.prices[item.offer_id].on(on)
        months = version.months if version and version.months else contract.period_months
        of = billing_period(anchor_on=item.anchor_on or contract.anchor_on, months=months, on=on)
        begins_on = max(of.starts_on, first_on)
        if begins_on >= period.starts_on:
            yield Period(begins_on, min(of.ends_on, until)), of
        on = of.ends_on


def _served(agreement: Agreement, history: History, item: Item) -> tuple[date, date]:
    days = item.served or Period(date.min, date.max)
    ends = filter(None, (item.ends_on, history.ends_on, days.ends_on))
    return max(item.starts_on, agreement.contract.starts_on, days.starts_on), min(ends)


def _charged(
    agreement: Agreement, item: Item, billed: BilledItem, served: Period, of: Period
) -> Iterator[ReplayedLine]:
    rows = agreement.prices[item.offer_id].rows
    for line in charge_lines(billed, served, of):
        yield ReplayedLine(
            subscriber_id=agreement.contract.subscriber_id,
            item=item,
            kind=_KINDS[item.kind],
            label=line.label,
            days=line.period,
            quantity=line.quantity,
            unit_cents=line.unit_cents,
            rate=line.rate,
            basis=rows[line.price_reference].basis,
            derived=line.derived,
        )


def _once(agreement: Agreement, item: Item, billed: BilledItem) -> Iterator[ReplayedLine]:
    """A fee or a deposit, at the price of its day."""
    price = billed.price_on(item.starts_on)
    for part in price.components:
        yield ReplayedLine(
            subscriber_id=agreement.contract.subscriber_id,
            item=item,
            kind=_KINDS[item.kind],
            label=part.label,
            days=None,
            quantity=item.quantity,
            unit_cents=part.cents,
            rate=part.rate,
            basis=agreement.prices[item.offer_id].rows[price.reference].basis,
            derived=one_time(fee_cents=part.cents, price_version=price.reference, quantity=item.quantity),
        )
