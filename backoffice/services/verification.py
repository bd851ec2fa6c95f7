"""Proves the books: recomputes everything that is derived, and names the first that differs.

What a database can add up, it adds up; derivations are recomputed one by one by the checker, which does not know the
engine that made them.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import checker
from backoffice.models import (
    AuditEntry,
    BillingAccount,
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    NumberSeries,
    PaymentAllocation,
    Refund,
    RefundState,
    Ticket,
)
from backoffice.services import audit

_AT_ONCE = 2_000
_GIVEN_BACK = (RefundState.APPROVED, RefundState.SENT, RefundState.SETTLED)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not add up: which check found it, at what, and what was expected."""

    check: str
    subject: str
    message: str


Faults = AsyncIterator[Fault]
Check = Callable[[AsyncSession], Faults]


async def faults(session: AsyncSession) -> Faults:
    """Every fault in the books, check by check; none when all is proven."""
    for check in CHECKS:
        async for fault in check(session):
            yield fault


async def _postings(session: AsyncSession) -> Faults:
    total = func.sum(LedgerEntry.amount_cents)
    unbalanced = select(LedgerEntry.posting_id, total).group_by(LedgerEntry.subscriber_id, LedgerEntry.posting_id)
    async for posting_id, cents in _rows(session, unbalanced.having(total != 0)):
        yield Fault("ledger", f"posting {posting_id}", f"its entries sum to {cents} cents, not to 0")


async def _balances(session: AsyncSession) -> Faults:
    owed = (
        select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0))
        .join(LedgerPosting, _same(LedgerPosting, LedgerEntry, "posting_id"))
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
    async for number, stored, derived in _rows(session, wrong):
        yield Fault("balance", f"account {number}", f"{stored} cents are stored, the ledger gives {derived}")


async def _invoice_sums(session: AsyncSession) -> Faults:
    """The totals of each invoice against its lines, payments, credit notes and refunds."""
    sums = {
        "ht_cents": _sum(InvoiceLine.ht_cents, InvoiceLine, "invoice_id"),
        "vat_cents": _sum(InvoiceLine.vat_cents, InvoiceLine, "invoice_id"),
        "ttc_cents": _sum(InvoiceLine.ttc_cents, InvoiceLine, "invoice_id"),
        "paid_cents": _sum(
            case((PaymentAllocation.is_undone, 0), else_=PaymentAllocation.amount_cents),
            PaymentAllocation,
            "invoice_id",
        ),
        "credited_cents": _sum(CreditNote.ttc_cents, CreditNote, "invoice_id"),
        "refunded_cents": _sum(
            # What was decided, sent or not; what is asked for, refused, failed or cancelled gives nothing back.
            case((Refund.state.in_(_GIVEN_BACK), Refund.amount_cents), else_=0),
            Refund,
            "invoice_id",
        ),
    }
    for name, derived in sums.items():
        stored = getattr(Invoice, name)
        async for number, was, should in _rows(
            session, select(Invoice.number, stored, derived).where(stored != derived)
        ):
            yield Fault("invoice", f"invoice {number}", f"{name} is {was}, what it consists of gives {should}")


async def _credit_series(session: AsyncSession) -> Faults:
    """The credit notes of each line, HT and TTC, against the line: exactly what it remembers, and within it."""
    for part in ("ht_cents", "ttc_cents"):
        stored = getattr(InvoiceLine, f"credited_{part}")
        derived = _sum(getattr(CreditNoteLine, part), CreditNoteLine, "invoice_line_id", of=InvoiceLine)
        whole = getattr(InvoiceLine, part)
        exceeded = and_(derived != 0, func.abs(derived) > func.abs(whole))
        wrong = select(InvoiceLine.id, stored, derived, whole).where(or_(stored != derived, exceeded))
        async for line_id, was, should, within in _rows(session, wrong):
            message = f"credited {part} is {was}, its credit notes give {should}, the line is {within}"
            yield Fault("credit", f"line {line_id}", message)


