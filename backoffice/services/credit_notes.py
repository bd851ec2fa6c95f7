"""Credit notes: the documents that correct issued invoices, and the documents that take a wrong correction back."""

from dataclasses import replace
from datetime import date

from pydantic import model_validator
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.corrections import credit_days
from backoffice.billing.periods import Period
from backoffice.errors import BackofficeError, BadInput, NotFound
from backoffice.ids import new_id
from backoffice.models import (
    BillingAccount,
    CreditNote,
    CreditNoteKind,
    CreditNoteLine,
    CreditReason,
    DirectoryKind,
    Invoice,
    InvoiceLine,
    PostingKind,
)
from backoffice.permissions import Capability
from backoffice.services import (
    amounts,
    cautions,
    credit_applications,
    crediting,
    directory,
    gifts,
    keys,
    numbering,
    postings,
    refunds,
    standing,
)
from backoffice.services.crediting import Credit
from backoffice.services.plans import Order, Plan, PlannedDocument, PlannedLine, Situation
from backoffice.services.quoted_acts import Act
from backoffice.services.quotes import QuoteStale
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
    note = await issue(session, situation, order, plan, account, operation=ACT.operation)
    await refunds.decide(
        session, situation, order, plan, account, reason=note.reason, invoice_id=note.invoice_id, credit_note_id=note.id
    )
    await credit_applications.settle(session, account=account, at=situation.at)
    return note


async def issue(
    session: AsyncSession, situation: Situation, order: Order, plan: Plan, account: BillingAccount, *, operation: str
) -> CreditNote:
    """Write the note of a plan: lines under guard, number, posting. Refunds and the account's credit are the caller's.

    `operation` is the act that issues it.
    """
    document = plan.document
    assert document is not None, "only a plan with a document is issued"
    assert document.invoice_id is not None, "a credit note corrects an invoice"
    assert document.reason is not None, "a credit note says why"
    await _take(session, order.subscriber_id, document)
    invoice = await session.get_one(Invoice, {"subscriber_id": order.subscriber_id, "id": document.invoice_id})
    await credit_applications.release(session, invoice=invoice, at=situation.at)
    reopened_cents = max(0, invoice.refunded_cents + invoice.offset_cents - invoice.credited_cents)
    # What a reversal had made due again is settled by the new credit itself, and only the rest is an offset.
    offset_cents = max(0, plan.offset_cents - reopened_cents)
    invoice.credited_cents += document.total.ttc_cents
    invoice.offset_cents += offset_cents
    note = CreditNote(
        subscriber_id=order.subscriber_id,
        id=new_id(situation.at),
        number=await next_number(session, "A", situation.today),
        billing_account_id=account.id,
        invoice_id=invoice.id,
        kind=CreditNoteKind.CREDIT_NOTE,
        ticket_id=order.ticket_id,
        operation=operation,
        reason=document.reason,
        note=order.note,
        issued_on=situation.today,
        issued_at=situation.at,
        offset_cents=offset_cents,
        **_totals(document),
    )
    await write(session, note, document.lines, situation)
    await postings.post(
        session,
        account=account,
        kind=PostingKind.CREDIT_NOTE,
        document_id=note.id,
        document_number=note.number,
        entries=plan.postings[0].entries,
        at=situation.at,
        today=situation.today,
    )
    return note


async def write(session: AsyncSession, note: CreditNote, lines: tuple[PlannedLine, ...], situation: Situation) -> None:
    """Add a numbered note with its lines, and make it known by its number."""
    session.add(note)
    await session.flush()  # the lines and the directory refer to it
    for position, line in enumerate(lines):
        session.add(
            CreditNoteLine(
                subscriber_id=note.subscriber_id,
                id=new_id(situation.at),
                credit_note_id=note.id,
                invoice_line_id=line.invoice_line_id,
                position=position,
                label=line.label,
                starts_on=line.starts_on,
                ends_on=line.ends_on,
                vat_rate=line.vat_rate,
                ht_cents=line.split.ht_cents,
                vat_cents=line.split.vat_cents,
                ttc_cents=line.split.ttc_cents,
                derivation=line.derivation,
            )
        )
    assert note.number is not None, "an issued note has its number"
    directory.enter(
        session,
        kind=DirectoryKind.CREDIT_NOTE,
        key=keys.reference(note.number),
        subscriber_id=note.subscriber_id,
        target_id=note.id,
    )


async def next_number(session: AsyncSession, series: str, today: date) -> str:
    """The next number of a series of credit notes (A) or of their reversals (D), such as A2026-0000012."""
    code = f"{series}{today.year}"
    return f"{code}-{await numbering.next_number(session, series=code):07}"


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
            same_days_credited_cents=await same_days(session, line, unused),
        )
        taken.append(Credit(line, derived, unused.starts_on, unused.ends_on))
    if not taken and len(lines) == 1 and lines[0].starts_on and lines[0].ends_on:
        raise DaysOutsideLine(lines[0].starts_on, lines[0].ends_on)
    return taken


async def same_days(session: AsyncSession, line: InvoiceLine, unused: Period) -> int:
    """What earlier credits, which stand, took of just these days of the line, in cents."""
    earlier = CreditNoteLine
    found = await session.execute(
        cautions.standing_credit_lines(line.subscriber_id).where(
            earlier.invoice_line_id == line.id, earlier.starts_on < unused.ends_on, earlier.ends_on > unused.starts_on
        )
    )
    return sum(share_of_days(credited, unused) for credited in found.scalars())


def share_of_days(credited: CreditNoteLine, days: Period) -> int:
    """The part of an earlier credit that was for these days, in cents; nothing of one that was about no days."""
    if credited.starts_on is None or credited.ends_on is None:
        return 0
    covered = Period(credited.starts_on, credited.ends_on)
    common = covered.intersect(days)
    return credited.ttc_cents * (common.days if common else 0) // covered.days


async def _take(session: AsyncSession, subscriber_id: int, document: PlannedDocument) -> None:
    """Raise what is credited of each line, unless another credit came first: the account's lock makes that a defect."""
    for line in document.lines:
        row = InvoiceLine
        taken = await session.execute(
            update(row)
            .where(row.subscriber_id == subscriber_id, row.id == line.invoice_line_id)
            .where(row.credited_ttc_cents + line.split.ttc_cents <= row.ttc_cents)
            .values(
                credited_ttc_cents=row.credited_ttc_cents + line.split.ttc_cents,
                credited_ht_cents=row.credited_ht_cents + line.split.ht_cents,
            )
            .returning(row.id)
        )
        if taken.one_or_none() is None:
            raise QuoteStale


def _totals(document: PlannedDocument) -> dict[str, int]:
    total = document.total
    return {"ht_cents": total.ht_cents, "vat_cents": total.vat_cents, "ttc_cents": total.ttc_cents}


ACT = Act(
    operation="creditNote",
    needs=Capability.CREDIT_WRITE,
    order=CreditNoteOrder,
    plan=plan,
    carry_out=carry_out,
)
