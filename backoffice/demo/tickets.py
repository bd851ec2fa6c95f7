"""Tickets in every state, with what was said and done, and the clocks that run while we owe an answer."""

import hashlib
from datetime import datetime, timedelta

from backoffice.demo import agreements
from backoffice.demo.crew import SYSTEM, Actor
from backoffice.demo.files import File
from backoffice.demo.invoices import Bill
from backoffice.demo.numbering import TICKETS
from backoffice.demo.rows import Row
from backoffice.demo.setbacks import TicketPlan
from backoffice.demo.stories import STORIES, Story
from backoffice.models import (
    DirectoryKind,
    EscalationLevel,
    TicketEventKind,
    TicketState,
    TicketTopic,
)
from backoffice.services import keys

_ANSWERED = tuple(state for state in TicketState if state not in (TicketState.OPEN, TicketState.CANCELLED))


def write(file: File, bills: list[Bill]) -> None:
    """Add the plan's tickets; those about an invoice point to the newest one of their day."""
    for wanted in file.plan.tickets:
        _write(file, wanted, STORIES[wanted.story], bills)


def _write(file: File, wanted: TicketPlan, story: Story, bills: list[Bill]) -> None:
    opened_at = file.at(wanted.opened_on, 6, 15)
    first_due_at, due_at = agreements.due(
        file.operator.levels, wanted.channel, wanted.priority, wanted.opened_on, opened_at
    )
    number = file.operator.numbering.take(TICKETS, wanted.opened_on).text
    agent = file.rng.choice(file.operator.crew.agents)
    ticket = file.add(
        "tickets",
        opened_at,
        number=number,
        subject=story.subject,
        topic=story.topic,
        channel=wanted.channel,
        priority=wanted.priority,
        state=TicketState.OPEN,
        escalation=_escalation(file, wanted),
        opened_at=opened_at,
        first_response_due_at=first_due_at,
        resolution_due_at=due_at,
        **_subject(file, wanted, story, bills),
    )
    file.tickets.append(ticket)
    file.enter(DirectoryKind.TICKET, keys.reference(number), ticket["id"])
    _event(file, ticket, TicketEventKind.OPENED, opened_at, file.subscriber)
    _message(file, ticket, opened_at, story)
    if wanted.state is TicketState.CANCELLED:
        _move(file, ticket, opened_at + timedelta(hours=2), TicketState.CANCELLED, file.subscriber)
    elif wanted.state in _ANSWERED:
        _answer(file, ticket, wanted, story, agent)


def _escalation(file: File, wanted: TicketPlan) -> EscalationLevel:
    is_escalated = wanted.state is TicketState.REJECTED and file.rng.random() < 0.3
    return EscalationLevel.CONSUMER_SERVICE if is_escalated else EscalationLevel.NONE


def _subject(file: File, wanted: TicketPlan, story: Story, bills: list[Bill]) -> dict[str, int | None]:
    """What the ticket is about: a contract, and an invoice or a device where the topic says so."""
    contract = next((row["id"] for row in file.contracts if row["starts_on"] <= wanted.opened_on), None)
    issued = [bill for bill in bills if bill.invoice["issued_on"] < wanted.opened_on]
    bill = issued[-1] if issued and story.topic in (TicketTopic.BILLING, TicketTopic.PAYMENT) else None
    line = bill.lines[0]["id"] if bill and story.topic is TicketTopic.BILLING else None
    about_device = story.topic in (TicketTopic.DEVICE, TicketTopic.SECURITY, TicketTopic.TECHNICAL)
    return {
        "contract_id": contract,
        "invoice_id": bill.invoice["id"] if bill else None,
        "invoice_line_id": line,
        "device_id": _device(file, wanted) if about_device else None,
    }


def _device(file: File, wanted: TicketPlan) -> int | None:
    before = file.window.at(wanted.opened_on, 6)
    linked = [device for device in file.devices if device["linked_at"] < before]
    return int(linked[-1]["id"]) if linked else None


