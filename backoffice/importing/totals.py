"""Adds up: what the file says, what was refused, what the database then holds; the three must agree to the cent."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.importing.rows import Row
from backoffice.importing.rules import ImportMapping, Total
from backoffice.importing.targets import NOUNS
from backoffice.models import Subscriber


@dataclass(slots=True)
class Sums:
    """The totals of some rows, by name; cents and counts."""

    totals: tuple[Total, ...]
    rows: int = 0
    by_name: Counter[str] = field(default_factory=Counter)
    adjustments: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        """Count one row in; of a refused row, what could be read."""
        self.rows += 1
        self.adjustments.update(row.adjustments)
        for total in self.totals:
            self.by_name[total.name] += said(total, row)

    def add_all(self, rows: Iterable[Row]) -> None:
        """Count many rows in."""
        for row in rows:
            self.add(row)

    def of(self, name: str) -> int:
        """The total of a name."""
        return self.by_name[name]


def said(total: Total, row: Row) -> int:
    """What one row says towards a total."""
    found = 0
    for part in row.parts:
        if part.noun != total.noun or any(part.values.get(name) != wanted for name, wanted in total.where.items()):
            continue
        value = 1 if total.field is None else part.values.get(total.field)
        found += value if isinstance(value, int) else 0
    return found


async def in_database(session: AsyncSession, mapping: ImportMapping) -> Mapping[str, int]:
    """The same totals over all rows of subscribers that came from the mapping's source, counted by the database."""
    return {total.name: await _counted(session, total, mapping.source) for total in mapping.totals}


async def _counted(session: AsyncSession, total: Total, source: str) -> int:
    targets = NOUNS[total.noun].targets
    what: ColumnElement[int] = func.count()
    if total.field is not None:
        what = func.coalesce(func.sum(targets[total.field].column), 0)
    query: Select[int] = select(what).select_from(NOUNS[total.noun].model)
    query = query.where(*_of_source(total.noun, source), *NOUNS[total.noun].filters)
    for name, wanted in total.where.items():
        query = query.where(targets[name].column.is_(None) if wanted is None else targets[name].column == wanted)
    return int(await session.scalar(query) or 0)


def _of_source(noun: str, source: str) -> tuple[ColumnElement[bool], ...]:
    if noun == "subscriber":
        return (Subscriber.source == source,)
    owner = NOUNS[noun].model.__table__.c.subscriber_id
    return (owner.in_(select(Subscriber.id).where(Subscriber.source == source)),)
