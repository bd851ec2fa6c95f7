"""The floors over the two drivers. An answer is the subscriber's id with the JSON text, or None for an unknown number."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Protocol

import asyncpg  # type: ignore[import-untyped]
import orjson
from sqlalchemy import make_url

from benchmarks.data import AT, ON
from benchmarks.floor import dialects, dicts, lists, nested
from benchmarks.floor.values import Lists, Reading, Row, stored_instant

Answer = tuple[int, bytes]
Count = Callable[[int], None]
_CONNECTIONS = 8
_CACHE_KIB = 65_536


class Floor(Protocol):
    """The two hand-written answers on one database."""

    async def rows(self, number: str) -> Answer | None:
        """By one statement for each list, dicts and orjson."""

    async def json(self, number: str) -> Answer | None:
        """By one statement that makes the text."""


class _Sqlite:
    """Whole answers in one hop to a thread that keeps its connection."""

    def __init__(self, path: str, count: Count) -> None:
        self._path, self._count = path, count
        self._threads = ThreadPoolExecutor(_CONNECTIONS)
        self._kept = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._moment = (ON.isoformat(), f"{AT:%Y-%m-%d %H:%M:%S.%f}")
        self._reading = Reading(stored_instant, *self._moment)
        # SQLite takes "$1" for a name and "?1" for a place.
        self._head, self._nested = (each.replace("$", "?") for each in (lists.HEAD, nested.statement(dialects.SQLITE)))
        self._lists = {name: each.replace("$", "?") for name, each in lists.LISTS.items()}

    async def rows(self, number: str) -> Answer | None:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._rows, number)

    async def json(self, number: str) -> Answer | None:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._json, number)

    def close(self) -> None:
        """End the threads, then close what they opened."""
        self._threads.shutdown()
        for connection in self._opened:
            connection.close()

    def _rows(self, number: str) -> Answer | None:
        execute = self._connection().execute
        self._count(1)
        head = execute(self._head, (number, self._moment[0])).fetchone()
        if head is None:
            return None
        self._count(len(self._lists))
        found = {name: execute(each, (head[0],)).fetchall() for name, each in self._lists.items()}
        return _written(head, found, self._reading)

    def _json(self, number: str) -> Answer | None:
        self._count(1)
        found = self._connection().execute(self._nested, (number, *self._moment)).fetchone()
        return None if found is None else (found[0], _wrapped(dialects.finished(found[1])))

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._kept, "connection"):
            made = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            made.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            made.execute("PRAGMA query_only = ON")
            self._kept.connection = made
            self._opened.append(made)
        return self._kept.connection  # type: ignore[no-any-return]


class _Postgresql:
    """Statements that asyncpg prepares once for each connection of its pool."""

    def __init__(self, pool: Any, count: Count) -> None:
        self._pool, self._count = pool, count
        self._nested = nested.statement(dialects.POSTGRESQL)
        self._reading = Reading(lambda instant: instant, ON, AT)

    async def rows(self, number: str) -> Answer | None:
        async with self._pool.acquire() as connection:
            self._count(1)
            head = await connection.fetchrow(lists.HEAD, number, ON)
            if head is None:
                return None
            self._count(len(lists.LISTS))
            found = {name: await connection.fetch(each, head[0]) for name, each in lists.LISTS.items()}
        return _written(head, found, self._reading)

    async def json(self, number: str) -> Answer | None:
        self._count(1)
        found = await self._pool.fetchrow(self._nested, number, ON, AT)
        return None if found is None else (found[0], _wrapped(found[1]))


@asynccontextmanager
async def opened(url: str, count: Count) -> AsyncIterator[Floor]:
    """The floors on the database at `url`; `count` is told how many statements are sent."""
    if make_url(url).get_backend_name() == "sqlite":
        floor = _Sqlite(str(make_url(url).database), count)
        try:
            yield floor
        finally:
            floor.close()
        return
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    settings = {"server_settings": {"jit": "off"}, "reset": _keep}
    async with asyncpg.create_pool(plain, min_size=_CONNECTIONS, max_size=_CONNECTIONS, **settings) as pool:
        yield _Postgresql(pool, count)


async def _keep(_: Any) -> None:
    """Nothing to reset: the statements of a floor leave no trace on a connection, and RESET is a round trip."""


def _written(head: Row, found: Lists, reading: Reading) -> Answer:
    return head[0], orjson.dumps({"data": {"subscriber": dicts.subscriber(head, found, reading)}})


def _wrapped(text: str) -> bytes:
    return b'{"data":{"subscriber":%b}}' % text.encode()
