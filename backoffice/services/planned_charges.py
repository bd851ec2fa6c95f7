"""What a change of a contract leaves to be billed or given back: charges for the days ahead, credits of what was charged.

They wait as extra charges for the next invoice. A credit reads the line that was charged, issued or waiting, and never
today's catalogue, so that several changes within one period chain on what stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.changes import CHANGE
from backoffice.billing.corrections import credit_days
from backoffice.billing.derivation import Derived, Draft
from backoffice.billing.items import BilledItem, NoPriceInForce
from backoffice.billing.periods import Period, billing_period
from backoffice.billing.segments import ChargedLine, charge_lines
from backoffice.billing.steps import Operator
from backoffice.errors import BackofficeError
from backoffice.models import (
    Contract,
    ContractItem,
    ExtraCharge,
    Invoice,
    InvoiceLine,
    InvoiceState,
    LineKind,
)
from backoffice.services import amounts, credit_notes, given_back
from backoffice.services.agreements import Price


class PriceMissing(BackofficeError):
    """A day that should be charged has no price in the catalogue."""

    code = "PRICE_MISSING"

    def __init__(self, article: str, day: date) -> None:
        super().__init__(
            f"{article} has no price on {day}: have the price added to the catalogue first, or choose a day."
        )
        self.day = day


@dataclass(frozen=True, slots=True)
class PlannedCharge:
    """A line for the next invoice; `cents` below zero give back. `item_id` None: the item that the change begins."""

    item_id: int | None
    offer_id: int | None
    price_version_id: int | None
    kind: LineKind
    label: str
    period: Period | None
    unit_cents: int
    vat_rate: Decimal | None
    derived: Derived

    @property
    def cents(self) -> int:
        """The amount, TTC."""
        return self.derived.cents

    def columns(self) -> dict[str, Any]:
        """What a charge that waits says of it, whether it is written or only foretold."""
        return {
            "offer_id": self.offer_id,
            "price_version_id": self.price_version_id,
            "kind": self.kind,
            "label": self.label,
            "starts_on": self.period.starts_on if self.period else None,
            "ends_on": self.period.ends_on if self.period else None,
            "unit_cents": self.unit_cents,
            "vat_rate": self.vat_rate,
            "ttc_cents": self.cents,
            "derivation": self.derived.to_json(),
        }

    def fact(self) -> dict[str, Any]:
        """The line as plain values, with the sentences that explain it."""
        return {
            "label": self.label,
            "starts_on": self.period.starts_on.isoformat() if self.period else None,
            "ends_on": self.period.ends_on.isoformat() if self.period else None,
            "vat_rate": None if self.vat_rate is None else amounts.rate_text(self.vat_rate),
            "cents": self.cents,
            "derivation": self.derived.to_json(),
            "explanation": {locale: self.derived.explain(locale) for locale in ("fr", "en")},
        }


@dataclass(frozen=True, slots=True)
class Charged:
    """What was charged of an item for some days: an issued line, or a charge that waits for its invoice."""

    row: InvoiceLine | ExtraCharge
    reference: str
    period: Period
    credited_cents: int = 0
    invoice: Invoice | None = None

    @property
    def standing_cents(self) -> int:
        """What was not taken back of it."""
        return self.row.ttc_cents - self.credited_cents

    def days(self, from_on: date, until: date | None = None) -> Period | None:
        """The charged days from `from_on` on, before `until`."""
        starts_on = max(from_on, self.period.starts_on)
        ends_on = min(until, self.period.ends_on) if until else self.period.ends_on
        return Period(starts_on, ends_on) if starts_on < ends_on else None


async def charged(session: AsyncSession, item: ContractItem, *, from_on: date) -> list[Charged]:
    """What was charged of an item for the day `from_on` or later ones, the earliest first."""
    return [*await issued(session, item, from_on=from_on), *await waiting(session, item, from_on=from_on)]


async def issued(session: AsyncSession, item: ContractItem, *, from_on: date) -> list[Charged]:
    """The issued lines of an item for the day `from_on` or later ones."""
    line = InvoiceLine
    found = await session.execute(
        select(line, Invoice)
        .join(Invoice, and_(Invoice.subscriber_id == line.subscriber_id, Invoice.id == line.invoice_id))
        .where(line.subscriber_id == item.subscriber_id, line.contract_item_id == item.id)
        .where(line.ttc_cents > 0, line.ends_on > from_on, Invoice.state != InvoiceState.DRAFT)
        .order_by(line.starts_on, line.id)
        .execution_options(populate_existing=True)
    )
    rows = [(row, invoice) for row, invoice in found]
    changed = await given_back.read(session, [row for row, _ in rows])
    return [
        Charged(row, f"{invoice.number}, ligne {row.position + 1}", period, _credited(row, changed), invoice)
        for row, invoice in rows
        if (period := _period(row)) is not None
    ]


async def waiting(session: AsyncSession, item: ContractItem, *, from_on: date) -> list[Charged]:
    """The charges of an item that wait for an invoice, for the day `from_on` or later ones."""
    row = ExtraCharge
    found = await session.execute(
        select(row)
        .where(row.subscriber_id == item.subscriber_id, row.contract_item_id == item.id)
        .where(row.ttc_cents > 0, row.ends_on > from_on, row.cancelled_at.is_(None), row.invoice_line_id.is_(None))
        .order_by(row.starts_on, row.id)
        .execution_options(populate_existing=True)
    )
    rows = list(found.scalars())
    changed = await given_back.read(session, rows)
    return [
        Charged(each, f"{each.label}, {each.starts_on}", period, given_back.cents(changed.get(each.id, ())))
        for each in rows
        if (period := _period(each)) is not None
    ]


async def credit(
    session: AsyncSession, standing: Charged, *, from_on: date, until: date | None = None
) -> PlannedCharge | None:
    """Give back the days of a charged line from `from_on` on, on the next invoice; none when nothing of them stands."""
    row, unused = standing.row, standing.days(from_on, until)
    if unused is None:
        return None
    draft = Draft()
    derived = draft.include(await unused_days(session, standing, unused))
    draft.combine(Operator.NEGATION, derived, rule=CHANGE)
    made = draft.finish()
    if not made.cents:
        return None
    return PlannedCharge(
        item_id=row.contract_item_id,
        offer_id=row.offer_id,
        price_version_id=row.price_version_id,
        kind=LineKind.PRORATION,
        label=f"Avoir au prorata – {row.label.removeprefix('Prorata – ')}"[:200],
        period=unused,
        unit_cents=row.unit_cents,
        vat_rate=row.vat_rate,
        derived=made,
    )


async def unused_days(session: AsyncSession, standing: Charged, unused: Period) -> Derived:
    """The credit of some days of a charged line: at most what stands, and not what was credited of these very days."""
    row = standing.row
    same_cents = await _same_days(session, row, unused)
    return credit_days(
        line_cents=row.ttc_cents,
        line=standing.reference,
        unused=unused,
        of=standing.period,
        already_credited_cents=standing.credited_cents,
        same_days_credited_cents=same_cents,
    )


async def _same_days(session: AsyncSession, row: InvoiceLine | ExtraCharge, unused: Period) -> int:
    """What credits took of these days already, in cents."""
    changed = (await given_back.read(session, [row])).get(row.id, ())
    if isinstance(row, InvoiceLine):
        return await credit_notes.same_days(session, row, unused, changed=changed)
    return given_back.share_of_days(changed, unused)


def charge(
    billed: BilledItem, price: Price, contract: Contract, served: Period, *, offer_id: int, item_id: int | None = None
) -> list[PlannedCharge]:
    """Charge the days `served`, billing period by billing period, as the bill would have. Raises PriceMissing."""
    return [
        PlannedCharge(
            item_id=item_id,
            offer_id=offer_id,
            price_version_id=price.rows[line.price_reference].id,
            kind=LineKind.PRORATION,
            label=f"Prorata – {line.label}"[:200],
            period=line.period,
            unit_cents=line.unit_cents,
            vat_rate=line.rate,
            derived=line.derived,
        )
        for of in periods(contract, served)
        for line in _lines(billed, served, of)
    ]


def periods(contract: Contract, days: Period) -> Sequence[Period]:
    """The billing periods of a contract that have some of these days."""
    found, on = [], days.starts_on
    while on < days.ends_on:
        period = billing_period(anchor_on=contract.anchor_on, months=contract.period_months, on=on)
        found.append(period)
        on = period.ends_on
    return found


def unbilled_from(contract: Contract) -> date:
    """The first day that no run has billed yet."""
    return contract.billed_until or contract.starts_on


def _lines(billed: BilledItem, served: Period, of: Period) -> tuple[ChargedLine, ...]:
    try:
        return charge_lines(billed, served, of)
    except NoPriceInForce as missing:
        raise PriceMissing(missing.key, missing.day) from missing


def _credited(row: InvoiceLine, changed: Mapping[int, Sequence[ExtraCharge]]) -> int:
    """What credit notes and changes took back of a line, in cents."""
    return row.credited_ttc_cents + given_back.cents(changed.get(row.id, ()))


def _period(row: InvoiceLine | ExtraCharge) -> Period | None:
    return Period(row.starts_on, row.ends_on) if row.starts_on and row.ends_on else None
