"""What a viewer may do with an object now: permissions and state together."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backoffice.models import Device, Subscriber, SubscriberState, Ticket, TicketState
from backoffice.permissions import Capability, Viewer
from backoffice.services import device_states
from backoffice.services.device_states import DeviceRefused

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
    DEVICE_RENAME = "DEVICE_RENAME"
    DEVICE_REMOVE = "DEVICE_REMOVE"
    DEVICE_REVOKE = "DEVICE_REVOKE"
    DEVICE_RESTORE = "DEVICE_RESTORE"
    PAYMENT = "PAYMENT"
    PAYMENT_REVERSE = "PAYMENT_REVERSE"
    PAYMENT_RETURN = "PAYMENT_RETURN"
    PAYMENT_RETURN_REVERSE = "PAYMENT_RETURN_REVERSE"
    GOODWILL_CREDIT = "GOODWILL_CREDIT"
    GOODWILL_CREDIT_REVERSE = "GOODWILL_CREDIT_REVERSE"
    OPTION_ADD = "OPTION_ADD"
    OPTION_END = "OPTION_END"
    OFFER_CHANGE = "OFFER_CHANGE"
    TERMINATION = "TERMINATION"
    WITHDRAWAL = "WITHDRAWAL"
    SUSPENSION = "SUSPENSION"
    REACTIVATION = "REACTIVATION"
    CHANGE_ORDER_CANCEL = "CHANGE_ORDER_CANCEL"
    CHANGE_ORDER_REVERSE = "CHANGE_ORDER_REVERSE"


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
        return [_ability(viewer, Action.TICKET_REPLY, _why_erased(owner) or _why_no_reply(row))]
    opening = _ability(viewer, Action.TICKET_OPEN, _why_erased(owner))
    return [opening, *_of_device(viewer, row, owner)] if isinstance(row, Device) else [opening]


def _ability(viewer: Viewer, action: Action, obstacle: str | None) -> Ability:
    if not viewer.may(Capability.TICKET_WRITE):
        return Ability(action, allowed=False, reason="Your role reads tickets but does not write them.")
    return Ability(action, allowed=obstacle is None, reason=obstacle)


def _of_device(viewer: Viewer, device: Device, owner: Subscriber) -> list[Ability]:
    """The acts on a device; whether a slot is free for one that comes back is found out by the act itself."""
    refusals = {
        Action.DEVICE_RENAME: device_states.why_no_rename(device),
        Action.DEVICE_REMOVE: device_states.why_no_removal(device),
        Action.DEVICE_REVOKE: device_states.why_no_revocation(device),
        Action.DEVICE_RESTORE: device_states.why_no_restoration(device, viewer),
    }
    return [_device_ability(viewer, action, refused, owner) for action, refused in refusals.items()]


def _device_ability(viewer: Viewer, action: Action, refused: DeviceRefused | None, owner: Subscriber) -> Ability:
    if not viewer.may(Capability.DEVICE_WRITE):
        return Ability(action, allowed=False, reason="Your role reads devices but does not change them.")
    obstacle = _why_erased(owner) or (refused.message if refused else None)
    return Ability(action, allowed=obstacle is None, reason=obstacle)


def _why_no_reply(ticket: Ticket) -> str | None:
    finished = ticket.state in FINISHED
    return f"The ticket is {ticket.state.lower()}; open a new one that refers to it." if finished else None


def _why_erased(owner: Subscriber) -> str | None:
    is_erased = owner.state is SubscriberState.ERASED
    return "The subscriber's personal data has been erased." if is_erased else None
