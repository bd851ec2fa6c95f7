"""The access log: who searched for whom and opened whose file. Written in groups, and always before the answer leaves."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert

from backoffice.database import Database
from backoffice.ids import new_id
from backoffice.models import AccessEntry, AccessKind
from backoffice.permissions import Viewer
from backoffice.services import keys, scrub

_GATHERED_SECONDS = 0.005
_LONGEST_QUERY = 200
_IBAN = re.compile(r"[A-Z]{2}\d{2}[0-9A-Z]{11,30}")
_IBAN_WITHIN = re.compile(r"\b[A-Z]{2}\d{2}(?:[\s.\-]{0,3}[0-9A-Z]){11,30}(?![0-9A-Z])", re.IGNORECASE)
_GAP = re.compile(r"[\s.\-]+")
_SEPARATORS = re.compile(r"[.\-]+")


class AccessLog:
    """Gathers the entries of a few milliseconds into one transaction; `write` returns when it has committed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[dict[str, object]] = []
        self._flush: asyncio.Task[None] | None = None

    async def search(self, *, viewer: Viewer, query: str, hits: int, operation: str | None, at: datetime) -> None:
        """Log what was looked for, whatever was found; numbers of cards and accounts are not kept."""
        said = scrubbed(query)[:_LONGEST_QUERY]
        await self._write([_entry(viewer, AccessKind.SEARCH, operation, at, query=said, hits=hits)])

    async def file(self, *, viewer: Viewer, subscriber_id: int, operation: str | None, at: datetime) -> None:
        """Log that a subscriber's file was opened."""
        await self.files(viewer=viewer, subscriber_ids=[subscriber_id], operation=operation, at=at)

    async def files(
        self, *, viewer: Viewer, subscriber_ids: Sequence[int], operation: str | None, at: datetime
    ) -> None:
        """Log that the files of several subscribers were opened, in one transaction."""
        await self._write(
            [_entry(viewer, AccessKind.FILE, operation, at, subscriber_id=each) for each in subscriber_ids]
        )

    async def _write(self, entries: list[dict[str, object]]) -> None:
        if not entries:
            return
        self._waiting += entries
        if self._flush is None:
            self._flush = asyncio.create_task(self._gather())
        # Shielded: one reader who hangs up must not undo the log of the others.
        await asyncio.shield(self._flush)

    async def _gather(self) -> None:
        await asyncio.sleep(_GATHERED_SECONDS)
        entries, self._waiting, self._flush = self._waiting, [], None
        async with self._database.unit_of_work() as session:
            await session.execute(insert(AccessEntry), entries)


def scrubbed(query: str) -> str:
    """What may be kept of what was looked for: no card number, of an IBAN the last four, and nothing unprintable."""
    printable = "".join(sign if sign.isprintable() else " " for sign in query)
    compact = _SEPARATORS.sub("", keys.reference(printable))
    if _IBAN.fullmatch(compact):
        return _last_four(compact)
    return scrub.card_numbers(_IBAN_WITHIN.sub(lambda found: _without_iban(found[0]), printable))


def _without_iban(text: str) -> str:
    """`text`, which may end in words that are no part of the number, with the longest IBAN at its beginning cut."""
    for end in [len(text), *(gap.start() for gap in reversed(list(_GAP.finditer(text))))]:
        compact = _SEPARATORS.sub("", keys.reference(text[:end]))
        if _IBAN.fullmatch(compact) and _passes_check(compact):
            return _last_four(compact) + text[end:]
    return text


def _passes_check(iban: str) -> bool:
    """ISO 13616: the first four signs moved to the end, letters as numbers, leave 1 when divided by 97."""
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def _last_four(iban: str) -> str:
    return f"IBAN …{iban[-4:]}"


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
