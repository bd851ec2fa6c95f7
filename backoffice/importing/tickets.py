"""Records of a ticket, with the events that its file tells of."""

from collections.abc import Iterator
from datetime import datetime

from backoffice.importing.making import AUTHOR, Making, Record
from backoffice.importing.parts import Part
from backoffice.models import Ticket, TicketEvent, TicketEventKind, TicketState
from backoffice.permissions import ActorKind


def ticket(making: Making, part: Part, part_id: int) -> Iterator[Record]:
    """The ticket; no deadline runs on what was opened under another system."""
    said, opened_at = part.values, part.values["opened_at"]
    yield (
        Ticket,
        {
            "subscriber_id": making.subscriber_id,
            "id": part_id,
            "number": said["number"],
            "subject": said["subject"],
            "topic": said["topic"],
            "channel": said["channel"],
            "priority": said["priority"],
            "state": said["state"],
            "opened_at": opened_at,
            "resolved_at": said.get("resolved_at"),
            # The file does not say since when; the clock stands still in any case.
            "waiting_since": opened_at if said["state"] == TicketState.WAITING_SUBSCRIBER else None,
        },
    )
    for event in _events(making, part):
        yield TicketEvent, {"subscriber_id": making.subscriber_id, "id": making.new_id(), "ticket_id": part_id, **event}


def _events(making: Making, part: Part) -> Iterator[dict[str, object]]:
    opened_at, state = part.values["opened_at"], part.values["state"]
    assert isinstance(opened_at, datetime)
    yield _by_import(TicketEventKind.OPENED, opened_at, TicketState.OPEN)
    if body := part.values.get("body"):
        message = _by_import(TicketEventKind.MESSAGE, opened_at, TicketState.OPEN)
        author = {"author_kind": ActorKind.SUBSCRIBER, "author_id": making.subscriber_id}
        yield message | author | {"author_name": _name(making), "body": body}
    if note := part.values.get("note"):
        yield _by_import(TicketEventKind.NOTE, opened_at, TicketState.OPEN) | {"body": note, "is_public": False}
    if state != TicketState.OPEN:
        seen_at = part.values.get("resolved_at") or max(opened_at, making.setting.as_of_instant)
        yield _by_import(TicketEventKind.STATE_CHANGED, seen_at, state)


def _by_import(kind: TicketEventKind, at: object, state: object) -> dict[str, object]:
    return {
        "kind": kind,
        "at": at,
        "author_kind": ActorKind.SYSTEM,
        "author_id": 0,
        "author_name": AUTHOR,
        "body": None,
        "state": state,
        "is_public": True,
    }


def _name(making: Making) -> str:
    holder, subscriber = making.part("holder"), making.part("subscriber")
    names = (
        [str(name) for name in (holder.values.get("first_name"), holder.values["last_name"]) if name] if holder else []
    )
    number = subscriber.values.get("number") if subscriber else None
    return " ".join(names)[:120] or str(number or "?")
