"""The directory: finds the subscriber, and the row, that a key belongs to."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import DirectoryEntry, DirectoryKind
from backoffice.services import texts


@dataclass(frozen=True, slots=True)
class Found:
    """The subscriber that a key belongs to, and the row that bears it."""

    subscriber_id: int
    target_id: int


async def find(session: AsyncSession, *, kind: DirectoryKind, key: str) -> list[Found]:
    """Every owner of `key`, in the form that `keys` gives it: at most one but for e-mails and phones."""
    if not texts.is_storable(key):
        return []
    entry = DirectoryEntry
    rows = await session.execute(
        select(entry.subscriber_id, entry.target_id)
        .where(entry.kind == kind, entry.key == key)
        .order_by(entry.subscriber_id)
    )
    return [Found(*row) for row in rows]


def enter(session: AsyncSession, *, kind: DirectoryKind, key: str, subscriber_id: int, target_id: int) -> None:
    """Write a key; the database refuses one that another subscriber already owns."""
    session.add(DirectoryEntry(kind=kind, key=key, subscriber_id=subscriber_id, target_id=target_id))
