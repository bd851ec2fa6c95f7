"""Many subscribers alike: the file of one, copied row by row with ids, references and numbers of their own."""

from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import models
from tests.factories import new_id

_UNIQUE = {
    "subscribers": "number",
    "billing_accounts": "number",
    "contracts": "number",
    "payments": "reference",
}


async def copy_file(session: AsyncSession, of: models.Subscriber, *, times: int, series: str) -> list[int]:
    """Copy a subscriber's whole file so many times; invoices take the next numbers of `series`. The new ids."""
    await session.flush()
    tables = [table for table in models.Base.metadata.sorted_tables if _is_of_subscriber(table.name)]
    rows = {table.name: await _rows(session, table, of.id) for table in tables}
    made = [_copy(rows, number, series) for number in range(2, times + 2)]
    for table in tables:
        copies = [row for each in made for row in each[table.name]]
        if copies:
            await session.execute(insert(table), copies)
    counted = models.NumberSeries
    await session.execute(update(counted).where(counted.code == series).values(last_number=times + 1))
    return [each["subscribers"][0]["id"] for each in made]


def _is_of_subscriber(name: str) -> bool:
    return name == "subscribers" or "subscriber_id" in models.Base.metadata.tables[name].columns


async def _rows(session: AsyncSession, table: Any, subscriber_id: int) -> list[dict[str, Any]]:
    key = table.c.id if table.name == "subscribers" else table.c.subscriber_id
    return [dict(row) for row in (await session.execute(select(table).where(key == subscriber_id))).mappings()]


def _copy(rows: dict[str, list[dict[str, Any]]], number: int, series: str) -> dict[str, list[dict[str, Any]]]:
    ids = {row["id"]: new_id() for found in rows.values() for row in found if "id" in row}
    made = {name: [_with_ids(row, ids) for row in found] for name, found in rows.items()}
    for name, column in _UNIQUE.items():
        for row in made[name]:
            row[column] = f"{column[0].upper()}{row['id']}"
    for row in made["invoices"]:
        row["number"] = f"{series}-{number:07}"
    for row in made["directory"]:
        row["key"] = f"{row['key']}/{number}"
    return made


def _with_ids(row: dict[str, Any], ids: dict[int, int]) -> dict[str, Any]:
    return {name: ids.get(value, value) if type(value) is int else value for name, value in row.items()}
