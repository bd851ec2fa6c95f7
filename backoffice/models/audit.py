"""The audit trail: what was done or refused, by whom, why; append-only, one hash chain a subscriber."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column, synonym

from backoffice.models.base import Base, by, one_of
from backoffice.permissions import ActorKind, Role


class AuditOutcome(StrEnum):
    """Refused acts are kept too."""

    DONE = "DONE"
    REFUSED = "REFUSED"


class AuditEntry(Base):
    """`subscriber_id` 0 is the chain of staff and settings. No foreign key: the trail outlives what it tells of."""

    __tablename__ = "audit_entries"
    __table_args__ = (by("at"),)

    subscriber_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1, 2, 3 … within the chain: two writers cannot append the same link."""
    id: Mapped[int] = synonym("sequence")
    at: Mapped[datetime]
    actor_kind: Mapped[ActorKind] = one_of(ActorKind)
    actor_id: Mapped[int]
    actor_name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role | None] = one_of(Role)
    operation: Mapped[str] = mapped_column(String(80))
    outcome: Mapped[AuditOutcome] = one_of(AuditOutcome)
    reason: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text)
    target: Mapped[str | None] = mapped_column(String(80))
    """The global id of what was acted on."""
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
