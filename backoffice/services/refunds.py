"""Refunds: money that goes back to the payment that brought it, decided here and sent by the outbox.

Whoever decides a refund has made sure that there is a credit to draw on; here the money is guarded once more, so that no
payment and no invoice gives back more than came in.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import GlobalId, new_id
from backoffice.models import (
    AuditOutcome,
    BillingAccount,
    CreditReason,
    Invoice,
    LedgerAccount,
    Payment,
    PaymentState,
    PostingKind,
    Refund,
    RefundState,
)
from backoffice.permissions import SYSTEM
from backoffice.services import audit, credit_applications, outbox, postings
from backoffice.services.plans import Order, Plan, PlannedRefund, Situation
from backoffice.services.quotes import QuoteStale

_RECEIVABLE, _CLEARING, _BANK = LedgerAccount.RECEIVABLE, LedgerAccount.CLEARING, LedgerAccount.BANK


async def decide(
    session: AsyncSession,
    situation: Situation,
    order: Order,
    plan: Plan,
    account: BillingAccount,
    *,
    reason: CreditReason,
    invoice_id: int | None,
    credit_note_id: int | None,
) -> list[Refund]:
    """Make the refunds of a plan, book them as on their way, and ask the outbox to send them."""
    made = []
    for planned in plan.refunds:
        await _guard(session, order.subscriber_id, planned, invoice_id)
        refund = Refund(
            subscriber_id=order.subscriber_id,
            id=new_id(situation.at),
            billing_account_id=account.id,
            payment_id=planned.payment_id,
            invoice_id=invoice_id,
            credit_note_id=credit_note_id,
            state=RefundState.APPROVED,
            reason=reason,
            note=order.note,
            ticket_id=order.ticket_id,
            amount_cents=planned.amount_cents,
            requested_at=situation.at,
        )
        session.add(refund)
        await _post(
            session, account, refund, PostingKind.REFUND, (_RECEIVABLE, _CLEARING), situation.at, situation.today
        )
        leaves_at = situation.at + timedelta(minutes=situation.policy.refund_delay_minutes)
        outbox.refund(session, subscriber_id=order.subscriber_id, refund_id=refund.id, at=situation.at, from_=leaves_at)
        made.append(refund)
    return made


async def sent(
    session: AsyncSession, *, subscriber_id: int, refund_id: int, reference: str, at: datetime, today: date
) -> None:
    """Book that the gateway took the refund; does nothing the second time."""
    account, refund = await _locked(session, subscriber_id, refund_id)
    if refund.state is not RefundState.APPROVED:
        return
    refund.state, refund.reference, refund.sent_at = RefundState.SENT, reference, at
    await _post(session, account, refund, PostingKind.REFUND_SENT, (_CLEARING, _BANK), at, today)
    await _trail(session, refund, "refundSent", at)


async def settled(session: AsyncSession, *, subscriber_id: int, refund_id: int, at: datetime, today: date) -> None:
    """Note that the money arrived; does nothing the second time."""
    _, refund = await _locked(session, subscriber_id, refund_id)
    if refund.state is not RefundState.SENT:
        return
    refund.state, refund.settled_at = RefundState.SETTLED, at
    await _trail(session, refund, "refundSettled", at)


async def failed(
    session: AsyncSession, *, subscriber_id: int, refund_id: int, code: str, at: datetime, today: date
) -> None:
    """Book that the money could not be given back: it stays on the account. Does nothing the second time."""
    account, refund = await _locked(session, subscriber_id, refund_id)
    if refund.state not in (RefundState.APPROVED, RefundState.SENT):
        return
    came_from = _BANK if refund.state is RefundState.SENT else _CLEARING
    refund.state, refund.failure_code, refund.failed_at = RefundState.FAILED, code[:40], at
    await _give_up(session, account, refund, PostingKind.REFUND_FAILED, came_from, at, today)
    await _trail(session, refund, "refundFailed", at, reason=code[:40])


async def cancel(session: AsyncSession, *, account: BillingAccount, refund: Refund, at: datetime, today: date) -> None:
    """Take back a refund that waits to be sent; raises QuoteStale when the outbox has begun to send it."""
    if not await outbox.withdraw(session, subscriber_id=refund.subscriber_id, key=outbox.refund_key(refund.id), at=at):
        raise QuoteStale
    refund.state = RefundState.CANCELLED
    await _give_up(session, account, refund, PostingKind.REFUND_REVERSAL, _CLEARING, at, today)


async def of_note(session: AsyncSession, *, subscriber_id: int, credit_note_id: int) -> list[Refund]:
    """The refunds that a credit note led to."""
    found = await session.execute(
        select(Refund)
        .where(Refund.subscriber_id == subscriber_id, Refund.credit_note_id == credit_note_id)
        .order_by(Refund.id)
        .execution_options(populate_existing=True)
    )
    return list(found.scalars())


async def _give_up(
    session: AsyncSession,
    account: BillingAccount,
    refund: Refund,
    kind: PostingKind,
    came_from: LedgerAccount,
    at: datetime,
    today: date,
) -> None:
    await _post(session, account, refund, kind, (came_from, _RECEIVABLE), at, today)
    if refund.payment_id is not None:
        payment = await session.get_one(Payment, {"subscriber_id": refund.subscriber_id, "id": refund.payment_id})
        payment.refunded_cents -= refund.amount_cents
    if refund.invoice_id is not None:
        invoice = await session.get_one(Invoice, {"subscriber_id": refund.subscriber_id, "id": refund.invoice_id})
        await credit_applications.release(session, invoice=invoice, at=at)
        invoice.refunded_cents -= refund.amount_cents
    await credit_applications.settle(session, account=account, at=at)


async def _guard(session: AsyncSession, subscriber_id: int, planned: PlannedRefund, invoice_id: int | None) -> None:
    """Move what was refunded of the payment and of the invoice, unless that is more than they brought."""
    cents = planned.amount_cents
    moved = await session.execute(
        update(Payment)
        .where(Payment.subscriber_id == subscriber_id, Payment.id == planned.payment_id)
        .where(Payment.state == PaymentState.CAPTURED, Payment.amount_cents - Payment.refunded_cents >= cents)
        .values(refunded_cents=Payment.refunded_cents + cents)
        .returning(Payment.id)
    )
    if moved.one_or_none() is None:
        raise QuoteStale
    if invoice_id is None:
        return
    moved = await session.execute(
        update(Invoice)
        .where(Invoice.subscriber_id == subscriber_id, Invoice.id == invoice_id)
        .where(Invoice.paid_cents - Invoice.refunded_cents >= cents)
        .values(refunded_cents=Invoice.refunded_cents + cents)
        .returning(Invoice.id)
    )
    if moved.one_or_none() is None:
        raise QuoteStale


async def _post(
    session: AsyncSession,
    account: BillingAccount,
    refund: Refund,
    kind: PostingKind,
    sides: tuple[LedgerAccount, LedgerAccount],
    at: datetime,
    today: date,
) -> None:
    await postings.post(
        session,
        account=account,
        kind=kind,
        document_id=refund.id,
        document_number=refund.reference,
        entries=postings.between(*sides, refund.amount_cents),
        at=at,
        today=today,
    )


async def _locked(session: AsyncSession, subscriber_id: int, refund_id: int) -> tuple[BillingAccount, Refund]:
    await postings.lock_file(session, subscriber_id=subscriber_id)
    refund = await session.get_one(Refund, {"subscriber_id": subscriber_id, "id": refund_id}, populate_existing=True)
    account = await postings.lock(session, subscriber_id=subscriber_id, account_id=refund.billing_account_id)
    return account, refund


async def _trail(
    session: AsyncSession, refund: Refund, operation: str, at: datetime, *, reason: str | None = None
) -> None:
    await audit.append(
        session,
        viewer=SYSTEM,
        subscriber_id=refund.subscriber_id,
        operation=operation,
        outcome=AuditOutcome.DONE,
        at=at,
        reason=reason,
        target=GlobalId("Refund", refund.subscriber_id, refund.id).encode(),
        after={"state": refund.state, "amount_cents": refund.amount_cents},
    )
