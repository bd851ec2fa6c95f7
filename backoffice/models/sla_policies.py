"""How soon a ticket is answered and solved, by channel and priority, by date."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from backoffice.models.base import Base, Shared, check, one_of


class TicketChannel(StrEnum):
    """How a subscriber reached us."""

    WEB = "WEB"
    EMAIL = "EMAIL"
    CHAT = "CHAT"
    PHONE = "PHONE"
    LETTER = "LETTER"


class TicketPriority(StrEnum):
    """How urgent a ticket is."""

    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    URGENT = "URGENT"


class SlaPolicy(Shared, Base):
    """In force from `starts_on` until the next one of the same channel and priority. Hours run round the clock."""

    __tablename__ = "sla_policies"
    __table_args__ = (
        Index(None, "channel", "priority", "starts_on", unique=True),
        check("hours_positive", "first_response_hours > 0 AND resolution_hours > 0"),
    )

    channel: Mapped[TicketChannel] = one_of(TicketChannel)
    priority: Mapped[TicketPriority] = one_of(TicketPriority)
    starts_on: Mapped[date]
    first_response_hours: Mapped[int]
    resolution_hours: Mapped[int]
