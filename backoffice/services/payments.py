"""Payments: money that comes in, by the bank's answer to the outbox or by a transfer or a check that somebody records.

What is paid brings back the services that were cut for want of it, on the same day.
"""

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import GlobalId, new_id
from backoffice.models import (
    AuditOutcome,
    BillingAccount,
    Payment,
    PaymentMethod,
    PaymentMethodKind,
    PaymentState,
    PostingKind,
)
from backoffice.permissions import SYSTEM
from backoffice.services import (
    allocations,
    audit,
    credit_applications,
    dunning,
    known_payments,
    outbox,
    payment_postings,
    postings,
    rejection_fees,
)

RECEIPT = "payment_received"
"""The template of the mail that says that the money is in."""


def ask(session: AsyncSession, *, account: BillingAccount, method: PaymentMethod, cents: int, at: datetime) -> Payment:
    """A payment that the outbox asks of a card or a mandate; no money has moved."""
    payment = _new(account, cents, at, PaymentState.PENDING)
    payment.payment_method_id = method.id
    payment.reference = f"{method.kind[:2]}{payment.id:X}"
    session.add(payment)
    outbox.charge(session, subscriber_id=account.subscriber_id, payment_id=payment.id, at=at)
    return payment


async def receive(
    session: AsyncSession,
    *,
    account: BillingAccount,
    means: PaymentMethodKind,
    reference: str,
    cents: int,
    receipt_email: str | None,
    at: datetime,
    today: date,
) -> Payment:
    """Book money that came in by itself to the locked account: a transfer or a check."""
    payment = _new(account, cents, at, PaymentState.CAPTURED)
    payment.means, payment.reference, payment.captured_at = means, reference, at
    payment.receipt_email = receipt_email
    session.add(payment)
    await session.flush()  # its allocations refer to it
    await _book(session, account, payment, at, today)
    return payment


async def captured(
    session: AsyncSession, *, subscriber_id: int, payment_id: int, reference: str, at: datetime, today: date
) -> None:
    """Book that the bank collected a payment: it pays the oldest invoices. Does nothing the second time."""
    account, payment = await locked(session, subscriber_id=subscriber_id, payment_id=payment_id)
    if payment.state not in known_payments.WAITING:
        return
    payment.state, payment.reference, payment.captured_at = PaymentState.CAPTURED, reference, at
    await _book(session, account, payment, at, today)
    await _trail(session, payment, "paymentCaptured", at)


async def failed(
    session: AsyncSession,
    *,
    subscriber_id: int,
    payment_id: int,
    code: str | None,
    state: PaymentState,
    at: datetime,
    today: date,
) -> None:
    """Note that the bank collected nothing, with its own `code`, and charge the fee. Does nothing the second time."""
    _, payment = await locked(session, subscriber_id=subscriber_id, payment_id=payment_id)
    if payment.state not in known_payments.WAITING:
        return
    payment.state, payment.failure_code, payment.failed_at = state, code and code[:40], at
    await rejection_fees.charge(session, payment=payment, at=at, today=today)
    await _trail(session, payment, "paymentFailed", at, reason=payment.failure_code)


async def locked(session: AsyncSession, *, subscriber_id: int, payment_id: int) -> tuple[BillingAccount, Payment]:
    """A payment and its account, which nobody else moves money on until the transaction ends."""
    await postings.lock_file(session, subscriber_id=subscriber_id)
    key = {"subscriber_id": subscriber_id, "id": payment_id}
    payment = await session.get_one(Payment, key, populate_existing=True)
    account = await postings.lock(session, subscriber_id=subscriber_id, account_id=payment.billing_account_id)
    return account, payment


def _new(account: BillingAccount, cents: int, at: datetime, state: PaymentState) -> Payment:
    return Payment(
        subscriber_id=account.subscriber_id,
        id=new_id(at),
        billing_account_id=account.id,
        state=state,
        amount_cents=cents,
        requested_at=at,
    )


async def _book(session: AsyncSession, account: BillingAccount, payment: Payment, at: datetime, today: date) -> None:
    await payment_postings.post(session, account, payment, PostingKind.PAYMENT, at, today)
    issued = await credit_applications.invoices(session, account)
    shares = allocations.oldest_first(issued, payment.amount_cents)
    await allocations.write(session, payment=payment, parts=shares.parts, at=at)
    await credit_applications.settle(session, account=account, at=at)
    await dunning.reactivate(session, account=account, at=at, today=today)
    if payment.receipt_email:
        outbox.mail(session, subscriber_id=payment.subscriber_id, template=RECEIPT, about=payment.id, at=at)


async def _trail(
    session: AsyncSession, payment: Payment, operation: str, at: datetime, *, reason: str | None = None
) -> None:
    await audit.append(
        session,
        viewer=SYSTEM,
        subscriber_id=payment.subscriber_id,
        operation=operation,
        outcome=AuditOutcome.DONE,
        at=at,
        reason=reason,
        target=GlobalId("Payment", payment.subscriber_id, payment.id).encode(),
        after={"state": payment.state, "amount_cents": payment.amount_cents},
    )
