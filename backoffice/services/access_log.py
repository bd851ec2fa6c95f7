"""The access log: who searched for whom and opened whose file. Written in groups, and always before the answer leaves."""

import asyncio
from datetime import datetime

from sqlalchemy import insert

from backoffice.database import Database
from backoffice.ids import new_id
from backoffice.models import AccessEntry, AccessKind
from backoffice.permissions import Viewer

_GATHERED_SECONDS = 0.005


class AccessLog:
    """Gathers the entries of a few milliseconds into one transaction; `write` returns when it has committed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[dict[str, object]] = []
        self._flush: asyncio.Task[None] | None = None

    async def search(self, *, viewer: Viewer, query: str, hits: int, operation: str | None, at: datetime) -> None:
        """Log what was looked for, whatever was found."""
        await self._write(_entry(viewer, AccessKind.SEARCH, operation, at, query=query[:200], hits=hits))

    async def file(self, *, viewer: Viewer, subscriber_id: int, operation: str | None, at: datetime) -> None:
        """Log that a subscriber's file was opened."""
        await self._write(_entry(viewer, AccessKind.FILE, operation, at, subscriber_id=subscriber_id))

    async def _write(self, entry: dict[str, object]) -> None:
        self._waiting.append(entry)
        if self._flush is None:
            self._flush = asyncio.create_task(self._gather())
        # Shielded: one reader who hangs up must not undo the log of the others.
        await asyncio.shield(self._flush)

    async def _gather(self) -> None:
        await asyncio.sleep(_GATHERED_SECONDS)
        entries, self._waiting, self._flush = self._waiting, [], None
        async with self._database.unit_of_work() as session:
            await session.execute(insert(AccessEntry), entries)


def _entry(
    viewer: Viewer,
    kind: AccessKind,
    operation: str | None,
    at: datetime,
    *,
    subscriber_id: int = 0,
    query: str | None = None,
    hits: int | None = None,
) -> dict[str, object]:
    return {
        "subscriber_id": subscriber_id,
        "id": new_id(at),
        "at": at,
        "kind": kind,
        "actor_kind": viewer.kind,
        "actor_id": viewer.id,
        "actor_name": viewer.display_name,
        "operation": operation[:80] if operation else None,
        "query": query,
        "hits": hits,
    }
