"""Numbers of documents: one series a code, without gaps, in the order in which they are given out."""

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import NumberSeries


async def next_number(session: AsyncSession, *, series: str) -> int:
    """The next number of a series. It is taken in this transaction: undone with it, so that no gap remains."""
    return await next_numbers(session, series=series, how_many=1)


async def next_numbers(session: AsyncSession, *, series: str, how_many: int) -> int:
    """The first of the next `how_many` numbers of a series, which are all taken."""
    return await _raise(session, series, how_many) - how_many + 1


async def _raise(session: AsyncSession, series: str, how_many: int) -> int:
    raised = (
        update(NumberSeries)
        .where(NumberSeries.code == series)
        .values(last_number=NumberSeries.last_number + how_many)
        .returning(NumberSeries.last_number)
    )
    number = (await session.execute(raised)).scalar_one_or_none()
    if number is not None:
        return number
    await _begin(session, series)
    return (await session.execute(raised)).scalar_one()


async def _begin(session: AsyncSession, series: str) -> None:
    """Start a series; two that start it at once make one row."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    await session.execute(insert(NumberSeries).values(code=series, last_number=0).on_conflict_do_nothing())
