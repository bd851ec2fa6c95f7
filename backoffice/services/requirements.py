"""What an act asks of whoever does it: a fresh code, a note, a ticket with a proof, a second person."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError
from backoffice.models import Attachment, Ticket
from backoffice.services.plans import Order, Plan, Requirement, Situation


class StepUpNeeded(BackofficeError):
    """The act needs a fresh one-time code in this session; the quote stays valid."""

    code = "STEP_UP_REQUIRED"
    methods = ("TOTP",)

    def __init__(self) -> None:
        super().__init__("Give a fresh one-time code (POST /staff/step-up), then confirm the same quote again.")


class NoteNeeded(BackofficeError):
    """The act needs a note that says why."""

    code = "NOTE_REQUIRED"

    def __init__(self) -> None:
        super().__init__("Preview again with a note that says why: this reason or amount asks for one.", field="note")


class TicketNeeded(BackofficeError):
    """The act needs a ticket of this subscriber, with a proof attached."""

    code = "TICKET_REQUIRED"

    def __init__(self) -> None:
        super().__init__(
            "Preview again with the subscriber's ticket, to which the proof is attached: this reason is judged case by case.",
            field="ticketId",
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """One requirement, and whether it is met."""

    requirement: Requirement
    is_met: bool


async def of(session: AsyncSession, situation: Situation, plan: Plan, order: Order) -> list[Asked]:
    """What the plan asks for. A second person is met by nobody beforehand: the confirmation asks for the approval."""
    policy, viewer = situation.policy, situation.viewer
    asked = {Requirement.NOTE: bool(order.note), Requirement.TICKET: await _has_proof(session, order)}
    wanted = set(plan.asked_for)
    if plan.is_limited:
        reason = plan.document.reason if plan.document else None
        wanted |= {Requirement.NOTE} if reason in policy.note_for else set()
        wanted |= {Requirement.TICKET} if reason in policy.ticket_for else set()
        wanted |= {Requirement.NOTE} if plan.amount_cents > policy.note_above_cents else set()
        wanted |= {Requirement.STEP_UP} if plan.amount_cents > policy.step_up_above_cents else set()
        wanted |= {Requirement.SECOND_PERSON} if plan.amount_cents > policy.ceiling_cents(viewer.role) else set()
    asked[Requirement.STEP_UP] = viewer.is_stepped_up(situation.at)
    asked[Requirement.SECOND_PERSON] = False
    return [Asked(each, asked[each]) for each in Requirement if each in wanted]


def require_met(asked: list[Asked]) -> bool:
    """Whether a second person must decide; raises NoteNeeded, TicketNeeded or StepUpNeeded for what is missing."""
    missing = {each.requirement for each in asked if not each.is_met}
    for requirement, refusal in (
        (Requirement.NOTE, NoteNeeded),
        (Requirement.TICKET, TicketNeeded),
        (Requirement.STEP_UP, StepUpNeeded),
    ):
        if requirement in missing:
            raise refusal()
    return Requirement.SECOND_PERSON in missing


async def _has_proof(session: AsyncSession, order: Order) -> bool:
    if order.ticket_id is None:
        return False
    attached = exists().where(Attachment.subscriber_id == Ticket.subscriber_id, Attachment.ticket_id == Ticket.id)
    found = select(Ticket.id).where(Ticket.subscriber_id == order.subscriber_id, Ticket.id == order.ticket_id, attached)
    return (await session.execute(found)).first() is not None
