"""What a viewer may do with an object now: permissions and state together."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backoffice.models import Subscriber, SubscriberState, Ticket, TicketState
from backoffice.permissions import Capability, Viewer

FINISHED = frozenset({TicketState.CLOSED, TicketState.REJECTED, TicketState.CANCELLED})
"""States in which a ticket takes no more messages."""


class Action(StrEnum):
    """Something that can be done."""

    TICKET_OPEN = "TICKET_OPEN"
    TICKET_REPLY = "TICKET_REPLY"
    REFUND = "REFUND"
    REFUND_REVERSE = "REFUND_REVERSE"
    CREDIT_NOTE = "CREDIT_NOTE"
    CREDIT_NOTE_REVERSE = "CREDIT_NOTE_REVERSE"
    PRORATION_CORRECTION = "PRORATION_CORRECTION"


@dataclass(frozen=True, slots=True)
class Ability:
    """Whether one action is open, and what it will ask."""

    action: Action
    allowed: bool
    reason: str | None = None
    step_up: bool = False
    second_person: bool = False


def of(viewer: Viewer, row: Any, *, owner: Subscriber) -> list[Ability]:
    """The actions on `row`: a subscriber, a ticket, or what a ticket can be about; `owner` is whose it is."""
    if isinstance(row, Ticket):
        return [_ability(viewer, Action.TICKET_REPLY, _why_no_ticket(owner) or _why_no_reply(row))]
    return [_ability(viewer, Action.TICKET_OPEN, _why_no_ticket(owner))]


def _ability(viewer: Viewer, action: Action, obstacle: str | None) -> Ability:
    if not viewer.may(Capability.TICKET_WRITE):
        return Ability(action, allowed=False, reason="Your role reads tickets but does not write them.")
    return Ability(action, allowed=obstacle is None, reason=obstacle)


def _why_no_reply(ticket: Ticket) -> str | None:
    finished = ticket.state in FINISHED
    return f"The ticket is {ticket.state.lower()}; open a new one that refers to it." if finished else None


def _why_no_ticket(owner: Subscriber) -> str | None:
    is_erased = owner.state is SubscriberState.ERASED
    return "The subscriber's personal data has been erased." if is_erased else None
