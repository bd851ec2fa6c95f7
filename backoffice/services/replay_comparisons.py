"""A replayed bill against what was billed of the same days, item by item and VAT rate by VAT rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing import verdicts
from backoffice.billing.periods import civil_day
from backoffice.billing.verdicts import Billed, Verdict
from backoffice.models import (
    Contract,
    ExtraCharge,
    Invoice,
    InvoiceLine,
    InvoiceState,
    PriceBasis,
)
from backoffice.services.bill_replays import Replayed, ReplayedLine

Place = tuple[int | None, Decimal | None]
"""An item, by its id, and a VAT rate; an item that is only supposed goes by its offer, below zero."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was billed of an item at one rate and what the replay gives, in cents of the price's basis."""

    label: str
    rate: Decimal | None
    basis: PriceBasis
    issued: tuple[InvoiceLine, ...]
    waiting: tuple[ExtraCharge, ...]
    replayed: tuple[ReplayedLine, ...]
    throughout_cents: int

    @property
    def issued_cents(self) -> int:
        """What issued lines bill of it."""
        return sum(line.ht_cents if self.basis is PriceBasis.HT else line.ttc_cents for line in self.issued)

    @property
    def waiting_cents(self) -> int:
        """What the next invoice will bill of it."""
        return sum(charge.ttc_cents for charge in self.waiting)

    @property
    def credited_cents(self) -> int:
        """What credit notes took back."""
        of_basis = self.basis is PriceBasis.HT
        return sum(line.credited_ht_cents if of_basis else line.credited_ttc_cents for line in self.issued)

    @property
    def billed_cents(self) -> int:
        """What issued lines and waiting charges bill together."""
        return self.issued_cents + self.waiting_cents

    @property
    def replayed_cents(self) -> int:
        """What the history gives."""
        return sum(line.derived.cents for line in self.replayed)

    @property
    def difference_cents(self) -> int:
        """What was billed more than the history gives; below zero: less."""
        return self.billed_cents - self.replayed_cents

    @property
    def verdict(self) -> Verdict:
        """How the two compare."""
        billed = Billed(self.billed_cents, len(self.issued) + len(self.waiting), self.credited_cents)
        return verdicts.judge(
            billed, self.replayed_cents, parts=len(self.replayed), served_throughout_cents=self.throughout_cents
        )


async def compare(
    session: AsyncSession, contract: Contract, replayed: Replayed, *, known_at: datetime | None = None
) -> list[Comparison]:
    """Each item of the replay, or of what was billed of its days by an instant, in the order of the lines."""
    issued = await _issued(session, contract, replayed, known_at)
    waiting = await _waiting(session, contract, replayed, known_at)
    places = dict.fromkeys((*map(_place, replayed.lines), *map(_place_of, issued), *map(_place_of, waiting)))
    return [_compared(place, replayed, issued, waiting) for place in places]


def _compared(
    place: Place, replayed: Replayed, issued: Sequence[InvoiceLine], waiting: Sequence[ExtraCharge]
) -> Comparison:
    lines = tuple(line for line in replayed.lines if _place(line) == place)
    rows = tuple(row for row in issued if _place_of(row) == place)
    charges = tuple(row for row in waiting if _place_of(row) == place)
    throughout = [line for line in replayed.throughout if _place(line) == place]
    labels = [line.label for line in lines] or [row.label for row in rows] or [charge.label for charge in charges]
    return Comparison(
        label=" + ".join(dict.fromkeys(labels)),
        rate=place[1],
        basis=next((line.basis for line in (*lines, *throughout)), PriceBasis.TTC),
        issued=rows,
        waiting=charges,
        replayed=lines,
        throughout_cents=sum(line.derived.cents for line in throughout),
    )


def _place(line: ReplayedLine) -> Place:
    return line.item.id or -line.item.offer_id, line.rate


def _place_of(row: InvoiceLine | ExtraCharge) -> Place:
    return row.contract_item_id, row.vat_rate


async def _issued(
    session: AsyncSession, contract: Contract, replayed: Replayed, known_at: datetime | None
) -> list[InvoiceLine]:
    row = InvoiceLine
    wanted = (
        select(row)
        .join(Invoice, and_(Invoice.subscriber_id == row.subscriber_id, Invoice.id == row.invoice_id))
        .where(*_of_period(row, contract, replayed), Invoice.state != InvoiceState.DRAFT)
        .order_by(row.starts_on, row.id)
    )
    if known_at is not None:
        wanted = wanted.where(Invoice.issued_on <= civil_day(known_at))
    return list((await session.execute(wanted)).scalars())


async def _waiting(
    session: AsyncSession, contract: Contract, replayed: Replayed, known_at: datetime | None
) -> list[ExtraCharge]:
    """The charges that wait for an invoice, or waited for one at the instant."""
    row, line = ExtraCharge, InvoiceLine
    wanted = select(row).where(*_of_period(row, contract, replayed)).order_by(row.starts_on, row.id)
    if known_at is None:
        wanted = wanted.where(row.cancelled_at.is_(None), row.invoice_line_id.is_(None))
    else:
        wanted = (
            wanted.outerjoin(line, and_(line.subscriber_id == row.subscriber_id, line.id == row.invoice_line_id))
            .outerjoin(Invoice, and_(Invoice.subscriber_id == line.subscriber_id, Invoice.id == line.invoice_id))
            .where(row.created_at <= known_at, or_(row.cancelled_at.is_(None), row.cancelled_at > known_at))
            .where(or_(Invoice.id.is_(None), Invoice.issued_on > civil_day(known_at)))
        )
    return list((await session.execute(wanted)).scalars())


def _of_period(
    row: type[InvoiceLine] | type[ExtraCharge], contract: Contract, replayed: Replayed
) -> tuple[ColumnElement[bool], ...]:
    """What bills days that begin in the period, or what is paid once with it."""
    once = [line.item.id for line in replayed.lines if line.days is None and line.item.id is not None]
    days = and_(row.starts_on >= replayed.period.starts_on, row.starts_on < replayed.period.ends_on)
    return (
        row.subscriber_id == contract.subscriber_id,
        row.contract_id == contract.id,
        row.contract_item_id.is_not(None),
        or_(days, and_(row.starts_on.is_(None), row.contract_item_id.in_(once))),
    )
