"""Tickets: what a subscriber asks or complains about, and the clock that runs while we owe an answer."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, one_of, within
from backoffice.models.sla_policies import TicketChannel, TicketPriority


class TicketState(StrEnum):
    """WAITING_SUBSCRIBER stops the clock: the next move is theirs."""

    OPEN = "OPEN"
    IN_PROGRESS = "IN_PROGRESS"
    WAITING_SUBSCRIBER = "WAITING_SUBSCRIBER"
    WAITING_THIRD_PARTY = "WAITING_THIRD_PARTY"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


class TicketTopic(StrEnum):
    """What it is about; the topic chooses the queue."""

    BILLING = "BILLING"
    PAYMENT = "PAYMENT"
    CONTRACT = "CONTRACT"
    TECHNICAL = "TECHNICAL"
    DEVICE = "DEVICE"
    SECURITY = "SECURITY"
    PERSONAL_DATA = "PERSONAL_DATA"
    OTHER = "OTHER"


class EscalationLevel(StrEnum):
    """From customer service to the consumer service, then the mediator."""

    NONE = "NONE"
    CONSUMER_SERVICE = "CONSUMER_SERVICE"
    MEDIATOR = "MEDIATOR"


class Ticket(OfSubscriber, Base):
    """`*_due_at` move later by the time spent waiting for the subscriber; None when no policy applies."""

    __tablename__ = "tickets"
    __table_args__ = (
        within("contract_id", "contracts"),
        within("invoice_id", "invoices"),
        within("invoice_line_id", "invoice_lines"),
        within("device_id", "devices"),
        by("opened_at"),
        by("contract_id"),
        by("invoice_id"),
        by("invoice_line_id"),
        by("device_id"),
        by("number"),
        Index(None, "state", "resolution_due_at"),
        Index(None, "opened_at", "id"),
        Index(None, "assignee_id"),
    )

    number: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    topic: Mapped[TicketTopic] = one_of(TicketTopic)
    channel: Mapped[TicketChannel] = one_of(TicketChannel)
    priority: Mapped[TicketPriority] = one_of(TicketPriority)
    state: Mapped[TicketState] = one_of(TicketState)
    escalation: Mapped[EscalationLevel] = one_of(EscalationLevel, default=EscalationLevel.NONE)
    contract_id: Mapped[int | None]
    invoice_id: Mapped[int | None]
    invoice_line_id: Mapped[int | None]
    device_id: Mapped[int | None]
    concerns_from: Mapped[date | None]
    concerns_until: Mapped[date | None]
    """The days it is about, half-open."""
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    opened_at: Mapped[datetime]
    first_response_due_at: Mapped[datetime | None]
    first_response_at: Mapped[datetime | None]
    resolution_due_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    """Since when the clock stands still; None while it runs."""
    revision: Mapped[int] = mapped_column(default=1)
