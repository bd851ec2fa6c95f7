"""How the checks of the books read: streamed rows, sums over children, and the faults that they name."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not add up: which check found it, at what, and what was expected."""

    check: str
    subject: str
    message: str


Faults = AsyncIterator[Fault]
Check = Callable[[AsyncSession], Faults]


async def rows(session: AsyncSession, statement: Any) -> AsyncIterator[Any]:
    """The rows of a statement, streamed: the books may be larger than the memory."""
    result = await session.stream(statement.execution_options(yield_per=_AT_ONCE))
    async for row in result:
        yield row


def total(value: Any, child: Any, by: str, *, of: Any, where: Any = None) -> Any:
    """The sum of a value over the children of a row of `of`, which refer to it by the column `by`."""
    found = select(func.coalesce(func.sum(value), 0)).where(same(of, child, by))
    if where is not None:
        found = found.where(where)
    return found.correlate(of).scalar_subquery()


def same(parent: Any, child: Any, by: str) -> Any:
    """The condition under which a child refers to its parent."""
    return and_(child.subscriber_id == parent.subscriber_id, getattr(child, by) == parent.id)
