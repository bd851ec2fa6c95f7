"""Idempotency: a request that is repeated with its key is done once, and gets the first answer again."""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError, BadInput
from backoffice.ids import new_id
from backoffice.models import DirectoryEntry, DirectoryKind, IdempotentAnswer
from backoffice.permissions import Viewer
from backoffice.services import directory


class IdempotencyConflict(BackofficeError):
    """The key was used before for something else."""

    code = "IDEMPOTENCY_CONFLICT"

    def __init__(self) -> None:
        super().__init__(
            "This idempotency key was already used with other input; use a new key for a new act.",
            field="idempotencyKey",
        )


class BadIdempotencyKey(BadInput):
    """The key has not 8 to 255 characters."""

    code = "BAD_IDEMPOTENCY_KEY"

    def __init__(self) -> None:
        super().__init__(
            "An idempotency key has 8 to 255 characters; a random UUID is a good one.", field="idempotencyKey"
        )


class Attempt:
    """One request with its key: who does what with which input."""

    def __init__(self, *, viewer: Viewer, operation: str, key: str, given: dict[str, Any]) -> None:
        if not 8 <= len(key) <= 255:
            raise BadIdempotencyKey
        self.operation = operation
        self.input_digest = _digest(given)
        self.directory_key = _digest([viewer.kind, viewer.id, operation, key])


async def earlier_answer(session: AsyncSession, attempt: Attempt) -> dict[str, Any] | None:
    """The answer that the same request got before, or None; raises IdempotencyConflict for other input."""
    found = await directory.find(session, kind=DirectoryKind.IDEMPOTENCY, key=attempt.directory_key)
    if not found:
        return None
    kept = IdempotentAnswer
    row = await session.execute(
        select(kept.input_digest, kept.answer).where(
            kept.subscriber_id == found[0].subscriber_id, kept.id == found[0].target_id
        )
    )
    input_digest, answer = row.one()
    if input_digest != attempt.input_digest:
        raise IdempotencyConflict
    return dict(answer)


def keep_answer(
    session: AsyncSession, attempt: Attempt, *, subscriber_id: int, answer: dict[str, Any], at: datetime
) -> None:
    """Keep the answer in the transaction of the act: both exist, or neither. Refusals are not kept."""
    kept_id = new_id(at)
    session.add(
        IdempotentAnswer(
            subscriber_id=subscriber_id,
            id=kept_id,
            operation=attempt.operation,
            input_digest=attempt.input_digest,
            answer=answer,
            at=at,
        )
    )
    session.add(
        DirectoryEntry(
            kind=DirectoryKind.IDEMPOTENCY,
            key=attempt.directory_key,
            subscriber_id=subscriber_id,
            target_id=kept_id,
        )
    )


def _digest(value: Any) -> str:
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
