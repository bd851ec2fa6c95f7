"""Payments on their way: the bank is asked to collect what is due, and its answer is booked."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, select

from backoffice.database import Database
from backoffice.errors import NotFound
from backoffice.gateway import Answer, Gateway, Outcome
from backoffice.jobs.tasks import Book, Finished, Task, Waiting
from backoffice.models import Payment, PaymentMethod, PaymentState
from backoffice.services import payments

_TO_BE_COLLECTED = frozenset({PaymentState.PENDING, PaymentState.AUTHORIZED})
_STATE_OF = {Outcome.DECLINED: PaymentState.DENIED, Outcome.EXPIRED: PaymentState.FAILED}


@dataclass(frozen=True, slots=True)
class _Order:
    """What the bank is to be told."""

    amount_cents: int
    token: str | None
    reference: str
    state: PaymentState


async def collect(task: Task, *, database: Database, gateway: Gateway, currency: str) -> Finished | Waiting:
    """Have a payment collected under the message's key. Raises NotFound for one without a card or a mandate."""
    order = await _read(task, database)
    if order.state not in _TO_BE_COLLECTED:
        return Finished()
    if order.token is None:
        raise NotFound("This payment has no card and no mandate that it could be collected with.")
    answer = await gateway.charge(
        key=task.key,
        token=order.token,
        amount_cents=order.amount_cents,
        currency=currency,
        description=order.reference,
    )
    return Finished(_booking(task, answer)) if answer.is_final else Waiting(answer.at)


async def _read(task: Task, database: Database) -> _Order:
    method = PaymentMethod
    used = (method.subscriber_id == Payment.subscriber_id) & (method.id == Payment.payment_method_id)
    token = func.coalesce(method.card_token, method.mandate_reference)
    asked = (
        select(Payment.amount_cents, token, Payment.reference, Payment.state)
        .outerjoin(method, used)
        .where(Payment.subscriber_id == task.subscriber_id, Payment.id == task.payload["payment"])
    )
    async with database.reading() as session:
        row = (await session.execute(asked)).one_or_none()
    if row is None:
        raise NotFound("There is no such payment.")
    return _Order(*row)


def _booking(task: Task, answer: Answer) -> Book:
    of = {"subscriber_id": task.subscriber_id, "payment_id": task.payload["payment"]}
    if answer.outcome is Outcome.ACCEPTED:
        return partial(payments.captured, **of, reference=answer.reference)
    return partial(payments.failed, **of, code=answer.code, state=_STATE_OF[answer.outcome])
