"""The ledger: each posting balances, each account owes what it says, each document and movement is booked once."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import (
    BillingAccount,
    CreditNote,
    CreditNoteKind,
    GoodwillCredit,
    GoodwillState,
    Invoice,
    InvoiceKind,
    InvoiceState,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    Payment,
    PaymentState,
    PostingKind,
    Refund,
    RefundState,
)
from backoffice.services.money_back import MOVED
from backoffice.services.verification_reading import Check, Fault, Faults, rows, same

_RECEIVABLE, _VAT, _CLEARING = LedgerAccount.RECEIVABLE, LedgerAccount.VAT, LedgerAccount.CLEARING


async def _postings(session: AsyncSession) -> Faults:
    total = func.sum(LedgerEntry.amount_cents)
    unbalanced = select(LedgerEntry.posting_id, total).group_by(LedgerEntry.subscriber_id, LedgerEntry.posting_id)
    async for posting_id, cents in rows(session, unbalanced.having(total != 0)):
        yield Fault("ledger", f"posting {posting_id}", f"its entries sum to {cents} cents, not to 0")


async def _balances(session: AsyncSession) -> Faults:
    owed = (
        select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0))
        .join(LedgerPosting, same(LedgerPosting, LedgerEntry, "posting_id"))
        .where(
            LedgerPosting.subscriber_id == BillingAccount.subscriber_id,
            LedgerPosting.billing_account_id == BillingAccount.id,
            LedgerEntry.account == LedgerAccount.RECEIVABLE,
        )
        .scalar_subquery()
    )
    wrong = select(BillingAccount.number, BillingAccount.balance_cents, owed).where(
        BillingAccount.balance_cents != owed
    )
    async for number, stored, derived in rows(session, wrong):
        yield Fault("balance", f"account {number}", f"{stored} cents are stored, the ledger gives {derived}")


async def _documents(session: AsyncSession) -> Faults:
    """What the postings of each document together leave on an account, against what the document says."""
    for model, account, should, condition in _expected():
        booked = _booked(model, account)
        wrong = select(model.id, booked, should).where(booked != should, condition)
        async for row_id, was, expected in rows(session, wrong):
            subject = f"{model.__name__} {row_id}"
            yield Fault("booking", subject, f"{was} cents are booked on {account}, it asks for {expected}")


def _expected() -> Iterable[tuple[Any, LedgerAccount, Any, Any]]:
    """Each kind of document with an account, what it leaves there in cents, and of which documents that is true."""
    is_issued = Invoice.state != InvoiceState.DRAFT
    # What an import sums up was booked in older books, VAT and all.
    is_own = and_(is_issued, Invoice.kind == InvoiceKind.INVOICE)
    taken_off = case((CreditNote.kind == CreditNoteKind.REVERSAL, 1), else_=-1)
    is_way_out = Refund.state == RefundState.APPROVED
    is_given = GoodwillCredit.state == GoodwillState.GRANTED
    yield Invoice, _RECEIVABLE, Invoice.ttc_cents, is_issued
    yield Invoice, _VAT, -Invoice.vat_cents, is_own
    yield CreditNote, _RECEIVABLE, taken_off * CreditNote.ttc_cents, CreditNote.number.is_not(None)
    yield CreditNote, _VAT, -taken_off * CreditNote.vat_cents, CreditNote.number.is_not(None)
    yield Payment, _RECEIVABLE, case((Payment.state == PaymentState.CAPTURED, -Payment.amount_cents), else_=0), True
    yield Refund, _RECEIVABLE, case((Refund.state.in_(MOVED), Refund.amount_cents), else_=0), True
    yield Refund, _CLEARING, case((is_way_out, -Refund.amount_cents), else_=0), True
    yield GoodwillCredit, _RECEIVABLE, case((is_given, -GoodwillCredit.amount_cents), else_=0), True


def _booked(model: Any, account: LedgerAccount) -> Any:
    found = (
        select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0))
        .join(LedgerPosting, same(LedgerPosting, LedgerEntry, "posting_id"))
        .where(same(model, LedgerPosting, "document_id"), LedgerEntry.account == account)
    )
    return found.correlate(model).scalar_subquery()


async def _strays(session: AsyncSession) -> Faults:
    """Postings of documents that do not exist."""
    for model, kinds in _BOOKED_BY.items():
        stray = (
            select(LedgerPosting.id, LedgerPosting.kind)
            .outerjoin(model, same(model, LedgerPosting, "document_id"))
            .where(LedgerPosting.kind.in_(kinds), model.id.is_(None))
        )
        async for posting_id, kind in rows(session, stray):
            yield Fault("booking", f"posting {posting_id}", f"books a {kind} of a document that does not exist")


_BOOKED_BY: dict[Any, tuple[PostingKind, ...]] = {
    Invoice: (PostingKind.INVOICE,),
    CreditNote: (PostingKind.CREDIT_NOTE, PostingKind.CREDIT_NOTE_REVERSAL),
    Payment: (
        PostingKind.PAYMENT,
        PostingKind.PAYMENT_REVERSAL,
        PostingKind.PAYMENT_RETURN,
        PostingKind.PAYMENT_RETURN_REVERSAL,
    ),
    Refund: (
        PostingKind.REFUND,
        PostingKind.REFUND_SENT,
        PostingKind.REFUND_FAILED,
        PostingKind.REFUND_REVERSAL,
    ),
    GoodwillCredit: (PostingKind.GOODWILL, PostingKind.GOODWILL_REVERSAL),
}

CHECKS: tuple[Check, ...] = (_postings, _balances, _documents, _strays)
