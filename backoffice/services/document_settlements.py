"""What has changed the amount due on an invoice, and how the rest will be collected, as far as it is known."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.periods import civil_day
from backoffice.documents.payments import Collection, Means, MeansKind, Offset, Paid, Reopened
from backoffice.models import (
    CreditApplication,
    CreditNote,
    CreditNoteKind,
    Invoice,
    Payment,
    PaymentAllocation,
    PaymentMethod,
    PaymentMethodKind,
    PaymentMethodState,
)
from backoffice.services.document_headings import Edition

Settlement = Paid | Offset | Reopened


async def read(session: AsyncSession, invoice: Invoice, edition: Edition) -> tuple[Settlement, ...]:
    """Payments, credit of the account, credit notes, and what their reversals made due again, in order of time."""
    notes = await notes_of(session, invoice)
    found: list[Settlement] = [
        *await _payments(session, invoice, edition),
        *await _applied(session, invoice, edition),
        *_offsets(invoice, notes),
        *_reopened(invoice, notes),
    ]
    return tuple(sorted(found, key=lambda settlement: settlement.on))


async def collection(session: AsyncSession, invoice: Invoice, edition: Edition) -> Collection | None:
    """How what remains due will be paid; None where nothing is, or where the day for it is past."""
    if invoice.due_cents == 0 or invoice.due_on < edition.known_on:
        return None
    method = PaymentMethod
    usual = await session.scalar(
        select(method).where(
            method.subscriber_id == invoice.subscriber_id,
            method.billing_account_id == invoice.billing_account_id,
            method.is_default.is_(True),
            method.state == PaymentMethodState.ACTIVE,
        )
    )
    if usual is None or (usual.expires_on is not None and usual.expires_on <= invoice.due_on):
        return None
    return Collection(invoice.due_on, means_of(usual))


async def notes_of(session: AsyncSession, invoice: Invoice) -> Sequence[CreditNote]:
    """The credit notes of an invoice and their reversals, in the order of their issue."""
    note = CreditNote
    found = await session.scalars(
        select(note)
        .where(note.subscriber_id == invoice.subscriber_id, note.invoice_id == invoice.id, note.number.is_not(None))
        .order_by(note.issued_at, note.id)
    )
    return found.all()


def means_of(method: PaymentMethod) -> Means:
    """A means of payment as its owner recognises it."""
    is_card = method.kind is PaymentMethodKind.CARD
    last_four = method.card_last_four if is_card else method.iban_last_four
    return Means(MeansKind(method.kind.value), last_four, method.mandate_reference)


def means_of_payment(payment: Payment, method: PaymentMethod | None) -> Means | None:
    """By what a payment came in; None where nobody wrote it down."""
    if method is not None:
        return means_of(method)
    return Means(MeansKind(payment.means.value)) if payment.means else None


async def _payments(session: AsyncSession, invoice: Invoice, edition: Edition) -> list[Paid]:
    part, method = PaymentAllocation, PaymentMethod
    rows = await session.execute(
        select(Payment, method, part.amount_cents)
        .join(part, (part.subscriber_id == Payment.subscriber_id) & (part.payment_id == Payment.id))
        .outerjoin(method, (method.subscriber_id == Payment.subscriber_id) & (method.id == Payment.payment_method_id))
        .where(part.subscriber_id == invoice.subscriber_id, part.invoice_id == invoice.id, part.is_undone.is_(False))
        .order_by(Payment.requested_at, Payment.id)
    )
    return [
        Paid(_day(payment.captured_at or payment.requested_at, edition), means_of_payment(payment, found), cents)
        for payment, found, cents in rows
    ]


async def _applied(session: AsyncSession, invoice: Invoice, edition: Edition) -> Iterator[Paid]:
    """The credit of the account that pays a part, dated as it came to be that much."""
    if not invoice.applied_cents:
        return iter(())
    row = CreditApplication
    last_at = await session.scalar(
        select(row.at)
        .where(row.subscriber_id == invoice.subscriber_id, row.invoice_id == invoice.id)
        .order_by(row.at.desc())
        .limit(1)
    )
    on = _day(last_at, edition) if last_at else invoice.issued_on
    return iter([Paid(on, Means(MeansKind.ACCOUNT_BALANCE), invoice.applied_cents)])


def _offsets(invoice: Invoice, notes: Sequence[CreditNote]) -> Iterator[Offset]:
    """The credit notes that stand and reduced what was due; together, what the invoice says."""
    reversed_ids = {note.reverses_id for note in notes}
    left_cents = invoice.offset_cents
    for note in notes:
        if note.kind is CreditNoteKind.CREDIT_NOTE and note.id not in reversed_ids:
            cents = min(left_cents, note.offset_cents)
            left_cents -= cents
            if cents and note.number:
                yield Offset(note.issued_on, note.number, cents)


def _reopened(invoice: Invoice, notes: Sequence[CreditNote]) -> Iterator[Reopened]:
    """What is due again, under the last document that took a credit note back."""
    cents = invoice.refunded_cents + invoice.offset_cents - invoice.credited_cents
    reversals = [note for note in notes if note.kind is CreditNoteKind.REVERSAL]
    if cents > 0 and reversals:
        yield Reopened(reversals[-1].issued_on, reversals[-1].number or "", -cents)


def _day(at: datetime, edition: Edition) -> date:
    return civil_day(at, edition.zone)
