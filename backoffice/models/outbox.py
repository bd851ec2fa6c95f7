"""What must happen outside once a transaction has committed: mails, refunds to the bank."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, one_of


class OutboxKind(StrEnum):
    """What is to be done."""

    MAIL = "MAIL"


class OutboxState(StrEnum):
    """DEAD: given up after the last attempt, and shown to the staff."""

    PENDING = "PENDING"
    DONE = "DONE"
    DEAD = "DEAD"


class OutboxMessage(OfSubscriber, Base):
    """Written in the transaction that causes it, so that it exists exactly when its cause does."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "state", "available_at"),)

    kind: Mapped[OutboxKind] = one_of(OutboxKind)
    state: Mapped[OutboxState] = one_of(OutboxState, default=OutboxState.PENDING)
    payload: Mapped[dict[str, Any]]
    dedupe_key: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    available_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
