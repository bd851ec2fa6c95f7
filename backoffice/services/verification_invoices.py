"""Invoices: their totals and states against their lines, payments, credits and refunds; and the credit of each account."""

from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backoffice.fields.invoices import due, gross_due
from backoffice.models import (
    BillingAccount,
    CreditApplication,
    CreditNote,
    CreditNoteKind,
    ExtraCharge,
    Invoice,
    InvoiceLine,
    InvoiceState,
    Payment,
    PaymentAllocation,
    PaymentState,
    Refund,
)
from backoffice.services.money_back import MOVED
from backoffice.services.verification_reading import Check, Fault, Faults, rows, total


async def _sums(session: AsyncSession) -> Faults:
    """The amounts of each invoice against what they are sums of."""
    for name, derived in _parts().items():
        stored = getattr(Invoice, name)
        wrong = select(Invoice.number, stored, derived).where(stored != derived)
        async for number, was, should in rows(session, wrong):
            yield Fault("invoice", f"invoice {number}", f"{name} is {was}, what it consists of gives {should}")


def _parts() -> dict[str, Any]:
    sign = case((CreditNote.kind == CreditNoteKind.REVERSAL, -1), else_=1)
    reversal = aliased(CreditNote)
    is_reversed = exists().where(
        reversal.subscriber_id == CreditNote.subscriber_id, reversal.reverses_id == CreditNote.id
    )
    return {
        "ht_cents": total(InvoiceLine.ht_cents, InvoiceLine, "invoice_id", of=Invoice),
        "vat_cents": total(InvoiceLine.vat_cents, InvoiceLine, "invoice_id", of=Invoice),
        "ttc_cents": total(InvoiceLine.ttc_cents, InvoiceLine, "invoice_id", of=Invoice),
        "paid_cents": total(
            PaymentAllocation.amount_cents,
            PaymentAllocation,
            "invoice_id",
            of=Invoice,
            where=PaymentAllocation.is_undone.is_(False),
        ),
        "credited_cents": total(sign * CreditNote.ttc_cents, CreditNote, "invoice_id", of=Invoice),
        "offset_cents": total(CreditNote.offset_cents, CreditNote, "invoice_id", of=Invoice, where=~is_reversed),
        "refunded_cents": total(Refund.amount_cents, Refund, "invoice_id", of=Invoice, where=Refund.state.in_(MOVED)),
        "applied_cents": total(CreditApplication.amount_cents, CreditApplication, "invoice_id", of=Invoice),
    }


async def _states(session: AsyncSession) -> Faults:
    """The state of each invoice against its amounts."""
    is_begun = Invoice.paid_cents + Invoice.offset_cents + Invoice.applied_cents > 0
    is_credited = and_(due(Invoice) == 0, Invoice.ttc_cents != 0, Invoice.credited_cents == Invoice.ttc_cents)
    derived = case(
        (is_credited, InvoiceState.CREDITED.value),
        (due(Invoice) == 0, InvoiceState.PAID.value),
        (is_begun, InvoiceState.PARTIALLY_PAID.value),
        else_=InvoiceState.ISSUED.value,
    )
    wrong = select(Invoice.number, Invoice.state, derived).where(
        Invoice.state != derived, Invoice.state != InvoiceState.DRAFT
    )
    async for number, was, should in rows(session, wrong):
        yield Fault("invoice", f"invoice {number}", f"is {was}, its amounts say {should}")


async def _payments(session: AsyncSession) -> Faults:
    """No payment pays or gives back more than it brought, and each remembers what went back."""
    paid = total(
        PaymentAllocation.amount_cents,
        PaymentAllocation,
        "payment_id",
        of=Payment,
        where=PaymentAllocation.is_undone.is_(False),
    )
    back = total(Refund.amount_cents, Refund, "payment_id", of=Payment, where=Refund.state.in_(MOVED))
    wrong = select(Payment.id, Payment.amount_cents, Payment.refunded_cents, paid, back).where(
        or_(Payment.refunded_cents != back, paid > Payment.amount_cents)
    )
    async for row_id, brought, was, allocated, went in rows(session, wrong):
        message = f"brought {brought} cents and pays {allocated}; {was} are said to have gone back, {went} did"
        yield Fault("payment", f"payment {row_id}", message)


async def _credits(session: AsyncSession) -> Faults:
    """What an account has to its credit covers what it applies to invoices, and is never below zero."""
    sums = (
        select(
            Invoice.subscriber_id,
            Invoice.billing_account_id,
            func.sum(gross_due(Invoice)).label("due"),
            func.sum(Invoice.applied_cents).label("applied"),
        )
        .where(Invoice.state != InvoiceState.DRAFT)
        .group_by(Invoice.subscriber_id, Invoice.billing_account_id)
        .subquery()
    )
    # What went back of a payment that the bank then took back is owed, although no invoice asks for it.
    lost = total(
        Payment.refunded_cents,
        Payment,
        "billing_account_id",
        of=BillingAccount,
        where=Payment.state == PaymentState.RETURNED,
    )
    credit = func.coalesce(sums.c.due, 0) - BillingAccount.balance_cents
    applied = func.coalesce(sums.c.applied, 0)
    wrong = (
        select(BillingAccount.number, credit, applied)
        .outerjoin(
            sums,
            and_(sums.c.subscriber_id == BillingAccount.subscriber_id, sums.c.billing_account_id == BillingAccount.id),
        )
        .where(or_(credit + lost < 0, applied > func.abs(credit)))
    )
    async for number, has, applies in rows(session, wrong):
        yield Fault("credit of account", f"account {number}", f"has {has} cents to its credit and applies {applies}")


async def _extra_charges(session: AsyncSession) -> Faults:
    """A charge that waited is billed by one line of its own amount, and no line bills two."""
    line, charge = InvoiceLine, ExtraCharge
    times = func.count().over(partition_by=(charge.subscriber_id, charge.invoice_line_id))
    billed = (
        select(charge.id, charge.ttc_cents, line.ttc_cents.label("line_cents"), times.label("times"))
        .join(line, and_(line.subscriber_id == charge.subscriber_id, line.id == charge.invoice_line_id))
        .subquery()
    )
    wrong = select(billed).where(or_(billed.c.times > 1, billed.c.ttc_cents != billed.c.line_cents))
    async for charge_id, cents, line_cents, lines in rows(session, wrong):
        message = f"of {cents} cents is billed by a line of {line_cents}, which bills {lines} charges"
        yield Fault("extra charge", f"charge {charge_id}", message)


CHECKS: tuple[Check, ...] = (_sums, _states, _payments, _credits, _extra_charges)
