"""Tickets in the graph: opening one, and answering on it."""

from datetime import date

import strawberry

from backoffice import models
from backoffice.permissions import Capability
from backoffice.resolvers import acts
from backoffice.resolvers import tickets as resolve
from backoffice.resolvers.context import Info
from backoffice.schema.access import plain, see, value
from backoffice.schema.problems import UserError, problems
from backoffice.schema.tickets import Ticket


@strawberry.input(description="What opens a ticket.")
class TicketOpenInput:
    subscriber_id: strawberry.ID
    subject: str
    body: str
    topic: models.TicketTopic
    channel: models.TicketChannel = models.TicketChannel.PHONE
    priority: models.TicketPriority = models.TicketPriority.NORMAL
    contract_id: strawberry.ID | None = None
    invoice_id: strawberry.ID | None = None
    invoice_line_id: strawberry.ID | None = None
    device_id: strawberry.ID | None = None
    concerns_from: date | None = None
    concerns_until: date | None = None
    idempotency_key: str = strawberry.field(description=acts.KEY)


@strawberry.input(description="What is said on a ticket.")
class TicketReplyInput:
    ticket_id: strawberry.ID
    body: str
    is_note: bool = strawberry.field(default=False, description="True: for the staff alone.")
    state: models.TicketState | None = strawberry.field(default=None, description="The state of the ticket afterwards.")
    expected_revision: int = strawberry.field(description="The revision that you read.")
    idempotency_key: str = strawberry.field(description=acts.KEY)


@value
class TicketPayload:
    """The ticket after the act, or why it was refused."""

    ticket: Ticket | None = plain("The ticket; none when refused.")
    replayed: bool = plain("Whether this key had been used before, for the same act.")
    user_errors: list[UserError] = plain("Why it was refused; empty when it was done.")


async def _ticket_open(info: Info, input: TicketOpenInput) -> TicketPayload:  # noqa: A002 - the name in the graph
    return _payload(await resolve.ticket_open(info.context, input))


async def _ticket_reply(info: Info, input: TicketReplyInput) -> TicketPayload:  # noqa: A002 - the name in the graph
    return _payload(await resolve.ticket_reply(info.context, input))


def _payload(outcome: acts.Outcome) -> TicketPayload:
    return TicketPayload(ticket=outcome.row, replayed=outcome.replayed, user_errors=problems(outcome.refusals))


@strawberry.type
class TicketActs:
    """What can be done with tickets."""

    ticket_open: TicketPayload = see(Capability.TICKET_WRITE, "Open a ticket with its first message.", by=_ticket_open)
    ticket_reply: TicketPayload = see(
        Capability.TICKET_WRITE, "Answer on a ticket, or leave a note for the staff.", by=_ticket_reply
    )
