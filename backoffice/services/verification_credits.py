"""Credit notes: their totals, and each series of them within its line, its rate and its invoice, before tax and in tax."""

from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import CreditNote, CreditNoteKind, CreditNoteLine, Invoice, InvoiceLine
from backoffice.services.verification_reading import Check, Fault, Faults, rows, same, total


async def _totals(session: AsyncSession) -> Faults:
    for part in ("ht_cents", "vat_cents", "ttc_cents"):
        stored = getattr(CreditNote, part)
        derived = total(getattr(CreditNoteLine, part), CreditNoteLine, "credit_note_id", of=CreditNote)
        wrong = select(CreditNote.number, stored, derived).where(stored != derived)
        async for number, was, should in rows(session, wrong):
            yield Fault("credit note", f"credit note {number}", f"{part} is {was}, its lines give {should}")


async def _lines(session: AsyncSession) -> Faults:
    """The credit notes of each line, less those that were taken back: just what it remembers, and within it."""
    for part in ("ht_cents", "ttc_cents"):
        stored, derived = getattr(InvoiceLine, f"credited_{part}"), _credited(part)
        whole = getattr(InvoiceLine, part)
        exceeded = and_(derived != 0, or_(derived < 0, derived > whole))
        wrong = select(InvoiceLine.id, stored, derived, whole).where(or_(stored != derived, exceeded))
        async for line_id, was, should, within in rows(session, wrong):
            message = f"credited {part} is {was}, its credit notes give {should}, the line is {within}"
            yield Fault("credit", f"line {line_id}", message)
    vat = InvoiceLine.credited_ttc_cents - InvoiceLine.credited_ht_cents
    wrong = select(InvoiceLine.id, vat, InvoiceLine.vat_cents).where(
        InvoiceLine.credited_ttc_cents != 0, or_(vat < 0, vat > InvoiceLine.vat_cents)
    )
    async for line_id, was, within in rows(session, wrong):
        yield Fault("credit", f"line {line_id}", f"{was} cents of VAT are credited, the line has {within}")


def _credited(part: str) -> Any:
    sign = case((CreditNote.kind == CreditNoteKind.REVERSAL, -1), else_=1)
    found = (
        select(func.coalesce(func.sum(sign * getattr(CreditNoteLine, part)), 0))
        .join(CreditNote, same(CreditNote, CreditNoteLine, "credit_note_id"))
        .where(same(InvoiceLine, CreditNoteLine, "invoice_line_id"))
    )
    return found.correlate(InvoiceLine).scalar_subquery()


async def _rates(session: AsyncSession) -> Faults:
    """What is credited at a VAT rate of an invoice, against what the invoice has at that rate."""
    line = InvoiceLine
    ht, ttc = func.sum(line.ht_cents), func.sum(line.ttc_cents)
    credited_ht, credited_ttc = func.sum(line.credited_ht_cents), func.sum(line.credited_ttc_cents)
    wrong = (
        select(Invoice.number, line.vat_rate, credited_ht, credited_ttc, ht, ttc)
        .join(Invoice, same(Invoice, line, "invoice_id"))
        .group_by(Invoice.subscriber_id, Invoice.id, Invoice.number, line.vat_rate)
        .having(credited_ttc != 0)
        .having(or_(credited_ttc > ttc, credited_ht > ht, credited_ttc - credited_ht > ttc - ht))
    )
    async for number, rate, was_ht, was, all_ht, whole in rows(session, wrong):
        message = f"{was} cents ({was_ht} before tax) are credited at the rate {rate}, it has {whole} ({all_ht})"
        yield Fault("credit", f"invoice {number}", message)


async def _notes(session: AsyncSession) -> Faults:
    """A reversal takes back exactly the note that it names, and of the same invoice."""
    reversal = CreditNote.__table__.alias("reversal")
    wrong = (
        select(reversal.c.number, CreditNote.number)
        .join(
            CreditNote,
            and_(CreditNote.subscriber_id == reversal.c.subscriber_id, CreditNote.id == reversal.c.reverses_id),
        )
        .where(
            or_(
                *(getattr(CreditNote, name) != reversal.c[name] for name in ("ht_cents", "vat_cents", "invoice_id")),
                CreditNote.kind != CreditNoteKind.CREDIT_NOTE,
            )
        )
    )
    async for number, of in rows(session, wrong):
        yield Fault("credit note", f"credit note {number}", f"does not take back what {of} says")


CHECKS: tuple[Check, ...] = (_totals, _lines, _rates, _notes)
