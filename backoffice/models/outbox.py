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
    REFUND = "REFUND"
    CHARGE = "CHARGE"


class OutboxState(StrEnum):
    """DEAD: given up after the last attempt, and shown to the staff."""

    PENDING = "PENDING"
    DONE = "DONE"
    DEAD = "DEAD"


class OutboxMessage(OfSubscriber, Base):
    """Written in the transaction that causes it, so that it exists exactly when its cause does."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(None, "state", "available_at"),
        Index(None, "subscriber_id", "dedupe_key", unique=True),
    )

    kind: Mapped[OutboxKind] = one_of(OutboxKind)
    state: Mapped[OutboxState] = one_of(OutboxState, default=OutboxState.PENDING)
    payload: Mapped[dict[str, Any]]
    dedupe_key: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    available_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    """Until when the worker that took it has the right to finish it; then another may take it."""
    lease: Mapped[str | None] = mapped_column(String(32))
    last_error: Mapped[str | None] = mapped_column(String(200))
    """The code of the last failed attempt; never personal data."""
    done_at: Mapped[datetime | None]
