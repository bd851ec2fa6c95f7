"""Writes batches of rows, each batch in one unit of work: a row is wholly there or not at all."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import insert, or_, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.database import Database
from backoffice.importing.building import build, import_key
from backoffice.importing.making import Setting
from backoffice.importing.parts import Problem
from backoffice.importing.rows import Row
from backoffice.models import AuditOutcome, DirectoryEntry, DirectoryKind
from backoffice.permissions import SYSTEM
from backoffice.services import audit


@dataclass(slots=True)
class Batch:
    """What became of some rows."""

    written: list[Row] = field(default_factory=list)
    unchanged: list[Row] = field(default_factory=list)
    refused: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, row: Row, column: str, value: str, reason: str) -> None:
        """Sort a row out."""
        self.refused.append(row)
        self.problems.append(Problem(row.line, column, value, reason))


async def compare(database: Database, setting: Setting, rows: Sequence[Row]) -> Batch:
    """What `write` would do, as far as reading can tell."""
    async with database.reading() as session:
        return await _sorted_out(session, setting, rows)


async def write(database: Database, setting: Setting, rows: Sequence[Row]) -> Batch:
    """Insert the rows that are new; row by row when the database refuses the batch, so that only its offender is lost."""
    try:
        return await _together(database, setting, rows)
    except OperationalError:
        raise  # a database that is busy or gone says nothing about the rows
    except DBAPIError:
        return await _one_by_one(database, setting, rows)


async def _together(database: Database, setting: Setting, rows: Sequence[Row]) -> Batch:
    async with database.unit_of_work() as session:
        batch = await _sorted_out(session, setting, rows)
        for table, values in build(setting, batch.written):
            await session.execute(insert(table), values)
        if batch.written:
            await _audit(session, setting, batch.written)
    return batch


async def _one_by_one(database: Database, setting: Setting, rows: Sequence[Row]) -> Batch:
    whole = Batch()
    for row in rows:
        try:
            one = await _together(database, setting, [row])
        except OperationalError:
            raise
        except DBAPIError as refused:
            whole.refuse(row, "", "", f"the database refuses it: {_name(refused)}")
            continue
        whole.written += one.written
        whole.unchanged += one.unchanged
        whole.refused += one.refused
        whole.problems += one.problems
    return whole


def _name(refused: DBAPIError) -> str:
    # Never the message of PostgreSQL, which quotes the values of the row; SQLite's names the constraint alone.
    if isinstance(refused.orig, sqlite3.IntegrityError):
        return str(refused.orig)
    cause = refused.orig.__cause__ if refused.orig else None
    return str(getattr(cause, "constraint_name", None) or type(cause or refused).__name__)


async def _audit(session: AsyncSession, setting: Setting, rows: Sequence[Row]) -> None:
    # One link a batch, in its own transaction: what was imported before a crash is in the trail as well.
    await audit.append(
        session,
        viewer=SYSTEM,
        operation="import",
        outcome=AuditOutcome.DONE,
        at=setting.at,
        after={
            "source": setting.mapping.source,
            "file": setting.file_name,
            "rows": len(rows),
            "first_line": rows[0].line,
            "last_line": rows[-1].line,
        },
    )


async def _sorted_out(session: AsyncSession, setting: Setting, rows: Sequence[Row]) -> Batch:
    """Tells new rows from those that are here already, and from those that cannot be."""
    batch = Batch()
    imported, owned = await _known(session, setting, rows)
    for row in rows:
        key = import_key(setting.mapping.source, row)
        taken = next((one for one in row.identities if (one.kind, one.key) in owned), None)
        if key.exact in imported:
            batch.unchanged.append(row)
        elif key.named in imported:
            columns = ", ".join(setting.mapping.key)
            batch.refuse(row, columns, row.key, "was imported already with other values; correct the record here")
        elif taken:
            batch.refuse(row, taken.columns, taken.key, f"belongs to a subscriber who is here already ({taken.kind})")
        else:
            batch.written.append(row)
    return batch


async def _known(
    session: AsyncSession, setting: Setting, rows: Sequence[Row]
) -> tuple[set[str], set[tuple[DirectoryKind, str]]]:
    wanted: dict[DirectoryKind, set[str]] = {DirectoryKind.IMPORT: set()}
    for row in rows:
        key = import_key(setting.mapping.source, row)
        wanted[DirectoryKind.IMPORT] |= {key.named, key.exact}
        for identity in row.identities:
            if identity.is_owned_by_one:
                wanted.setdefault(identity.kind, set()).add(identity.key)
    found = await _entries(session, wanted)
    return {key for kind, key in found if kind is DirectoryKind.IMPORT}, found


async def _entries(session: AsyncSession, wanted: Mapping[DirectoryKind, set[str]]) -> set[tuple[DirectoryKind, str]]:
    entry = DirectoryEntry
    conditions = [(entry.kind == kind) & entry.key.in_(sorted(keys)) for kind, keys in wanted.items()]
    rows = await session.execute(select(entry.kind, entry.key).where(or_(*conditions)))
    return {(kind, key) for kind, key in rows}
