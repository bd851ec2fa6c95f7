"""Tickets: the orders of their lists, and the acts on them."""

import dataclasses
from datetime import date
from enum import Enum
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.utils.str_converters import to_camel_case

from backoffice.errors import BackofficeError
from backoffice.ids import GlobalId
from backoffice.models import Ticket, TicketChannel, TicketPriority, TicketState, TicketTopic
from backoffice.resolvers import acts, ids
from backoffice.resolvers.context import Context
from backoffice.services import tickets


class TicketSort(Enum):
    """The order of a list of tickets."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"


class OpenInput(Protocol):
    """What opens a ticket."""

    subscriber_id: Any
    subject: str
    body: str
    topic: TicketTopic
    channel: TicketChannel
    priority: TicketPriority
    contract_id: Any
    invoice_id: Any
    invoice_line_id: Any
    device_id: Any
    concerns_from: date | None
    concerns_until: date | None
    idempotency_key: str


class ReplyInput(Protocol):
    """What is said on a ticket."""

    ticket_id: Any
    body: str
    is_note: bool
    state: TicketState | None
    expected_revision: int
    idempotency_key: str


_ABOUT = {"contract_id": "Contract", "invoice_id": "Invoice", "invoice_line_id": "InvoiceLine", "device_id": "Device"}


async def ticket_open(context: Context, given: OpenInput) -> acts.Outcome:
    """Open a ticket for a subscriber."""
    try:
        subscriber = await ids.row(context, given.subscriber_id, of="Subscriber", field="subscriberId")
    except BackofficeError as refusal:
        return await acts.refused(context, "ticketOpen", refusal)

    async def act(session: AsyncSession) -> Ticket:
        return await tickets.open_(
            session,
            viewer=context.viewer,
            subscriber_id=subscriber.id,
            subject=given.subject,
            body=given.body,
            topic=given.topic,
            channel=given.channel,
            priority=given.priority,
            about=await _subject(context, subscriber.id, given),
            at=context.at,
            today=context.moment.today,
        )

    return await _perform(context, "ticketOpen", given, GlobalId("Subscriber", subscriber.id, subscriber.id), act)


async def ticket_reply(context: Context, given: ReplyInput) -> acts.Outcome:
    """Say something on a ticket."""
    try:
        ticket = await ids.row(context, given.ticket_id, of="Ticket", field="ticketId")
    except BackofficeError as refusal:
        return await acts.refused(context, "ticketReply", refusal)

    async def act(session: AsyncSession) -> Ticket:
        return await tickets.reply(
            session,
            viewer=context.viewer,
            subscriber_id=ticket.subscriber_id,
            ticket_id=ticket.id,
            body=given.body,
            is_note=given.is_note,
            state=given.state,
            expected_revision=given.expected_revision,
            at=context.at,
        )

    return await _perform(context, "ticketReply", given, GlobalId("Ticket", ticket.subscriber_id, ticket.id), act)


async def _perform(context: Context, operation: str, given: Any, target: GlobalId, act: acts.Act) -> acts.Outcome:
    return await acts.perform(
        context,
        operation=operation,
        key=given.idempotency_key,
        given=dataclasses.asdict(given),
        target=target,
        type_name="Ticket",
        act=act,
    )


async def _subject(context: Context, subscriber_id: int, given: OpenInput) -> tickets.Subject:
    """The rows that the ticket is about: each must be the same subscriber's."""
    found: dict[str, int] = {}
    for name, type_name in _ABOUT.items():
        text = getattr(given, name)
        if text is None:
            continue
        row = await ids.row(context, text, of=type_name, field=to_camel_case(name))
        if row.subscriber_id != subscriber_id:
            raise ids.not_found(type_name, to_camel_case(name))
        found[name] = row.id
    return tickets.Subject(**found, concerns_from=given.concerns_from, concerns_until=given.concerns_until)
