"""Revisions: of two who read the same row and change it, one wins and the other is told."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError


class Stale(BackofficeError):
    """Someone changed the row since it was read."""

    code = "STALE"

    def __init__(self, current_revision: int) -> None:
        super().__init__(
            f"This was changed since you read it; read it again and repeat with revision {current_revision}.",
            field="expectedRevision",
        )
        self.current_revision = current_revision


async def change(session: AsyncSession, row: Any, *, expected_revision: int, changes: dict[str, Any]) -> None:
    """Change a row of a subscriber in one conditional UPDATE and raise its revision; raises Stale when it has another."""
    model = type(row)
    guarded = (
        update(model)
        .where(model.subscriber_id == row.subscriber_id, model.id == row.id, model.revision == expected_revision)
        .values(revision=model.revision + 1, **changes)
        .returning(model.revision)
        .execution_options(synchronize_session=False)
    )
    changed = (await session.execute(guarded)).one_or_none()
    await session.refresh(row)
    if changed is None:
        raise Stale(row.revision)
