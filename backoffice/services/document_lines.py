"""The rows of a document, from issued lines: their days out of a billing period, what an option holds, what is off."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing import steps
from backoffice.billing.derivation import Derived
from backoffice.billing.periods import Period
from backoffice.billing.vat import VatSplit
from backoffice.documents.lines import CreditedLine, Days, Line, LineKind
from backoffice.documents.writing import Writer
from backoffice.models import Channel, CreditNote, CreditNoteLine, Invoice, InvoiceLine, OfferChannel, Promotion
from backoffice.models import LineKind as StoredKind
from backoffice.services import document_labels
from backoffice.services.document_headings import Edition


async def of_invoice(session: AsyncSession, invoice: Invoice) -> Sequence[InvoiceLine]:
    """The issued lines, in order."""
    line = InvoiceLine
    found = await session.scalars(
        select(line)
        .where(line.subscriber_id == invoice.subscriber_id, line.invoice_id == invoice.id)
        .order_by(line.position)
    )
    return found.all()


async def printed(
    session: AsyncSession, issued: Sequence[InvoiceLine], contracts: Mapping[int, str], edition: Edition
) -> tuple[Line, ...]:
    """The rows of an invoice; `contracts` are the numbers by id."""
    labels = await document_labels.read(session, issued, edition.language)
    details = await _details(session, issued, Writer(edition.locale, edition.currency))
    return tuple(
        Line(
            position=line.position + 1,
            kind=LineKind(line.kind.value),
            label=labels.of(line.label, line.offer_id),
            amount=VatSplit(line.ht_cents, line.vat_cents),
            vat_rate=line.vat_rate,
            contract_number=contracts.get(line.contract_id or 0),
            detail=details.get(line.id),
            days=days(line),
            quantity=line.quantity,
            unit_cents=line.unit_cents,
        )
        for line in issued
    )


async def credited(
    session: AsyncSession, note: CreditNote, invoice: Invoice, edition: Edition
) -> tuple[CreditedLine, ...]:
    """The rows of a credit note on an invoice, or of the document that takes one back."""
    issued = {line.id: line for line in await of_invoice(session, invoice)}
    labels = await document_labels.read(session, issued.values(), edition.language)
    line = CreditNoteLine
    found = await session.scalars(
        select(line)
        .where(line.subscriber_id == note.subscriber_id, line.credit_note_id == note.id)
        .order_by(line.position)
    )
    return tuple(
        CreditedLine(
            label=labels.of(taken.label, of.offer_id),
            amount=VatSplit(taken.ht_cents, taken.vat_cents),
            vat_rate=taken.vat_rate,
            corrected=labels.of(of.label, of.offer_id),
            position=of.position + 1,
            days=days(taken),
        )
        for taken in found
        for of in (issued[taken.invoice_line_id],)
    )


def days(line: InvoiceLine | CreditNoteLine) -> Days | None:
    """The days of a line out of those of the period by which its derivation counts them; all, where it counts none."""
    if line.starts_on is None or line.ends_on is None:
        return None
    served = Period(line.starts_on, line.ends_on)
    counted = [step for step in Derived.from_json(line.derivation).steps if isinstance(step, steps.Days)]
    # A correction counts the right days beside the wrong ones: only a count of these very days is about them.
    of = next((step.of for step in counted if step.served == served), served)
    return Days(served, of)


async def _details(session: AsyncSession, issued: Sequence[InvoiceLine], write: Writer) -> dict[int, str]:
    """What is said under a line, by its id: the channels of an option, and what promotions take off."""
    channels = await _channels(session, issued)
    promotions = await _promotions(session, issued)
    told = {}
    for line in issued:
        off = [each for each in promotions if _is_about(each, line)]
        said = [write.channels(channels[line.id])] if channels[line.id] else []
        said += [write.discount(each.label, each.discount_cents, each.ends_on) for each in off]
        if said:
            told[line.id] = ". ".join(said)
    return told


def _is_about(promotion: Promotion, line: InvoiceLine) -> bool:
    if line.starts_on is None or line.ends_on is None or line.ttc_cents <= 0:
        return False
    is_then = promotion.starts_on < line.ends_on and line.starts_on < promotion.ends_on
    return promotion.contract_item_id == line.contract_item_id and is_then


async def _channels(session: AsyncSession, issued: Sequence[InvoiceLine]) -> Mapping[int, list[str]]:
    """The names of the channels that an option held on its first day, by line."""
    options = [line for line in issued if line.kind is StoredKind.OPTION]
    held = await session.execute(
        select(OfferChannel.offer_id, OfferChannel.starts_on, OfferChannel.ends_on, Channel.name)
        .join(Channel, Channel.id == OfferChannel.channel_id)
        .where(OfferChannel.offer_id.in_({line.offer_id for line in options}))
        .order_by(Channel.name)
    )
    rows = held.all()
    names: dict[int, list[str]] = defaultdict(list)
    for line in options:
        names[line.id] = [row.name for row in rows if row.offer_id == line.offer_id and _holds(row, line.starts_on)]
    return names


def _holds(row: Any, on: date | None) -> bool:
    return on is not None and row.starts_on <= on and (row.ends_on is None or on < row.ends_on)


async def _promotions(session: AsyncSession, issued: Sequence[InvoiceLine]) -> Sequence[Promotion]:
    items = {line.contract_item_id for line in issued if line.contract_item_id is not None}
    if not items:
        return []
    row = Promotion
    found = await session.scalars(
        select(row)
        .where(row.subscriber_id == issued[0].subscriber_id, row.contract_item_id.in_(items))
        .order_by(row.starts_on, row.id)
    )
    return found.all()
