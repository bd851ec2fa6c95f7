"""Tickets: opening one, and answering on it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError, BadInput, NotFound
from backoffice.ids import GlobalId, new_id
from backoffice.models import (
    AuditOutcome,
    DirectoryKind,
    Subscriber,
    SubscriberState,
    Ticket,
    TicketChannel,
    TicketEvent,
    TicketEventKind,
    TicketPriority,
    TicketState,
    TicketTopic,
)
from backoffice.permissions import ActorKind, Viewer
from backoffice.services import audit, directory, keys, numbering, outbox, revisions, texts, ticket_clock
from backoffice.services.abilities import FINISHED

_LONGEST_SUBJECT = 200
_LONGEST_BODY = 10_000
_AFTER_A_REPLY = frozenset(
    {
        TicketState.IN_PROGRESS,
        TicketState.WAITING_SUBSCRIBER,
        TicketState.WAITING_THIRD_PARTY,
        TicketState.RESOLVED,
    }
)


class TicketFinished(BackofficeError):
    """Nothing can be said on a ticket that is finished."""

    code = "TICKET_FINISHED"

    def __init__(self, state: TicketState) -> None:
        super().__init__(f"The ticket is {state.lower()}; open a new one that refers to it.", field="ticketId")
        self.state = state


class SubscriberErased(BackofficeError):
    """Nothing new is written on the file of an erased subscriber."""

    code = "SUBSCRIBER_ERASED"

    def __init__(self, field: str) -> None:
        super().__init__("The subscriber's personal data has been erased.", field=field)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a ticket is about, beside its text: ids of rows of the same subscriber, and days `[from, until)`."""

    contract_id: int | None = None
    invoice_id: int | None = None
    invoice_line_id: int | None = None
    device_id: int | None = None
    concerns_from: date | None = None
    concerns_until: date | None = None


async def open_(
    session: AsyncSession,
    *,
    viewer: Viewer,
    subscriber_id: int,
    subject: str,
    body: str,
    topic: TicketTopic,
    channel: TicketChannel,
    priority: TicketPriority,
    about: Subject,
    at: datetime,
    today: date,
) -> Ticket:
    """Open a ticket with its first message. `today` is the civil day of `at`: it chooses the policy and the series.

    Raises NotFound for an unknown subscriber, SubscriberErased, and BadInput for an empty or too long text or days in the
    wrong order.
    """
    await _require_file(session, subscriber_id, field="subscriberId")
    policy = await ticket_clock.policy_for(session, channel=channel, priority=priority, today=today)
    series = f"T{today.year}"
    ticket = Ticket(
        subscriber_id=subscriber_id,
        id=new_id(at),
        number=f"{series}-{await numbering.next_number(session, series=series):07}",
        subject=texts.cleaned(subject, field="subject", longest=_LONGEST_SUBJECT),
        topic=topic,
        channel=channel,
        priority=priority,
        state=TicketState.OPEN,
        opened_at=at,
        first_response_due_at=at + timedelta(hours=policy.first_response_hours) if policy else None,
        resolution_due_at=at + timedelta(hours=policy.resolution_hours) if policy else None,
        **_checked(about),
    )
    session.add(ticket)
    await session.flush()  # the event and the directory refer to it
    directory.enter(
        session,
        kind=DirectoryKind.TICKET,
        key=keys.reference(ticket.number),
        subscriber_id=subscriber_id,
        target_id=ticket.id,
    )
    _say(session, ticket, viewer, TicketEventKind.OPENED, texts.cleaned(body, field="body", longest=_LONGEST_BODY), at)
    await _audit(session, viewer, "ticketOpen", ticket, before=None, at=at)
    return ticket


async def reply(
    session: AsyncSession,
    *,
    viewer: Viewer,
    subscriber_id: int,
    ticket_id: int,
    body: str,
    is_note: bool,
    state: TicketState | None,
    expected_revision: int,
    at: datetime,
) -> Ticket:
    """Say something on a ticket: a message that the subscriber reads, or a note for the staff alone.

    `state` is the state afterwards; None: a message takes an open ticket in progress, a note changes nothing. Raises
    NotFound, Stale, TicketFinished, SubscriberErased, and BadInput for a text or a state that cannot be.
    """
    await _require_file(session, subscriber_id, field="ticketId")
    ticket = await session.get(Ticket, (subscriber_id, ticket_id))
    if ticket is None:
        raise NotFound("There is no such ticket.", field="ticketId")
    if ticket.state in FINISHED:
        raise TicketFinished(ticket.state)
    text = texts.cleaned(body, field="body", longest=_LONGEST_BODY)
    before = {"state": ticket.state, "revision": ticket.revision}
    changes = ticket_clock.changes_of(
        ticket, _state_after(ticket, state, is_note), is_message=not is_note, viewer=viewer, at=at
    )
    await revisions.change(session, ticket, expected_revision=expected_revision, changes=changes)
    kind = TicketEventKind.NOTE if is_note else TicketEventKind.MESSAGE
    event = _say(session, ticket, viewer, kind, text, at)
    if not is_note and viewer.kind is ActorKind.STAFF:
        # The worker reads the address when it sends: the outbox holds no personal data.
        outbox.mail(session, subscriber_id=subscriber_id, template="ticket_reply", about=event.id, at=at)
    await _audit(session, viewer, "ticketReply", ticket, before=before, at=at)
    return ticket


async def _require_file(session: AsyncSession, subscriber_id: int, *, field: str) -> None:
    subscriber = await session.get(Subscriber, subscriber_id)
    if subscriber is None:
        raise NotFound("There is no such subscriber.", field=field)
    if subscriber.state is SubscriberState.ERASED:
        raise SubscriberErased(field)


def _checked(about: Subject) -> dict[str, Any]:
    ordered = about.concerns_from is None or about.concerns_until is None or about.concerns_from < about.concerns_until
    if not ordered:
        raise BadInput("'concernsUntil' must be after 'concernsFrom': the period is half-open.", field="concernsUntil")
    return {name: getattr(about, name) for name in about.__slots__}


def _state_after(ticket: Ticket, asked: TicketState | None, is_note: bool) -> TicketState:
    if asked is None:
        return TicketState.IN_PROGRESS if ticket.state is TicketState.OPEN and not is_note else ticket.state
    if asked not in _AFTER_A_REPLY:
        known = ", ".join(sorted(_AFTER_A_REPLY))
        raise BadInput(f"A reply can leave a ticket in one of {known}, not {asked.value}.", field="state")
    return asked


def _say(
    session: AsyncSession, ticket: Ticket, viewer: Viewer, kind: TicketEventKind, body: str, at: datetime
) -> TicketEvent:
    event = TicketEvent(
        subscriber_id=ticket.subscriber_id,
        id=new_id(at),
        ticket_id=ticket.id,
        kind=kind,
        at=at,
        author_kind=viewer.kind,
        author_id=viewer.id,
        author_name=viewer.display_name,
        body=body,
        state=ticket.state,
        is_public=kind is not TicketEventKind.NOTE,
    )
    session.add(event)
    return event


async def _audit(
    session: AsyncSession,
    viewer: Viewer,
    operation: str,
    ticket: Ticket,
    *,
    before: dict[str, Any] | None,
    at: datetime,
) -> None:
    await audit.append(
        session,
        viewer=viewer,
        subscriber_id=ticket.subscriber_id,
        operation=operation,
        outcome=AuditOutcome.DONE,
        at=at,
        reason=ticket.topic,
        target=GlobalId("Ticket", ticket.subscriber_id, ticket.id).encode(),
        before=before,
        after={"state": ticket.state, "revision": ticket.revision},
    )
