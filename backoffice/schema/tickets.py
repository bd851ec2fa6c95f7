"""Tickets in the graph: reading."""

from datetime import date, datetime

import strawberry

from backoffice import fields, models, permissions
from backoffice.permissions import Capability
from backoffice.resolvers import can as resolve_can
from backoffice.resolvers import deadlines as resolve_deadlines
from backoffice.resolvers import tickets as resolve
from backoffice.schema import graph
from backoffice.schema.abilities import Ability
from backoffice.schema.access import of, see
from backoffice.schema.deadlines import Deadline
from backoffice.schema.nodes import Node
from backoffice.schema.paging import Connection
from backoffice.schema.scalars import InstantRange
from backoffice.schema.staff import StaffMember

_READ = Capability.TICKET_READ


@of(fields.tickets.ATTACHMENT)
class Attachment(Node):
    """A file that came with a ticket."""

    file_name: str = see(_READ, "The name it was given.")
    media_type: str = see(_READ, "What it is, as its bytes tell.")
    size_bytes: int = see(_READ, "Its size in bytes.")
    sha256: str = see(_READ, "The digest that proves its bytes.")
    captured_at: datetime | None = see(_READ, "When it was taken, when that is known.")
    received_at: datetime = see(_READ, "When we received it.")


@of(fields.tickets.TICKET_EVENT)
class TicketEvent(Node):
    """Something that was said or done on a ticket."""

    kind: models.TicketEventKind = see(_READ, "What it is.")
    at: datetime = see(_READ, "When.")
    author_kind: permissions.ActorKind = see(_READ, "Who: staff, subscriber or system.")
    author_name: str = see(_READ, "The name of the author.")
    body: str | None = see(_READ, "The text.")
    state: models.TicketState = see(_READ, "The state of the ticket after it.")
    is_public: bool = see(_READ, "Whether the subscriber reads it too.")
    attachments: Connection[Attachment] = see(_READ, "Files that came with it. At most 100 a page.")


@strawberry.input(description="Which tickets.")
class TicketWhere:
    state: list[models.TicketState] | None = None
    topic: list[models.TicketTopic] | None = None
    channel: list[models.TicketChannel] | None = None
    priority: list[models.TicketPriority] | None = None
    escalation: list[models.EscalationLevel] | None = None
    opened: InstantRange | None = None
    resolution_due: InstantRange | None = None
    and_: list["TicketWhere"] | None = strawberry.field(name="and", default=None)
    or_: list["TicketWhere"] | None = strawberry.field(name="or", default=None)
    not_: "TicketWhere | None" = strawberry.field(name="not", default=None)


TicketSort = resolve.TicketSort
strawberry.enum(TicketSort, description="The order of a list of tickets.")


@of(fields.tickets.TICKET)
class Ticket(Node):
    """What a subscriber asks or complains about, and the clock that runs while we owe an answer."""

    number: str = see(_READ, "The number to quote.")
    subject: str = see(_READ, "What it is about, in one line.")
    topic: models.TicketTopic = see(_READ, "The topic, which chooses the queue.")
    channel: models.TicketChannel = see(_READ, "How it reached us.")
    priority: models.TicketPriority = see(_READ, "How urgent it is.")
    state: models.TicketState = see(_READ, "Where it stands.")
    escalation: models.EscalationLevel = see(_READ, "How far it went.")
    concerns_from: date | None = see(_READ, "The first day it is about.")
    concerns_until: date | None = see(_READ, "The first day it is no longer about.")
    opened_at: datetime = see(_READ, "When it was opened.")
    first_response_due_at: datetime | None = see(_READ, "By when we owe the first answer.")
    first_response_at: datetime | None = see(_READ, "When we first answered.")
    resolution_due_at: datetime | None = see(_READ, "By when we owe the solution.")
    resolved_at: datetime | None = see(_READ, "When it was solved.")
    waiting_since: datetime | None = see(_READ, "Since when the clock stands still; none while it runs.")
    is_late: bool = see(_READ, "Whether an answer or the solution is overdue.")
    revision: int = see(_READ, "Raised by each change; give it back as `expectedRevision`.")
    can: list[Ability] = see(_READ, "What you may do with it.", by=resolve_can.can)
    deadlines: list[Deadline] = see(
        Capability.BILLING_READ, "Until when the claim about its invoice could be made.", by=resolve_deadlines.of_ticket
    )
    subscriber: graph.Subscriber = see(Capability.SUBSCRIBER_READ, "Whose it is.")
    contract: graph.Contract | None = see(Capability.CONTRACT_READ, "The contract it is about.")
    invoice: graph.Invoice | None = see(Capability.BILLING_READ, "The invoice it is about.")
    invoice_line: graph.InvoiceLine | None = see(Capability.BILLING_READ, "The line it is about.")
    device: graph.Device | None = see(Capability.DEVICE_READ, "The device it is about.")
    assignee: StaffMember | None = see(_READ, "Who takes care of it.")
    events: Connection[TicketEvent] = see(_READ, "What was said and done, in order. At most 200 a page.")
    attachments: Connection[Attachment] = see(_READ, "Files that came with it. At most 100 a page.")