def _message(file: File, ticket: Row, at: datetime, story: Story) -> None:
    event = _event(file, ticket, TicketEventKind.MESSAGE, at, file.subscriber, story.message)
    if story.proof:
        content = f"{story.proof} {ticket['number']}".encode()
        file.add(
            "attachments",
            at,
            ticket_id=ticket["id"],
            ticket_event_id=event["id"],
            file_name="piece-jointe.txt",
            media_type="text/plain",
            size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            storage_key=f"{file.rng.getrandbits(128):032x}",
            received_at=at,
        )


def _answer(file: File, ticket: Row, wanted: TicketPlan, story: Story, agent: Actor) -> None:
    """The agent takes the ticket, answers the same day, and brings it to the state that is wanted."""
    at = ticket["opened_at"] + timedelta(minutes=file.rng.randrange(20, 240))
    ticket["assignee_id"], ticket["first_response_at"] = agent.id, at
    _event(file, ticket, TicketEventKind.ASSIGNED, at, agent, is_public=False)
    _move(file, ticket, at, TicketState.IN_PROGRESS, agent)
    _event(file, ticket, TicketEventKind.MESSAGE, at + timedelta(minutes=3), agent, story.question)
    at += timedelta(minutes=10)
    if wanted.state is TicketState.IN_PROGRESS:
        _event(file, ticket, TicketEventKind.NOTE, at, agent, "Vérifié le dossier, calcul en cours.", is_public=False)
    elif wanted.state is TicketState.WAITING_SUBSCRIBER:
        _move(file, ticket, at, TicketState.WAITING_SUBSCRIBER, agent)
        ticket["waiting_since"] = at
    elif wanted.state is TicketState.WAITING_THIRD_PARTY:
        _move(file, ticket, at, TicketState.WAITING_THIRD_PARTY, agent)
    else:
        _settle(file, ticket, wanted, story, agent, at)


def _settle(file: File, ticket: Row, wanted: TicketPlan, story: Story, agent: Actor, at: datetime) -> None:
    """Wait a day for the subscriber, which moves the clocks, then solve or reject; some are closed a week later."""
    _move(file, ticket, at, TicketState.WAITING_SUBSCRIBER, agent)
    back_at = at + timedelta(hours=file.rng.randrange(4, 30))
    _event(file, ticket, TicketEventKind.MESSAGE, back_at, file.subscriber, "Voici la réponse à votre question.")
    _move(file, ticket, back_at, TicketState.IN_PROGRESS, SYSTEM)
    ticket["resolution_due_at"] += back_at - at
    solved_at = back_at + timedelta(hours=file.rng.choice((3, 20, 70)))
    if ticket["escalation"] is not EscalationLevel.NONE:
        _event(file, ticket, TicketEventKind.ESCALATED, back_at, file.operator.crew.supervisor, is_public=False)
    _event(file, ticket, TicketEventKind.MESSAGE, solved_at, agent, story.answer)
    is_rejected = wanted.state is TicketState.REJECTED
    _move(file, ticket, solved_at, TicketState.REJECTED if is_rejected else TicketState.RESOLVED, agent)
    ticket["resolved_at"] = solved_at
    if wanted.state is TicketState.CLOSED:
        _move(file, ticket, solved_at + timedelta(days=7), TicketState.CLOSED, SYSTEM)


def _move(file: File, ticket: Row, at: datetime, state: TicketState, by: Actor) -> None:
    ticket["state"] = state
    _event(file, ticket, TicketEventKind.STATE_CHANGED, at, by)


def _event(
    file: File,
    ticket: Row,
    kind: TicketEventKind,
    at: datetime,
    by: Actor,
    body: str | None = None,
    *,
    is_public: bool = True,
) -> Row:
    return file.add(
        "ticket_events",
        at,
        ticket_id=ticket["id"],
        kind=kind,
        at=at,
        author_kind=by.kind,
        author_id=by.id,
        author_name=by.name,
        body=body,
        state=ticket["state"],
        is_public=is_public,
    )
