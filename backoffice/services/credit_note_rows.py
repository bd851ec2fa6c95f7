"""The rows that a credit note writes: what is credited of each line, under guard, the note with its number, its posting."""

from datetime import date

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import new_id
from backoffice.models import (
    BillingAccount,
    CreditNote,
    CreditNoteKind,
    CreditNoteLine,
    DirectoryKind,
    Invoice,
    InvoiceLine,
    PostingKind,
)
from backoffice.services import credit_applications, directory, keys, numbering, postings
from backoffice.services.plans import Order, Plan, PlannedDocument, PlannedLine, Situation
from backoffice.services.quotes import QuoteStale


async def issue(
    session: AsyncSession, situation: Situation, order: Order, plan: Plan, account: BillingAccount, *, operation: str
) -> CreditNote:
    """Write the note of a plan: lines under guard, number, posting. Refunds and the account's credit are the caller's.

    `operation` is the act that issues it.
    """
    document = plan.document
    assert document is not None, "only a plan with a document is issued"
    assert document.invoice_id is not None, "a credit note corrects an invoice"
    assert document.reason is not None, "a credit note says why"
    await _take(session, order.subscriber_id, document)
    invoice = await session.get_one(Invoice, {"subscriber_id": order.subscriber_id, "id": document.invoice_id})
    await credit_applications.release(session, invoice=invoice, at=situation.at)
    reopened_cents = max(0, invoice.refunded_cents + invoice.offset_cents - invoice.credited_cents)
    # What a reversal had made due again is settled by the new credit itself, and only the rest is an offset.
    offset_cents = max(0, plan.offset_cents - reopened_cents)
    invoice.credited_cents += document.total.ttc_cents
    invoice.offset_cents += offset_cents
    note = CreditNote(
        subscriber_id=order.subscriber_id,
        id=new_id(situation.at),
        number=await next_number(session, "A", situation.issued_on),
        billing_account_id=account.id,
        invoice_id=invoice.id,
        kind=CreditNoteKind.CREDIT_NOTE,
        ticket_id=order.ticket_id,
        operation=operation,
        reason=document.reason,
        note=order.note,
        issued_on=situation.issued_on,
        issued_at=situation.at,
        offset_cents=offset_cents,
        **_totals(document),
    )
    await write(session, note, document.lines, situation)
    await postings.post(
        session,
        account=account,
        kind=PostingKind.CREDIT_NOTE,
        document_id=note.id,
        document_number=note.number,
        entries=plan.postings[0].entries,
        at=situation.at,
        today=situation.issued_on,
    )
    return note


async def write(session: AsyncSession, note: CreditNote, lines: tuple[PlannedLine, ...], situation: Situation) -> None:
    """Add a numbered note with its lines, and make it known by its number."""
    session.add(note)
    await session.flush()  # the lines and the directory refer to it
    for position, line in enumerate(lines):
        session.add(
            CreditNoteLine(
                subscriber_id=note.subscriber_id,
                id=new_id(situation.at),
                credit_note_id=note.id,
                invoice_line_id=line.invoice_line_id,
                position=position,
                label=line.label,
                starts_on=line.starts_on,
                ends_on=line.ends_on,
                vat_rate=line.vat_rate,
                ht_cents=line.split.ht_cents,
                vat_cents=line.split.vat_cents,
                ttc_cents=line.split.ttc_cents,
                derivation=line.derivation,
            )
        )
    assert note.number is not None, "an issued note has its number"
    directory.enter(
        session,
        kind=DirectoryKind.CREDIT_NOTE,
        key=keys.reference(note.number),
        subscriber_id=note.subscriber_id,
        target_id=note.id,
    )


async def next_number(session: AsyncSession, series: str, today: date) -> str:
    """The next number of a series of credit notes (A) or of their reversals (D), such as A2026-0000012."""
    code = f"{series}{today.year}"
    return f"{code}-{await numbering.next_number(session, series=code):07}"


async def _take(session: AsyncSession, subscriber_id: int, document: PlannedDocument) -> None:
    """Raise what is credited of each line, unless another credit came first: the account's lock makes that a defect."""
    for line in document.lines:
        row = InvoiceLine
        taken = await session.execute(
            update(row)
            .where(row.subscriber_id == subscriber_id, row.id == line.invoice_line_id)
            .where(row.credited_ttc_cents + line.split.ttc_cents <= row.ttc_cents)
            .values(
                credited_ttc_cents=row.credited_ttc_cents + line.split.ttc_cents,
                credited_ht_cents=row.credited_ht_cents + line.split.ht_cents,
            )
            .returning(row.id)
        )
        if taken.one_or_none() is None:
            raise QuoteStale


def _totals(document: PlannedDocument) -> dict[str, int]:
    total = document.total
    return {"ht_cents": total.ht_cents, "vat_cents": total.vat_cents, "ttc_cents": total.ttc_cents}
