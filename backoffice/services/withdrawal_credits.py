"""What a withdrawal gives back of issued lines: all that was billed, less the service that was expressly asked for and given."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing import vat, withdrawal
from backoffice.billing.corrections import NothingToCredit, credit_difference
from backoffice.billing.derivation import Derived
from backoffice.billing.encoding import MalformedDerivation
from backoffice.billing.periods import Period
from backoffice.billing.steps import Days
from backoffice.models import (
    CreditReason,
    ExtraCharge,
    Invoice,
    InvoiceLine,
    InvoiceState,
    LineKind,
)
from backoffice.services import (
    amounts,
    given_back,
    item_credits,
    standing,
)
from backoffice.services.agreements import Agreement
from backoffice.services.crediting import Credit
from backoffice.services.plans import Plan, Situation

Issued = Sequence[tuple[InvoiceLine, Invoice]]
"""Issued lines with their invoices."""


async def issued(session: AsyncSession, agreement: Agreement) -> Issued:
    """The issued lines of a contract that charge something, with their invoices."""
    line, contract = InvoiceLine, agreement.contract
    found = await session.execute(
        select(line, Invoice)
        .join(Invoice, and_(Invoice.subscriber_id == line.subscriber_id, Invoice.id == line.invoice_id))
        .where(line.subscriber_id == contract.subscriber_id, line.contract_id == contract.id)
        .where(line.ttc_cents > 0, Invoice.state != InvoiceState.DRAFT)
        .order_by(Invoice.id, line.position)
        .execution_options(populate_existing=True)
    )
    return [(row, invoice) for row, invoice in found]


async def notes(
    session: AsyncSession,
    situation: Situation,
    agreement: Agreement,
    lines: Issued,
    notice_on: date,
    *,
    without: Collection[int],
) -> Sequence[Plan]:
    """The credit notes, an invoice each, for what was billed above what may be kept.

    `without` are the waiting charges that the withdrawal makes void.
    """
    by_invoice: dict[int, list[Credit]] = {}
    changed = await given_back.read(session, [line for line, _ in lines], without=without)
    for line, invoice in lines:
        credit = _credit(agreement, line, invoice, changed.get(line.id, ()), notice_on)
        if credit is not None:
            by_invoice.setdefault(invoice.id, []).append(credit)
    made = [
        await item_credits.note(session, situation, wanted, reason=CreditReason.WITHDRAWAL, without=without)
        for wanted in by_invoice.values()
    ]
    return [note for note in made if note is not None]


def kept_fact(agreement: Agreement, lines: Issued, notice_on: date) -> dict[str, Any]:
    """What may be kept of what was billed, with the VAT that an invoice of it alone would say."""
    kept = [(line.vat_rate or Decimal(0), _kept(agreement, line, notice_on)) for line, _ in lines]
    rates = vat.document([(derived.cents, rate) for rate, derived in kept if derived.cents]).rates
    return {
        "cents": sum(derived.cents for _, derived in kept),
        "rates": [
            {
                "vat_rate": amounts.rate_text(rate),
                "ht_cents": split.ht_cents,
                "vat_cents": split.vat_cents,
                "ttc_cents": split.ttc_cents,
            }
            for rate, split in rates.items()
        ],
        "explanation": {
            locale: [sentence for _, derived in kept if derived.cents for sentence in derived.explain(locale)]
            for locale in ("fr", "en")
        },
    }


def _credit(
    agreement: Agreement, line: InvoiceLine, invoice: Invoice, changed: Sequence[ExtraCharge], notice_on: date
) -> Credit | None:
    kept, days = _kept(agreement, line, notice_on), (line.starts_on, line.ends_on)
    try:
        derived = credit_difference(
            line_cents=line.ttc_cents,
            line=standing.reference(invoice, line),
            correct=kept,
            already_credited_cents=line.credited_ttc_cents + given_back.cents(changed),
            same_days_credited_cents=_given_back_after(line, changed, _served_until(agreement, line, notice_on)),
        )
    except NothingToCredit:
        return None
    from_on = max(days[0], notice_on) if days[0] and kept.cents else days[0]
    return Credit(line, derived, from_on, days[1])


def _given_back_after(line: InvoiceLine, changed: Sequence[ExtraCharge], until: date) -> int:
    """What changes gave back of the days of a line that may not be kept, in cents."""
    if line.starts_on is None or line.ends_on is None or until >= line.ends_on:
        return 0
    return given_back.share_of_days(changed, Period(max(until, line.starts_on), line.ends_on))


def _kept(agreement: Agreement, line: InvoiceLine, notice_on: date) -> Derived:
    """What may be kept of a line: the service given up to the notice, or to the end of its item, when it was asked for."""
    is_service = line.kind not in (LineKind.FEE, LineKind.DEPOSIT) and line.starts_on is not None
    started_on = max(line.starts_on or notice_on, agreement.contract.starts_on)
    return withdrawal.kept(
        full_cents=line.unit_cents * line.quantity,
        price_version=_price_reference(agreement, line),
        started_on=started_on,
        notice_on=_served_until(agreement, line, notice_on),
        of=_whole_period(agreement, line, started_on),
        express_request=is_service and agreement.contract.is_express_start_requested,
    )


def _served_until(agreement: Agreement, line: InvoiceLine, notice_on: date) -> date:
    """The first day without the service of a line: that of the notice, or that of a change which ended its item."""
    item = agreement.item(line.contract_item_id) if line.contract_item_id else None
    return min(notice_on, item.ends_on) if item is not None and item.ends_on else notice_on


def _whole_period(agreement: Agreement, line: InvoiceLine, on: date) -> Period:
    """The whole period that the line's days were counted in, as the line itself says."""
    try:
        steps = Derived.from_json(line.derivation).steps
    except MalformedDerivation:
        steps = ()
    return next((step.of for step in steps if isinstance(step, Days)), agreement.period_on(on))


def _price_reference(agreement: Agreement, line: InvoiceLine) -> str:
    price = agreement.prices.get(line.offer_id or 0)
    rows = price.rows.items() if price else ()
    return next((reference for reference, row in rows if row.id == line.price_version_id), line.label)