async def _credit_note_sums(session: AsyncSession) -> Faults:
    for part in ("ht_cents", "vat_cents", "ttc_cents"):
        stored = getattr(CreditNote, part)
        derived = _sum(getattr(CreditNoteLine, part), CreditNoteLine, "credit_note_id", of=CreditNote)
        async for number, was, should in _rows(
            session, select(CreditNote.number, stored, derived).where(stored != derived)
        ):
            yield Fault("credit note", f"credit note {number}", f"{part} is {was}, its lines give {should}")


async def _numbers(session: AsyncSession) -> Faults:
    """Each series is given out without gap, and documents in the order of their days."""
    last = dict((await session.execute(select(NumberSeries.code, NumberSeries.last_number))).all())
    for number, day in ((Invoice.number, Invoice.issued_on), (CreditNote.number, CreditNote.issued_on)):
        async for fault in _series(session, last, select(number, day).where(number.is_not(None)).order_by(number)):
            yield fault
    # A ticket is no document of account: its number must not be missing, but may be a minute out of order.
    async for fault in _series(session, last, select(Ticket.number, literal(0)).order_by(Ticket.number)):
        yield fault


async def _series(session: AsyncSession, last: dict[str, int], numbered: Any) -> Faults:
    seen: dict[str, tuple[int, Any]] = {}
    async for text, on in _rows(session, numbered):
        series, _, digits = text.partition("-")
        if series not in last or not digits.isdigit():
            continue  # a number that was not given out here: it came with an import
        before, before_on = seen.get(series, (0, on))
        if int(digits) != before + 1:
            yield Fault("number", f"number {text}", f"{series}-{before + 1:07} is missing before it")
        if on < before_on:
            yield Fault("number", f"number {text}", f"is dated {on}, before the number that precedes it")
        seen[series] = (int(digits), on)
    for series, (highest, _) in seen.items():
        if last[series] != highest:
            yield Fault("number", f"series {series}", f"counts {last[series]}, the highest number is {highest}")


async def _derivations(session: AsyncSession) -> Faults:
    for line in (InvoiceLine, CreditNoteLine):
        async for row_id, cents, derivation in _rows(session, select(line.id, line.ttc_cents, line.derivation)):
            try:
                recomputed = checker.recompute(derivation)
            except checker.Wrong as wrong:
                yield Fault("derivation", f"line {row_id}", str(wrong))
                continue
            if recomputed != cents:
                yield Fault("derivation", f"line {row_id}", f"the line says {cents} cents, its derivation {recomputed}")


async def _audit_chains(session: AsyncSession) -> Faults:
    """Each chain of the audit trail is whole: numbered without gap, each link hashed over the one before it."""
    link: tuple[int, int, str] = (-1, 0, "")
    entries = select(AuditEntry).order_by(AuditEntry.subscriber_id, AuditEntry.sequence)
    async for (entry,) in _rows(session, entries):
        subscriber_id, sequence, hashed = link
        if entry.subscriber_id != subscriber_id:
            sequence, hashed = 0, audit.FIRST
        subject = f"entry {entry.sequence} of chain {entry.subscriber_id}"
        if entry.sequence != sequence + 1:
            yield Fault("audit", subject, f"entry {sequence + 1} is missing before it")
        elif entry.previous_hash != hashed or entry.hash != audit.digest(entry):
            yield Fault("audit", subject, "it was changed after it was written")
        link = (entry.subscriber_id, entry.sequence, entry.hash)


def _sum(value: Any, child: Any, by: str, *, of: Any = Invoice) -> Any:
    """The sum of a value over the children of a row."""
    total = select(func.coalesce(func.sum(value), 0)).where(_same(of, child, by))
    return total.correlate(of).scalar_subquery()


def _same(parent: Any, child: Any, by: str) -> Any:
    return and_(child.subscriber_id == parent.subscriber_id, getattr(child, by) == parent.id)


async def _rows(session: AsyncSession, statement: Any) -> AsyncIterator[Any]:
    """The rows of a statement, streamed: the books may be larger than the memory."""
    result = await session.stream(statement.execution_options(yield_per=_AT_ONCE))
    async for row in result:
        yield row


CHECKS: tuple[Check, ...] = (
    _postings,
    _balances,
    _invoice_sums,
    _credit_note_sums,
    _credit_series,
    _numbers,
    _derivations,
    _audit_chains,
)
"""In the order in which a fault should be named: money first."""
