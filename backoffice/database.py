"""Engines and sessions: one way to read, one way to write, on SQLite and on PostgreSQL.

On SQLite a single connection writes, inside `BEGIN IMMEDIATE`, and readers have connections of their own that can only
read: a shared connection would make reads wait behind a foreign lock.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from sqlite3 import SQLITE_BUSY, SQLITE_CANTOPEN, SQLITE_LOCKED, SQLITE_NOTADB
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import Dialect, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from backoffice.errors import BackofficeError

_READERS = 8
_BUSY_TIMEOUT_MS = 5_000
_STATEMENT_TIMEOUT_MS = 15_000
# PostgreSQL's codes for an unknown database, a wrong user or password, a server that starts or is full.
_NO_ENTRY = frozenset({"3D000", "28000", "28P01", "57P03", "53300"})
_TOO_SLOW = "57014"
# A lock that is not to be had, a deadlock, two transactions that do not fit one after the other.
_IN_THE_WAY = frozenset({"55P03", "40P01", "40001"})


class DatabaseUnreachable(BackofficeError):
    """The database does not answer, or its address cannot be read."""

    code = "DATABASE_UNREACHABLE"


class DatabaseBusy(BackofficeError):
    """The database answers, but not in time: somebody else writes, or has locked what is needed."""

    code = "DATABASE_BUSY"


class Database:
    """The engines of one installation; made once a process, closed at its end."""

    def __init__(self, url: str, *, replica_url: str = "", busy_timeout_ms: int = _BUSY_TIMEOUT_MS) -> None:
        """On SQLite a writer waits `busy_timeout_ms` for another process before it gives up."""
        self.url = url
        try:
            self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
            source = replica_url or url
            if self.is_sqlite:
                self.writer = _sqlite(url, readers=False, busy_timeout_ms=busy_timeout_ms)
                self.reader = _sqlite(source, readers=True, busy_timeout_ms=busy_timeout_ms)
            else:
                self.writer = _postgresql(url, reads_only=False)
                self.reader = _postgresql(source, reads_only=True)
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
        with _in_turn():
            async with self._write_sessions() as session, session.begin():
                yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A short session that only reads; never share one between fields that run at the same time."""
        with _in_turn():
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
        """A connection that may write, however long a statement takes, for migrations; the caller commits."""
        with _in_turn():
            async with self.writer.connect() as connection:
                if self.is_sqlite:
                    yield connection
                    return
                await connection.execute(text("SET statement_timeout = 0"))
                await connection.commit()
                try:
                    yield connection
                finally:
                    # The pool must not lend a connection without the limit to somebody else.
                    await connection.invalidate()

    async def close(self) -> None:
        """Return every connection."""
        await self.writer.dispose()
        await self.reader.dispose()


@contextmanager
def _in_turn() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as full:
        raise _unreachable() from full


def _refuse_faults(engine: AsyncEngine) -> None:
    """Turn faults of connecting, executing and committing into coded refusals.

    The engine's own events see these alone: an OSError of the code that uses a session is none of them.
    """

    @event.listens_for(engine.sync_engine, "do_connect")
    def _connect(dialect: Dialect, _record: object, words: list[Any], named: dict[str, Any]) -> Any:
        try:
            return dialect.connect(*words, **named)
        except (OSError, dialect.loaded_dbapi.Error) as fault:
            raise _unreachable() from fault

    @event.listens_for(engine.sync_engine, "handle_error")
    def _translate(context: ExceptionContext) -> BackofficeError | None:
        return _refusal(context.original_exception, is_disconnect=context.is_disconnect)


def _refusal(fault: BaseException, *, is_disconnect: bool) -> BackofficeError | None:
    """What a fault of the driver means, by its codes: its message may quote data."""
    if not isinstance(fault, Exception):
        return None
    state = getattr(fault, "sqlstate", None)
    primary = getattr(fault, "sqlite_errorcode", 0) & 0xFF
    if primary in (SQLITE_BUSY, SQLITE_LOCKED) or state in _IN_THE_WAY:
        return DatabaseBusy("Someone else is writing; try again.")
    if state == _TOO_SLOW:
        return DatabaseBusy("The database took too long; try again.")
    if is_disconnect or isinstance(fault, OSError) or state in _NO_ENTRY or primary in (SQLITE_CANTOPEN, SQLITE_NOTADB):
        return _unreachable()
    return None


def _unreachable() -> DatabaseUnreachable:
    return DatabaseUnreachable("The database does not answer; check BACKOFFICE_DATABASE_URL and that the server runs.")


def _sqlite(url: str, *, readers: bool, busy_timeout_ms: int) -> AsyncEngine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, pool_size=_READERS if readers else 1, max_overflow=0, pool_timeout=30)
    _refuse_faults(engine)

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver must not begin transactions by itself, or BEGIN IMMEDIATE would come too late.
        connection.isolation_level = None
        try:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute("PRAGMA cache_size = -65536")
            if readers:
                cursor.execute("PRAGMA query_only = ON")
            cursor.close()
        except BaseException:
            connection.close()  # the pool does not know it yet
            raise

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
    _refuse_faults(engine)
    # A read is one statement and its own snapshot: BEGIN and ROLLBACK around it would cost two round trips.
    return engine.execution_options(isolation_level="AUTOCOMMIT") if reads_only else engine
