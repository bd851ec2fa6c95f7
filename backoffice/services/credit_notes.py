"""Credit notes: the documents that correct issued invoices, for all of them, a line, days or an amount."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from pydantic import model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.corrections import credit_days
from backoffice.billing.periods import Period
from backoffice.errors import BackofficeError, BadInput, NotFound
from backoffice.models import (
    CreditNote,
    CreditNoteLine,
    CreditReason,
    ExtraCharge,
    InvoiceLine,
)
from backoffice.permissions import Capability
from backoffice.services import (
    amounts,
    cautions,
    credit_note_rows,
    crediting,
    dunning,
    gifts,
    given_back,
    postings,
    refunds,
    standing,
)
from backoffice.services.crediting import Credit
from backoffice.services.plans import Order, Plan, Situation
from backoffice.services.quoted_acts import Act
from backoffice.services.standing import Standing


class NothingToCredit(BackofficeError):
    """Nothing stands any more of what should be credited."""

    code = "NOTHING_TO_CREDIT"

    def __init__(self, field: str = "invoiceId") -> None:
        super().__init__(
            "Nothing of this is left to credit: look at the credit notes of the invoice, which took it back already.",
            field=field,
        )


class DaysOutsideLine(BackofficeError):
    """The days to credit are none of the line's."""

    code = "DATES_OUTSIDE_LINE"

    def __init__(self, starts_on: date, ends_on: date, field: str = "startsOn") -> None:
        super().__init__(f"The line covers {starts_on} to {ends_on} (not included): give days within it.", field=field)
        self.starts_on = starts_on
        self.ends_on = ends_on


class CreditNoteOrder(Order):
    """Credit a line (a part of it, some of its days, or all that stands), or the whole invoice, or an amount of it."""

    invoice_id: int
    invoice_line_id: int | None = None
    amount_cents: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    reason: CreditReason
    to_balance: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> "CreditNoteOrder":
        has_days = self.starts_on is not None or self.ends_on is not None
        if has_days and (self.amount_cents is not None or self.starts_on is None or self.ends_on is None):
            raise BadInput("Give either an amount, or both 'startsOn' and 'endsOn', or neither.", field="startsOn")
        if has_days and self.starts_on >= self.ends_on:  # type: ignore[operator]
            raise BadInput(
                "'endsOn' is the first day that is not credited: give a day after 'startsOn'.", field="endsOn"
            )
        return self


async def plan(session: AsyncSession, situation: Situation, order: CreditNoteOrder) -> Plan:
    """What the credit note would say and where its money would go.

    Raises NotFound, AmountRefused, DaysOutsideLine and NothingToCredit.
    """
    stands = await require_standing(session, subscriber_id=order.subscriber_id, invoice_id=order.invoice_id)
    taken = [credit for credit in await _taken(session, situation, stands, order) if credit.derived.cents]
    if not taken:
        raise NothingToCredit("invoiceLineId" if order.invoice_line_id else "invoiceId")
    made = await crediting.plan(session, situation, stands, taken, reason=order.reason, to_balance=order.to_balance)
    return replace(made, asked_for=await gifts.asked_for(session, situation, order, taken, order.reason))


async def carry_out(session: AsyncSession, situation: Situation, order: Order, plan: Plan) -> CreditNote:
    """Issue the planned credit note and send its money where the plan says."""
    account = await postings.lock(session, subscriber_id=order.subscriber_id, account_id=plan.account_id)
    note = await credit_note_rows.issue(session, situation, order, plan, account, operation=ACT.operation)
    await refunds.decide(
        session, situation, order, plan, account, reason=note.reason, invoice_id=note.invoice_id, credit_note_id=note.id
    )
    await dunning.settle(session, account=account, at=situation.at, today=situation.today)
    return note


