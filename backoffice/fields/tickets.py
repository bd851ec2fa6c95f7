"""Tickets, what was said on them, and the files that came with them."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_

from backoffice import models
from backoffice.fields.declare import (
    Entity,
    Expression,
    Moment,
    OneOf,
    PageSize,
    Range,
    Relation,
    ToOne,
    all_of,
    down,
    up,
)
from backoffice.models import TicketState
from backoffice.permissions import Capability

_FINISHED = (TicketState.RESOLVED, TicketState.CLOSED, TicketState.REJECTED, TicketState.CANCELLED)


def _is_late(ticket: Any, moment: Moment) -> ColumnElement[bool]:
    """An answer or the solution is overdue. While we wait for the subscriber the clock stands still."""
    running = and_(ticket.waiting_since.is_(None), ticket.state.not_in(_FINISHED))
    answer = and_(ticket.first_response_at.is_(None), ticket.first_response_due_at < moment.at)
    solution = and_(ticket.resolved_at.is_(None), ticket.resolution_due_at < moment.at)
    return func.coalesce(and_(running, or_(answer, solution)), false())


TICKET = Entity(
    "Ticket",
    models.Ticket,
    needs=Capability.TICKET_READ,
    fields={
        "subscriber": ToOne("Subscriber", key="subscriber_id"),
        "contract": ToOne("Contract", key="contract_id"),
        "invoice": ToOne("Invoice", key="invoice_id"),
        "invoice_line": ToOne("InvoiceLine", key="invoice_line_id"),
        "device": ToOne("Device", key="device_id"),
        "assignee": ToOne("StaffMember", key="assignee_id"),
        "is_late": Expression(_is_late),
        "events": Relation("TicketEvent", by="ticket_id", order=up("at"), page=PageSize(50, 200)),
        "attachments": Relation("Attachment", by="ticket_id", order=up("received_at")),
    },
    filters={
        "state": OneOf("state"),
        "topic": OneOf("topic"),
        "channel": OneOf("channel"),
        "priority": OneOf("priority"),
        "escalation": OneOf("escalation"),
        "opened": Range("opened_at"),
        "resolution_due": Range("resolution_due_at"),
    },
    orders={"NEWEST": down("opened_at"), "OLDEST": up("opened_at")},
)

TICKET_EVENT = Entity(
    "TicketEvent",
    models.TicketEvent,
    needs=Capability.TICKET_READ,
    fields={"attachments": Relation("Attachment", by="ticket_event_id", order=up("received_at"))},
)

ATTACHMENT = Entity("Attachment", models.Attachment, needs=Capability.TICKET_READ)

TICKETS = all_of("Ticket", order=down("opened_at"))
