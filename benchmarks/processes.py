"""What the operating system knows: memory and processor time of this process and of PostgreSQL's, and the machine."""

import os
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import make_url

_PROC = Path("/proc")
_PACKAGES = ("SQLAlchemy", "strawberry-graphql", "graphql-core", "asyncpg", "aiosqlite", "orjson")


def resident_bytes() -> int | None:
    """The memory that this process holds; None where the system does not tell."""
    try:
        pages = int((_PROC / "self" / "statm").read_text().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


class ServerCpu:
    """The processor time of a PostgreSQL server's processes that serve one database, in seconds."""

    def __init__(self, connection: Any = None) -> None:
        self._connection = connection

    async def seconds(self) -> dict[int, float]:
        """By process; empty when there is no server, or it is not on this machine."""
        if self._connection is None:
            return {}
        pids = await self._connection.fetch(
            "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND (datname = current_database() OR backend_type IN ('walwriter', 'background writer', 'checkpointer'))"
        )
        read = {record["pid"]: _cpu_seconds(record["pid"]) for record in pids}
        return {pid: seconds for pid, seconds in read.items() if seconds is not None}


def spent(before: dict[int, float], after: dict[int, float]) -> float | None:
    """The seconds between two readings; None when nothing could be read."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items()) if after else None


@asynccontextmanager
async def watching(url: str) -> AsyncIterator[ServerCpu]:
    """Watches the server of a PostgreSQL database; for SQLite there is none, its work is done in this process."""
    if make_url(url).get_backend_name() == "sqlite":
        yield ServerCpu()
        return
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        # Through a socket in the file system the server is on this machine; elsewhere its processes are not ours to see.
        is_here = await connection.fetchval("SELECT inet_server_addr() IS NULL")
        yield ServerCpu(connection if is_here else None)
    finally:
        await connection.close()


def machine() -> str:
    """The processor and the versions, in one line."""
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in _PACKAGES)
    return f"Python {platform.python_version()}, {packages}; {_processor()}, {os.cpu_count()} cores"


def _processor() -> str:
    try:
        lines = (_PROC / "cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def _cpu_seconds(pid: int) -> float | None:
    try:
        name, _, facts = (_PROC / str(pid) / "stat").read_text().rpartition(")")
    except OSError:
        return None
    if "postgres" not in name:
        return None  # another machine's number, which is someone else's process here
    user, system = facts.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
