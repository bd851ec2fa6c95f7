"""What was said and done on a ticket."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, one_of, within
from backoffice.models.tickets import TicketState
from backoffice.permissions import ActorKind


class TicketEventKind(StrEnum):
    """A MESSAGE is read by both sides, a NOTE by the staff alone."""

    OPENED = "OPENED"
    MESSAGE = "MESSAGE"
    NOTE = "NOTE"
    STATE_CHANGED = "STATE_CHANGED"
    ASSIGNED = "ASSIGNED"
    ESCALATED = "ESCALATED"


class TicketEvent(OfSubscriber, Base):
    """Never edited; `state` is the state of the ticket after it."""

    __tablename__ = "ticket_events"
    __table_args__ = (within("ticket_id", "tickets"), by("ticket_id", "at"))

    ticket_id: Mapped[int]
    kind: Mapped[TicketEventKind] = one_of(TicketEventKind)
    at: Mapped[datetime]
    author_kind: Mapped[ActorKind] = one_of(ActorKind)
    author_id: Mapped[int]
    author_name: Mapped[str] = mapped_column(String(120))
    body: Mapped[str | None] = mapped_column(Text)
    state: Mapped[TicketState] = one_of(TicketState)
    is_public: Mapped[bool] = mapped_column(default=True)
