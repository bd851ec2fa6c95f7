"""Refunds on their way: the bank is asked to pay out, and its answer is booked."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import select

from backoffice.database import Database
from backoffice.errors import NotFound
from backoffice.gateway import Answer, Gateway, Outcome
from backoffice.jobs.tasks import Book, Finished, Task, Waiting
from backoffice.models import Payment, Refund, RefundState
from backoffice.services import refunds

_TO_BE_SENT = frozenset({RefundState.REQUESTED, RefundState.APPROVED, RefundState.SENT})


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
    if answer.is_final:
        return Finished(_booking(task, answer))
    return Waiting(None if order.state is RefundState.SENT else _booking(task, answer))


async def _read(task: Task, database: Database) -> _Order:
    paid = (Payment.subscriber_id == Refund.subscriber_id) & (Payment.id == Refund.payment_id)
    asked = (
        select(Refund.amount_cents, Payment.reference, Refund.state)
        .join(Payment, paid)
        .where(Refund.subscriber_id == task.subscriber_id, Refund.id == task.payload["about"])
    )
    async with database.reading() as session:
        row = (await session.execute(asked)).one_or_none()
    if row is None:
        raise NotFound("There is no such refund of a payment.")
    return _Order(*row)


def _booking(task: Task, answer: Answer) -> Book:
    of = {"subscriber_id": task.subscriber_id, "refund_id": task.payload["about"]}
    if answer.outcome is Outcome.PENDING:
        return partial(refunds.sent, **of, reference=answer.reference)
    if answer.outcome is Outcome.ACCEPTED:
        return partial(refunds.settled, **of, reference=answer.reference)
    return partial(refunds.failed, **of, code=answer.code)
