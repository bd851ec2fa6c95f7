"""Answers kept for retries: the same request twice is done once."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber


class IdempotentAnswer(OfSubscriber, Base):
    """The directory finds it by actor, operation and key; `input_digest` tells a retry from another request."""

    __tablename__ = "idempotent_answers"

    operation: Mapped[str] = mapped_column(String(80))
    input_digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime]
