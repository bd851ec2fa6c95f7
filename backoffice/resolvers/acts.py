"""How every write is done: once for its key, in one unit of work, with refusals that become data.

The key is looked up first, so that a retry gets the first answer whatever has changed since. A refused act leaves its
trace in a unit of work of its own: the act's own was undone.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.database import DatabaseBusy, DatabaseUnreachable
from backoffice.errors import BackofficeError
from backoffice.fields import entity
from backoffice.ids import GlobalId
from backoffice.models import AuditOutcome
from backoffice.resolvers import files
from backoffice.resolvers.context import Context
from backoffice.services import audit, idempotency

KEY = "8 to 255 characters, new for each act: a retry with the same key gets the first answer."
"""What the graph says of idempotency keys."""

FAULTS = (DatabaseBusy, DatabaseUnreachable)

Act = Callable[[AsyncSession], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a write did: the row it made or changed, or why it was refused."""

    row: Any = None
    replayed: bool = False
    refusals: list[BackofficeError] = field(default_factory=list)


async def perform(
    context: Context, *, operation: str, key: str, given: dict[str, Any], target: GlobalId, type_name: str, act: Act
) -> Outcome:
    """Do `act` once for `key`; `given` is the whole input, which a retry must repeat, and `target` a subscriber's row.

    The act returns a row of `type_name`, or of another type where it has several ends.
    """
    try:
        attempt = idempotency.Attempt(viewer=context.viewer, operation=operation, key=key, given=given)
        answer, replayed = await _once(context, attempt, target.subscriber_id, act)
    except FAULTS:
        raise  # not an answer to the act: nothing was decided, and the trail could not be written either
    except BackofficeError as refusal:
        return await refused(context, operation, refusal, target=target)
    context.loaders.clear()  # what was read before the write is no longer true
    made = entity(answer.get("type", type_name))
    row = await context.loaders.row(made).load((answer["subscriber_id"], answer["id"]))
    await files.opened(context, answer["subscriber_id"])
    return Outcome(row=row, replayed=replayed)


def of_type(outcome: Outcome, model: type[Any]) -> Any:
    """The row that a write made, if it is of this type: some writes have several ends."""
    return outcome.row if isinstance(outcome.row, model) else None


async def refused(
    context: Context, operation: str, refusal: BackofficeError, *, target: GlobalId | None = None
) -> Outcome:
    """Leave the trace of a refusal: in the file of its target or, when there is none, in the chain of the staff."""
    async with context.database.unit_of_work() as session:
        await audit.append(
            session,
            viewer=context.viewer,
            subscriber_id=target.subscriber_id if target else audit.STAFF_CHAIN,
            operation=operation,
            outcome=AuditOutcome.REFUSED,
            at=context.at,
            reason=refusal.code[:40],
            target=target.encode() if target else None,
        )
    return Outcome(refusals=[refusal])


async def _once(
    context: Context, attempt: idempotency.Attempt, subscriber_id: int, act: Act
) -> tuple[dict[str, Any], bool]:
    try:
        return await _try(context, attempt, subscriber_id, act)
    except FAULTS:
        raise
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
        answer = {"subscriber_id": row.subscriber_id, "id": row.id, "type": type(row).__name__}
        idempotency.keep_answer(session, attempt, subscriber_id=subscriber_id, answer=answer, at=context.at)
        return answer, False
