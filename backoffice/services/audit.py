"""The audit trail: appends what was done or refused to the hash chain of a subscriber, in the transaction that did it."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import AuditEntry, AuditOutcome
from backoffice.permissions import Viewer

STAFF_CHAIN = 0
"""The chain of what concerns no subscriber: staff, sessions, settings."""

FIRST = "0" * 64
"""What the first link of a chain refers to."""
_HASHED = (
    "subscriber_id",
    "sequence",
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "role",
    "operation",
    "outcome",
    "reason",
    "note",
    "target",
    "before",
    "after",
    "previous_hash",
)


async def append(
    session: AsyncSession,
    *,
    viewer: Viewer,
    operation: str,
    outcome: AuditOutcome,
    at: datetime,
    subscriber_id: int = STAFF_CHAIN,
    reason: str | None = None,
    note: str | None = None,
    target: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry; `target` is the global id of what was acted on, `before` and `after` the values that changed."""
    sequence, previous_hash = await _last(session, subscriber_id)
    entry = AuditEntry(
        subscriber_id=subscriber_id,
        sequence=sequence + 1,
        at=at,
        actor_kind=viewer.kind,
        actor_id=viewer.id,
        actor_name=viewer.display_name,
        role=viewer.role,
        operation=operation,
        outcome=outcome,
        reason=reason,
        note=note,
        target=target,
        before=before,
        after=after,
        previous_hash=previous_hash,
    )
    entry.hash = digest(entry)
    session.add(entry)
    await session.flush()  # the next entry of this transaction must find this one
    return entry


def digest(entry: AuditEntry) -> str:
    """The hash of an entry over all that it says and the hash of the one before it."""
    said = {name: getattr(entry, name) for name in _HASHED}
    said["at"] = entry.at.astimezone(UTC).isoformat()
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


async def _last(session: AsyncSession, subscriber_id: int) -> tuple[int, str]:
    if session.get_bind().dialect.name == "postgresql":
        # Two writers of one chain take turns; on SQLite there is only ever one writer.
        await session.execute(select(func.pg_advisory_xact_lock(subscriber_id)))
    last = await session.execute(
        select(AuditEntry.sequence, AuditEntry.hash)
        .where(AuditEntry.subscriber_id == subscriber_id)
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    )
    row = last.one_or_none()
    return (row.sequence, row.hash) if row else (0, FIRST)
