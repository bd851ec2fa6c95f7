"""The clock of a ticket: by when we owe an answer, and when the clock stands still."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import SlaPolicy, Ticket, TicketChannel, TicketPriority, TicketState
from backoffice.permissions import ActorKind, Viewer


async def policy_for(
    session: AsyncSession, *, channel: TicketChannel, priority: TicketPriority, today: date
) -> SlaPolicy | None:
    """The policy in force on the civil day `today`, or None: then nothing is due."""
    newest = (
        select(SlaPolicy)
        .where(SlaPolicy.channel == channel, SlaPolicy.priority == priority, SlaPolicy.starts_on <= today)
        .order_by(SlaPolicy.starts_on.desc())
        .limit(1)
    )
    return (await session.execute(newest)).scalar_one_or_none()


def changes_of(ticket: Ticket, state: TicketState, *, is_message: bool, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """What a reply changes on the ticket that goes to `state`.

    While we wait for the subscriber the clock stands still; what is due moves later by the time that we waited.
    """
    changes: dict[str, Any] = {"state": state}
    if is_message and viewer.kind is ActorKind.STAFF and ticket.first_response_at is None:
        changes["first_response_at"] = at
    if ticket.waiting_since is not None and state is not TicketState.WAITING_SUBSCRIBER:
        waited = at - ticket.waiting_since
        changes["waiting_since"] = None
        for due in ("first_response_due_at", "resolution_due_at"):
            moved = getattr(ticket, due)
            changes[due] = moved + waited if moved else None
    elif ticket.waiting_since is None and state is TicketState.WAITING_SUBSCRIBER:
        changes["waiting_since"] = at
    changes["resolved_at"] = (ticket.resolved_at or at) if state is TicketState.RESOLVED else None
    return changes
