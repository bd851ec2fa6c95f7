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
from backoffice.models import Payment, Refund, RefundState
from backoffice.services import refunds

_TO_BE_SENT = frozenset({RefundState.APPROVED, RefundState.SENT})


@dataclass(frozen=True, slots=True)
class _Order:
    """What the bank is to be told, and whether it was told before."""

    amount_cents: int
    original_reference: str
    state: RefundState


async def send(task: Task, *, database: Database, gateway: Gateway, currency: str) -> Finished | Waiting:
    """Have a refund paid out under the message's key. Raises NotFound for a refund that is not there or has no payment."""
    order = await _read(task, database)
    if order.state not in _TO_BE_SENT:
        return Finished()
    answer = await gateway.refund(
        key=task.key,
        original_reference=order.original_reference,
        amount_cents=order.amount_cents,
        currency=currency,
    )
    book = partial(_book, task=task, answer=answer)
    return Finished(book) if answer.is_final else Waiting(answer.at, book)


async def _read(task: Task, database: Database) -> _Order:
    paid = (Payment.subscriber_id == Refund.subscriber_id) & (Payment.id == Refund.payment_id)
    asked = (
        select(Refund.amount_cents, Payment.reference, Refund.state)
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
        await refunds.failed(
            session,
            subscriber_id=subscriber_id,
            refund_id=refund_id,
            code=answer.code or answer.outcome,
            at=at,
            today=today,
        )
