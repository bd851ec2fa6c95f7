"""Rows that wait to be written, table by table: plain dicts, since 200,000 subscribers are too many for ORM objects."""

from typing import Any

from sqlalchemy import Column, Table, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from backoffice.models import Base

Row = dict[str, Any]


class Rows:
    """Collects rows; `write` inserts them in the order that foreign keys ask for and forgets them."""

    def __init__(self) -> None:
        self._tables = {table.name: _Pending(table) for table in Base.metadata.sorted_tables}
        self.counts: dict[str, int] = dict.fromkeys(self._tables, 0)

    def add(self, table: str, /, **values: Any) -> Row:
        """Add a row; what is not named gets its default or None. The row may still be changed until it is written."""
        pending = self._tables[table]
        row = {**pending.blank, **values}
        pending.rows.append(row)
        return row

    async def write(self, session: AsyncSession) -> None:
        """Insert what was collected; the caller's transaction commits it."""
        for name, pending in self._tables.items():
            if pending.rows:
                await session.execute(insert(pending.table), pending.rows)
                self.counts[name] += len(pending.rows)
                pending.rows = []


class _Pending:
    def __init__(self, table: Table) -> None:
        self.table = table
        self.blank = {column.name: _default(column) for column in table.columns if _may_be_left_out(column)}
        self.rows: list[Row] = []


def _may_be_left_out(column: Column[Any]) -> bool:
    return bool(column.nullable) or column.default is not None


def _default(column: Column[Any]) -> Any:
    return column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None
