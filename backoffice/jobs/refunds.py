"""Refunds on their way: the bank is asked to pay out, and its answer is booked."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.database import Database
from backoffice.errors import NotFound
from backoffice.gateway import Answer, Gateway, Outcome
from backoffice.jobs.tasks import Finished, Task, Waiting
from backoffice.models import Payment, PaymentMethodKind, PaymentState, Refund, RefundState
from backoffice.services import refunds
from backoffice.services.payment_means import RECEIVED

PAYMENT_RETURNED = "PAYMENT_RETURNED"
"""The failure of a refund whose payment the bank took back meanwhile."""
NEEDS_A_MEANS = "REFUND_NEEDS_A_MEANS"
"""The failure of a refund of a transfer or a check: its reference was typed in, and is none that the bank gave us."""
_TO_BE_SENT = frozenset({RefundState.APPROVED, RefundState.SENT})


@dataclass(frozen=True, slots=True)
class _Order:
    """What the bank is to be told, and whether it was told before."""

    amount_cents: int
    original_reference: str
    state: RefundState
    payment_state: PaymentState
    means: PaymentMethodKind | None


async def send(task: Task, *, database: Database, gateway: Gateway, currency: str) -> Finished | Waiting:
    """Have a refund paid out under the message's key. Raises NotFound for a refund that is not there or has no payment."""
    order = await _read(task, database)
    if order.state not in _TO_BE_SENT:
        return Finished()
    why_not = _why_not(order)
    # What the bank was asked for once may have left: only its answer counts then.
    if why_not is not None and await gateway.find(task.key) is None:
        return Finished(partial(_fail, task=task, code=why_not))
    answer = await gateway.refund(
        key=task.key,
        original_reference=order.original_reference,
        amount_cents=order.amount_cents,
        currency=currency,
    )
    book = partial(_book, task=task, answer=answer)
    return Finished(book) if answer.is_final else Waiting(answer.at, book)


def _why_not(order: _Order) -> str | None:
    """Why a refund that was not sent must not be."""
    if order.state is not RefundState.APPROVED:
        return None
    if order.means in RECEIVED:
        return NEEDS_A_MEANS
    return None if order.payment_state is PaymentState.CAPTURED else PAYMENT_RETURNED


async def _read(task: Task, database: Database) -> _Order:
    paid = (Payment.subscriber_id == Refund.subscriber_id) & (Payment.id == Refund.payment_id)
    asked = (
        select(Refund.amount_cents, Payment.reference, Refund.state, Payment.state, Payment.means)
        .join(Payment, paid)
        .where(Refund.subscriber_id == task.subscriber_id, Refund.id == task.payload["refund"])
    )
    async with database.reading() as session:
        row = (await session.execute(asked)).one_or_none()
    if row is None:
        raise NotFound("There is no such refund of a payment.")
    return _Order(*row)


async def _book(session: AsyncSession, *, task: Task, answer: Answer, at: datetime, today: date) -> None:
    subscriber_id, refund_id = task.subscriber_id, task.payload["refund"]
    if answer.outcome in (Outcome.ACCEPTED, Outcome.PENDING):
        await refunds.sent(
            session, subscriber_id=subscriber_id, refund_id=refund_id, reference=answer.reference, at=at, today=today
        )
    if answer.outcome is Outcome.ACCEPTED:
        await refunds.settled(session, subscriber_id=subscriber_id, refund_id=refund_id, at=at, today=today)
    if answer.outcome in (Outcome.DECLINED, Outcome.EXPIRED):
        await _fail(session, task=task, code=answer.code or answer.outcome, at=at, today=today)


async def _fail(session: AsyncSession, *, task: Task, code: str, at: datetime, today: date) -> None:
    await refunds.failed(
        session,
        subscriber_id=task.subscriber_id,
        refund_id=task.payload["refund"],
        code=code,
        at=at,
        today=today,
    )
