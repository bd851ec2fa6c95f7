"""The access log: who searched for whom and opened whose file. Kept apart from the audit, with a retention of its own."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, by, one_of
from backoffice.permissions import ActorKind


class AccessKind(StrEnum):
    """A search names no subscriber yet; a file was opened by its key or id."""

    SEARCH = "SEARCH"
    FILE = "FILE"


class AccessEntry(Base):
    """`subscriber_id` is 0 for a search; `query` is then what was looked for."""

    __tablename__ = "access_log"
    __table_args__ = (by("at"), Index(None, "actor_id", "at"))

    subscriber_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[AccessKind] = one_of(AccessKind)
    actor_kind: Mapped[ActorKind] = one_of(ActorKind)
    actor_id: Mapped[int]
    actor_name: Mapped[str] = mapped_column(String(120))
    operation: Mapped[str | None] = mapped_column(String(80))
    """The name of the GraphQL operation."""
    query: Mapped[str | None] = mapped_column(String(200))
    hits: Mapped[int | None]
