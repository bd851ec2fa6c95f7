"""The demo operator to measure on: filled once, in a folder of the benchmark or on a PostgreSQL server."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import delete, make_url, select, text

from backoffice import demo, migrations
from backoffice.database import Database
from backoffice.models import AccessEntry, Subscriber
from backoffice.vault import Vault

ON = date(2026, 11, 21)
"""The civil day on which all requests arrive."""
AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
"""The instant at which all requests arrive: whether a ticket is late must not depend on who is asked first."""
ZONE = "Europe/Paris"
VAULT = Vault([b"a key for benchmarks, of thirty-two characters and more"])
_SEED = 1


@dataclass(frozen=True, slots=True)
class Size:
    """How much of the demo operator."""

    subscribers: int
    months: int

    @property
    def name(self) -> str:
        """The name of a database of this size."""
        return f"benchmark_{self.subscribers}_{self.months}"


@dataclass(frozen=True, slots=True)
class Store:
    """A filled database, and the numbers of its subscribers in an order that is drawn once for all contenders."""

    title: str
    database: Database
    numbers: list[str]


@asynccontextmanager
async def sqlite(folder: Path, size: Size) -> AsyncIterator[Store]:
    """A filled SQLite file in `folder`: the one that is there, else a new one."""
    path, unfinished = folder / f"{size.name}.sqlite3", folder / f"{size.name}_filling.sqlite3"
    if not path.exists():
        _remove(unfinished)
        await _fill(f"sqlite+aiosqlite:///{unfinished}", size)
        unfinished.rename(path)
    async with _opened(f"sqlite+aiosqlite:///{path}", "SELECT sqlite_version()", "SQLite") as store:
        yield store


@asynccontextmanager
async def postgresql(server: str, size: Size, *, keep: bool) -> AsyncIterator[Store]:
    """A filled database on the server at the URL `server`; dropped at the end unless it is to be kept."""
    if not await _run(server, f"SELECT 1 FROM pg_database WHERE datname = '{size.name}'"):
        unfinished = f"{size.name}_filling"
        await _run(server, f"DROP DATABASE IF EXISTS {unfinished}")
        await _run(server, f"CREATE DATABASE {unfinished}")
        await _fill(_named(server, unfinished), size)
        # A server that has run for a day has these statistics; a new database has not.
        await _run(_named(server, unfinished), "VACUUM ANALYZE")
        await _run(server, f"ALTER DATABASE {unfinished} RENAME TO {size.name}")
    try:
        async with _opened(_named(server, size.name), "SHOW server_version", "PostgreSQL") as store:
            yield store
    finally:
        if not keep:
            await _run(server, f"DROP DATABASE {size.name}")


@asynccontextmanager
async def _opened(url: str, version: str, product: str) -> AsyncIterator[Store]:
    database = Database(url)
    try:
        async with database.unit_of_work() as session:
            # What an earlier run logged would make this one insert into a larger table.
            await session.execute(delete(AccessEntry))
        async with database.reading() as session:
            said = str(await session.scalar(text(version))).partition(" ")[0]
            numbers = list(await session.scalars(select(Subscriber.number).order_by(Subscriber.id)))
        if None in numbers:
            raise AssertionError("The benchmark asks by number, and a subscriber of the demo has none.")
        random.Random(_SEED).shuffle(numbers)
        yield Store(f"{product} {said}", database, [str(number) for number in numbers])
    finally:
        await database.close()


def _remove(unfinished: Path) -> None:
    """What an interrupted run left."""
    for left in unfinished.parent.glob(f"{unfinished.name}*"):
        left.unlink()


async def _fill(url: str, size: Size) -> None:
    database = Database(url)
    try:
        await migrations.upgrade(database)
        await demo.fill(
            database,
            vault=VAULT,
            subscribers=size.subscribers,
            seed=_SEED,
            on=ON,
            months=size.months,
            zone=ZONE,
            credentials_path=None,
        )
    finally:
        await database.close()


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


async def _run(url: str, statement: str) -> list[object]:
    connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        return list(await connection.fetch(statement))
    finally:
        await connection.close()
