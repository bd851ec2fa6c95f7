"""The credit of an account pays its oldest open invoices: overpayments, goodwill and credits kept on the account.

What it pays follows from the balance and from what is due alone, so that undoing an act undoes this as well.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import new_id
from backoffice.models import BillingAccount, CreditApplication, Invoice, InvoiceState


async def invoices(session: AsyncSession, account: BillingAccount) -> list[Invoice]:
    """Every issued invoice of the account, the one that is due first before the others."""
    found = await session.execute(
        select(Invoice)
        .where(Invoice.subscriber_id == account.subscriber_id, Invoice.billing_account_id == account.id)
        .where(Invoice.state != InvoiceState.DRAFT)
        .order_by(Invoice.due_on, Invoice.id)
        .execution_options(populate_existing=True)
    )
    return list(found.scalars())


def credit_cents(issued: list[Invoice], *, balance_cents: int) -> int:
    """What the account has to its credit, in cents, whether it pays an invoice or waits for one."""
    return sum(invoice.gross_due_cents for invoice in issued) - balance_cents


def free_credit_cents(issued: list[Invoice], *, balance_cents: int) -> int:
    """The part of the credit that pays no invoice yet."""
    return credit_cents(issued, balance_cents=balance_cents) - sum(invoice.applied_cents for invoice in issued)


async def settle(session: AsyncSession, *, account: BillingAccount, at: datetime) -> None:
    """Let the credit of the locked account pay its open invoices, oldest first, and bring their states up to date."""
    await session.flush()  # the invoices are read again
    issued = await invoices(session, account)
    left_cents = max(0, credit_cents(issued, balance_cents=account.balance_cents))
    for invoice in issued:
        wanted_cents = min(left_cents, max(0, invoice.gross_due_cents))
        left_cents -= wanted_cents
        _apply(session, invoice, wanted_cents - invoice.applied_cents, at)
        invoice.state = state_of(invoice)
    await session.flush()  # whoever reads next sees the states


async def release(session: AsyncSession, *, invoice: Invoice, at: datetime) -> None:
    """Take the account's credit off an invoice whose amounts are about to change; `settle` gives it back."""
    _apply(session, invoice, -invoice.applied_cents, at)
    await session.flush()  # the database checks each change of the invoice


def state_of(invoice: Invoice) -> InvoiceState:
    """The state that follows from the amounts."""
    if invoice.due_cents == 0:
        is_credited = invoice.ttc_cents and invoice.credited_cents == invoice.ttc_cents
        return InvoiceState.CREDITED if is_credited else InvoiceState.PAID
    is_begun = invoice.paid_cents or invoice.offset_cents or invoice.applied_cents
    return InvoiceState.PARTIALLY_PAID if is_begun else InvoiceState.ISSUED


def _apply(session: AsyncSession, invoice: Invoice, cents: int, at: datetime) -> None:
    if not cents:
        return
    invoice.applied_cents += cents
    session.add(
        CreditApplication(
            subscriber_id=invoice.subscriber_id,
            id=new_id(at),
            billing_account_id=invoice.billing_account_id,
            invoice_id=invoice.id,
            amount_cents=cents,
            at=at,
        )
    )
