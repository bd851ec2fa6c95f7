"""Engines and sessions: one way to read, one way to write, on SQLite and on PostgreSQL.

On SQLite a single connection writes, inside `BEGIN IMMEDIATE`, and readers have connections of their own that can only
read: a shared connection would make reads wait behind a foreign lock.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from backoffice.errors import BackofficeError

_READERS = 8
_BUSY_TIMEOUT_MS = 5_000
_STATEMENT_TIMEOUT_MS = 15_000
# PostgreSQL's codes for an unknown database, a wrong user or password, a server that starts or is full.
_NO_ENTRY = frozenset({"3D000", "28000", "28P01", "57P03", "53300"})


class DatabaseUnreachable(BackofficeError):
    """The database does not answer, or its address cannot be read."""

    code = "DATABASE_UNREACHABLE"


class Database:
    """The engines of one installation; made once a process, closed at its end."""

    def __init__(self, url: str, *, replica_url: str = "") -> None:
        self.url = url
        try:
            self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
            self.writer = _sqlite(url, readers=False) if self.is_sqlite else _postgresql(url, reads_only=False)
            source = replica_url or url
            self.reader = _sqlite(source, readers=True) if self.is_sqlite else _postgresql(source, reads_only=True)
        except (ArgumentError, ModuleNotFoundError) as unreadable:
            raise DatabaseUnreachable(
                "BACKOFFICE_DATABASE_URL is not an address we can use; write sqlite+aiosqlite:///FILE or "
                "postgresql+asyncpg://USER:PASSWORD@HOST/NAME."
            ) from unreadable
        self._write_sessions = async_sessionmaker(self.writer, expire_on_commit=False)
        self._read_sessions = async_sessionmaker(self.reader, expire_on_commit=False, autoflush=False)
        # Fewer than the pool holds: a field that waits never waits for a connection that its own request holds.
        self._read_slots = asyncio.Semaphore(_READERS - 2)

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, undone when it raises."""
        with reachable():
            async with self._write_sessions() as session, session.begin():
                yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A short session that only reads; never share one between fields that run at the same time."""
        with reachable():
            async with self._read_slots, self._read_sessions() as session:
                yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A session that reads everything as at one instant, however long it takes, and may stream."""
        async with self.reading() as session:
            if not self.is_sqlite:
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                await session.execute(text("SET LOCAL statement_timeout = 0"))
            yield session

    @asynccontextmanager
    async def connecting(self) -> AsyncIterator[AsyncConnection]:
        """A connection that may write, for migrations and checks; the caller commits."""
        with reachable():
            async with self.writer.connect() as connection:
                yield connection

    async def close(self) -> None:
        """Return every connection."""
        await self.writer.dispose()
        await self.reader.dispose()


@contextmanager
def reachable() -> Iterator[None]:
    """Turns a failure to reach the database into one coded refusal; everything else passes."""
    try:
        yield
    except (OSError, PoolTimeout, DBAPIError) as error:
        if isinstance(error, DBAPIError) and not _is_unreachable(error):
            raise
        raise DatabaseUnreachable(
            "The database does not answer; check BACKOFFICE_DATABASE_URL and that the server runs."
        ) from error


def _is_unreachable(error: DBAPIError) -> bool:
    if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _NO_ENTRY:
        return True
    return any(text in str(error.orig) for text in ("unable to open", "file is not a database"))


def _sqlite(url: str, *, readers: bool) -> AsyncEngine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, pool_size=_READERS if readers else 1, max_overflow=0, pool_timeout=30)

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver must not begin transactions by itself, or BEGIN IMMEDIATE would come too late.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -65536")
        if readers:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if readers else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: str, *, reads_only: bool) -> AsyncEngine:
    settings = {
        "application_name": "backoffice",
        "statement_timeout": str(_STATEMENT_TIMEOUT_MS),
        "jit": "off",
    }
    if reads_only:
        settings["default_transaction_read_only"] = "on"
    engine = create_async_engine(
        url,
        pool_size=_READERS,
        max_overflow=0,
        pool_timeout=30,
        connect_args={"server_settings": settings, "timeout": 10},
    )
    # A read is one statement and its own snapshot: BEGIN and ROLLBACK around it would cost two round trips.
    return engine.execution_options(isolation_level="AUTOCOMMIT") if reads_only else engine
