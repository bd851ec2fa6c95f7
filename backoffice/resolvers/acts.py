"""How every write is done: once for its key, in one unit of work, with refusals that become data.

The key is looked up first, so that a retry gets the first answer whatever has changed since. A refused act leaves its
trace in a unit of work of its own: the act's own was undone.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError
from backoffice.fields import entity
from backoffice.ids import GlobalId
from backoffice.models import AuditOutcome
from backoffice.resolvers.context import Context
from backoffice.services import audit, idempotency

Act = Callable[[AsyncSession], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a write did: the row it made or changed, or why it was refused."""

    row: Any = None
    replayed: bool = False
    refusals: list[BackofficeError] = field(default_factory=list)


async def perform(
    context: Context, *, operation: str, key: str, given: dict[str, Any], subscriber_id: int, type_name: str, act: Act
) -> Outcome:
    """Do `act` once for `key`; `given` is the whole input, which a retry must repeat."""
    try:
        attempt = idempotency.Attempt(viewer=context.viewer, operation=operation, key=key, given=given)
        answer, replayed = await _once(context, attempt, subscriber_id, type_name, act)
    except BackofficeError as refusal:
        await _refused(context, operation, subscriber_id, refusal)
        return Outcome(refusals=[refusal])
    context.loaders.clear()  # what was read before the write is no longer true
    row = await context.loaders.row(entity(type_name)).load((answer["subscriber_id"], answer["id"]))
    return Outcome(row=row, replayed=replayed)


async def _once(
    context: Context, attempt: idempotency.Attempt, subscriber_id: int, type_name: str, act: Act
) -> tuple[dict[str, Any], bool]:
    try:
        return await _try(context, attempt, subscriber_id, act)
    except (IntegrityError, BackofficeError):
        # Two requests with one key ran at once and the other has committed: its answer is ours, or the fault is real.
        async with context.database.unit_of_work() as session:
            answer = await idempotency.earlier_answer(session, attempt)
        if answer is None:
            raise
        return answer, True


async def _try(
    context: Context, attempt: idempotency.Attempt, subscriber_id: int, act: Act
) -> tuple[dict[str, Any], bool]:
    async with context.database.unit_of_work() as session:
        earlier = await idempotency.earlier_answer(session, attempt)
        if earlier is not None:
            return earlier, True
        row = await act(session)
        answer = {"subscriber_id": row.subscriber_id, "id": row.id}
        idempotency.keep_answer(session, attempt, subscriber_id=subscriber_id, answer=answer, at=context.at)
        return answer, False


async def _refused(context: Context, operation: str, subscriber_id: int, refusal: BackofficeError) -> None:
    async with context.database.unit_of_work() as session:
        await audit.append(
            session,
            viewer=context.viewer,
            subscriber_id=subscriber_id,
            operation=operation,
            outcome=AuditOutcome.REFUSED,
            at=context.at,
            reason=refusal.code[:40],
            target=GlobalId("Subscriber", subscriber_id, subscriber_id).encode() if subscriber_id else None,
        )