async def require_standing(session: AsyncSession, *, subscriber_id: int, invoice_id: int) -> Standing:
    """The invoice as it stands; raises NotFound."""
    stands = await standing.read(session, subscriber_id=subscriber_id, invoice_id=invoice_id)
    if stands is None or stands.invoice.number is None:
        raise NotFound("There is no such issued invoice.", field="invoiceId")
    return stands


def require_line(stands: Standing, line_id: int) -> InvoiceLine:
    """The line of the invoice with this id; raises NotFound."""
    found = next((line for line in stands.lines if line.id == line_id), None)
    if found is None:
        raise NotFound("There is no such line on this invoice.", field="invoiceLineId")
    return found


async def _taken(session: AsyncSession, situation: Situation, stands: Standing, order: CreditNoteOrder) -> list[Credit]:
    lines = [require_line(stands, order.invoice_line_id)] if order.invoice_line_id else list(stands.lines)
    if order.starts_on is not None and order.ends_on is not None:
        return await _days(session, stands, lines, Period(order.starts_on, order.ends_on))
    most_cents = stands.of_line(lines[0]) if order.invoice_line_id else stands.creditable_cents
    if order.amount_cents is not None:
        amounts.require_positive(order.amount_cents, policy=situation.policy)
        amounts.require_at_most(
            order.amount_cents, most_cents, what="what still stands to be credited", code="CREDIT_TOO_LARGE"
        )
    wanted_cents = most_cents if order.amount_cents is None else order.amount_cents
    if order.invoice_line_id:
        return crediting.of_amounts(stands, [(lines[0], wanted_cents)] if wanted_cents else [])
    return crediting.of_amounts(stands, stands.spread(wanted_cents) if wanted_cents else [])


async def _days(session: AsyncSession, stands: Standing, lines: list[InvoiceLine], days: Period) -> list[Credit]:
    """The unused days of each line that covers some of them; days that were credited before are not credited again."""
    taken = []
    for line in lines:
        if line.starts_on is None or line.ends_on is None or line.ttc_cents <= 0:
            continue
        covered = Period(line.starts_on, line.ends_on)
        unused = covered.intersect(days)
        if unused is None:
            continue
        derived = credit_days(
            line_cents=line.ttc_cents,
            line=standing.reference(stands.invoice, line),
            unused=unused,
            of=covered,
            already_credited_cents=line.ttc_cents - stands.of_line(line),
            same_days_credited_cents=await same_days(session, line, unused, changed=stands.changed.get(line.id, ())),
        )
        taken.append(Credit(line, derived, unused.starts_on, unused.ends_on))
    if not taken and len(lines) == 1 and lines[0].starts_on and lines[0].ends_on:
        raise DaysOutsideLine(lines[0].starts_on, lines[0].ends_on)
    return crediting.within(stands, taken)


async def same_days(session: AsyncSession, line: InvoiceLine, unused: Period, *, changed: Sequence[ExtraCharge]) -> int:
    """What earlier credits, which stand, took of just these days of the line, in cents; `changed` are those of changes."""
    earlier = CreditNoteLine
    found = await session.execute(
        cautions.standing_credit_lines(line.subscriber_id).where(
            earlier.invoice_line_id == line.id, earlier.starts_on < unused.ends_on, earlier.ends_on > unused.starts_on
        )
    )
    noted_cents = sum(share_of_days(credited, unused) for credited in found.scalars())
    return noted_cents + given_back.share_of_days(changed, unused)


def share_of_days(credited: CreditNoteLine, days: Period) -> int:
    """The part of an earlier credit that was for these days, in cents; nothing of one that was about no days."""
    if credited.starts_on is None or credited.ends_on is None:
        return 0
    covered = Period(credited.starts_on, credited.ends_on)
    common = covered.intersect(days)
    return credited.ttc_cents * (common.days if common else 0) // covered.days


ACT = Act(
    operation="creditNote",
    needs=Capability.CREDIT_WRITE,
    order=CreditNoteOrder,
    plan=plan,
    carry_out=carry_out,
)
