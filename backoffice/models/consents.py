"""Consents, each with its proof: when, through which channel, to which text."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, one_of


class ConsentKind(StrEnum):
    """What is agreed to; messages about the service itself need none."""

    MARKETING_EMAIL = "MARKETING_EMAIL"
    MARKETING_PHONE = "MARKETING_PHONE"
    USAGE_ANALYSIS = "USAGE_ANALYSIS"


class Consent(OfSubscriber, Base):
    """One decision; the newest of a kind is in force."""

    __tablename__ = "consents"
    __table_args__ = (by("kind", "decided_at"),)

    kind: Mapped[ConsentKind] = one_of(ConsentKind)
    is_granted: Mapped[bool]
    decided_at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(String(40))
    text_version: Mapped[str] = mapped_column(String(40))
