"""Credit notes and their reversals as they are printed, from what was issued and booked."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.documents.credit_notes import CreditNote as PrintedCreditNote
from backoffice.documents.credit_notes import CreditNoteReversal, CreditReason
from backoffice.documents.headings import Reference
from backoffice.documents.payments import Means, MeansKind, Repayment
from backoffice.models import CreditNote, CreditNoteKind, Invoice, Payment, PaymentMethod, Refund
from backoffice.services import credit_dispositions, document_headings, document_lines, document_settlements
from backoffice.services.document_headings import Edition


async def read(session: AsyncSession, note: CreditNote, edition: Edition) -> PrintedCreditNote | CreditNoteReversal:
    """An issued credit note or reversal, ready to be printed.

    Raises NotIssued, and FiguresDiffer where the books do not add up.
    """
    invoice = await session.get_one(Invoice, {"subscriber_id": note.subscriber_id, "id": note.invoice_id})
    is_reversal = note.kind is CreditNoteKind.REVERSAL
    made = await (_reversal if is_reversal else _credit_note)(session, note, invoice, edition)
    for printed_cents, stored_cents in (
        (made.total.ht_cents, note.ht_cents),
        (made.total.ttc_cents, note.ttc_cents),
    ):
        document_headings.require_same(made.heading.number, printed_cents=printed_cents, stored_cents=stored_cents)
    return made


async def _credit_note(
    session: AsyncSession, note: CreditNote, invoice: Invoice, edition: Edition
) -> PrintedCreditNote:
    notes = await document_settlements.notes_of(session, invoice)
    refunds = await credit_dispositions.refunds_of(session, note)
    disposed = credit_dispositions.of_note(note, notes, refunds)
    return PrintedCreditNote(
        heading=await document_headings.read(session, note, edition, issued_at=note.issued_at),
        invoice=_reference(invoice),
        reason=CreditReason(note.reason.value),
        lines=await document_lines.credited(session, note, invoice, edition),
        note=note.note,
        offset_cents=disposed.offset_cents,
        repayments=tuple([Repayment(await _means(session, refund), cents) for refund, cents in disposed.refunds]),
        kept_cents=disposed.kept_cents,
    )


async def _reversal(
    session: AsyncSession, reversal: CreditNote, invoice: Invoice, edition: Edition
) -> CreditNoteReversal:
    notes = await document_settlements.notes_of(session, invoice)
    undone = next(note for note in notes if note.id == reversal.reverses_id)
    refunds = await credit_dispositions.refunds_of(session, undone)
    due_cents = credit_dispositions.due_again_cents(reversal, undone, notes, refunds)
    return CreditNoteReversal(
        heading=await document_headings.read(session, reversal, edition, issued_at=reversal.issued_at),
        credit_note=_reference(undone),
        invoice=_reference(invoice),
        lines=await document_lines.credited(session, reversal, invoice, edition),
        note=reversal.note,
        due_cents=due_cents,
        taken_cents=reversal.ttc_cents - due_cents,
    )


def _reference(document: Invoice | CreditNote) -> Reference:
    return Reference(document.number or "–", document.issued_on)


async def _means(session: AsyncSession, refund: Refund) -> Means:
    """The means to which a refund goes back; a transfer, where nobody wrote down how the money came in."""
    method = PaymentMethod
    row = await session.execute(
        select(Payment, method)
        .outerjoin(method, (method.subscriber_id == Payment.subscriber_id) & (method.id == Payment.payment_method_id))
        .where(Payment.subscriber_id == refund.subscriber_id, Payment.id == refund.payment_id)
    )
    found = row.one_or_none()
    means = document_settlements.means_of_payment(*found) if found else None
    return means or Means(MeansKind.TRANSFER)
