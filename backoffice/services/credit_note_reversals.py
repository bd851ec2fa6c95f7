"""Taking a wrong credit note back, by a document of its own: what it had taken off is due again."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.derivation import Draft
from backoffice.billing.steps import Source
from backoffice.billing.vat import VatSplit
from backoffice.errors import BackofficeError, NotFound
from backoffice.ids import GlobalId, new_id
from backoffice.models import (
    BillingAccount,
    CreditNote,
    CreditNoteKind,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    LedgerAccount,
    PostingKind,
    Refund,
    RefundState,
)
from backoffice.permissions import Capability
from backoffice.services import credit_applications, credit_note_rows, outbox, postings, refunds
from backoffice.services.plans import (
    Caution,
    DocumentNature,
    Order,
    Plan,
    PlannedDocument,
    PlannedLine,
    PlannedPosting,
    Situation,
)
from backoffice.services.quoted_acts import Act

_RULE = "credit-note-taken-back"


class AlreadyReversed(BackofficeError):
    """The act was undone before."""

    code = "ALREADY_REVERSED"

    def __init__(self, what: str, field: str) -> None:
        super().__init__(f"This {what} was taken back before; nothing is left to undo.", field=field)


class RefundBeingSent(BackofficeError):
    """The bank is being asked to pay a refund out, or was asked and never answered: the money may have left."""

    code = "REFUND_BEING_SENT"

    def __init__(self) -> None:
        super().__init__(
            "The bank was asked to pay this money out and has not answered: wait for its answer. Where it does not come, "
            "let the refund be sent again (`work --revive`), which pays it out once at most."
        )


class CreditNoteReverseOrder(Order):
    """Take one credit note back, in whole."""

    credit_note_id: int


async def plan(session: AsyncSession, situation: Situation, order: CreditNoteReverseOrder) -> Plan:
    """The document that takes the note back, and what becomes due again.

    Raises NotFound, AlreadyReversed and RefundBeingSent.
    """
    note = await require_note(session, order.subscriber_id, order.credit_note_id)
    made = await refunds.of_note(session, subscriber_id=order.subscriber_id, credit_note_id=note.id)
    return await plan_for(session, situation, note, made, target=GlobalId("CreditNote", order.subscriber_id, note.id))


async def plan_for(
    session: AsyncSession, situation: Situation, note: CreditNote, made: list[Refund], *, target: GlobalId
) -> Plan:
    """The plan that takes `note` back together with those of its refunds that still wait. Raises RefundBeingSent."""
    account = await session.get_one(
        BillingAccount, {"subscriber_id": note.subscriber_id, "id": note.billing_account_id}
    )
    waiting = [refund for refund in made if refund.state is RefundState.APPROVED]
    await require_withdrawable(session, waiting, at=situation.at)
    is_gone = any(refund.state in (RefundState.SENT, RefundState.SETTLED) for refund in made)
    lines = await _lines(session, note)
    document = PlannedDocument(
        subscriber_id=note.subscriber_id,
        nature=DocumentNature.CREDIT_NOTE_REVERSAL,
        lines=tuple(_line(note, line) for line in lines),
        invoice_id=note.invoice_id,
        reason=note.reason,
    )
    return Plan(
        account_id=account.id,
        target=target,
        amount_cents=note.ttc_cents,
        balance_before_cents=account.balance_cents,
        postings=(await _posting(session, lines), *(reversal_posting(refund) for refund in waiting)),
        document=document,
        cautions=(Caution.BECOMES_DUE_AGAIN,) if is_gone or note.offset_cents else (),
        facts={"taken_back": [refund.id for refund in waiting], "credit_note": note.id},
    )


async def carry_out(session: AsyncSession, situation: Situation, order: Order, plan: Plan) -> CreditNote:
    """Issue the reversal, cancel what waits to be sent, and let the account's credit settle again."""
    account = await postings.lock(session, subscriber_id=order.subscriber_id, account_id=plan.account_id)
    note = await require_note(session, order.subscriber_id, plan.facts["credit_note"])
    await _give_back(session, note)
    invoice = await session.get_one(
        Invoice, {"subscriber_id": note.subscriber_id, "id": note.invoice_id}, populate_existing=True
    )
    await credit_applications.release(session, invoice=invoice, at=situation.at)
    credited_cents = invoice.credited_cents - note.ttc_cents
    invoice.offset_cents = max(0, min(invoice.offset_cents - note.offset_cents, credited_cents))
    invoice.credited_cents = credited_cents
    reversal = await _issue(session, situation, order, plan, note)
    await postings.post(
        session,
        account=account,
        kind=PostingKind.CREDIT_NOTE_REVERSAL,
        document_id=reversal.id,
        document_number=reversal.number,
        entries=plan.postings[0].entries,
        at=situation.at,
        today=situation.today,
    )
    for refund in await refunds.of_note(session, subscriber_id=note.subscriber_id, credit_note_id=note.id):
        if refund.id in plan.facts["taken_back"]:
            await refunds.cancel(session, account=account, refund=refund, at=situation.at, today=situation.today)
    await credit_applications.settle(session, account=account, at=situation.at)
    return reversal


async def require_note(session: AsyncSession, subscriber_id: int, note_id: int) -> CreditNote:
    """A credit note that stands; raises NotFound and AlreadyReversed."""
    note = await session.get(CreditNote, {"subscriber_id": subscriber_id, "id": note_id})
    if note is None or note.kind is not CreditNoteKind.CREDIT_NOTE:
        raise NotFound("There is no such credit note.", field="creditNoteId")
    if await is_reversed(session, note):
        raise AlreadyReversed("credit note", "creditNoteId")
    return note


async def is_reversed(session: AsyncSession, note: CreditNote) -> bool:
    """Whether a document took the note back."""
    found = await session.execute(
        select(CreditNote.id).where(CreditNote.subscriber_id == note.subscriber_id, CreditNote.reverses_id == note.id)
    )
    return found.first() is not None


async def require_withdrawable(session: AsyncSession, waiting: list[Refund], *, at: datetime) -> None:
    """Raise RefundBeingSent for a refund whose message somebody has begun to work on, or has given up."""
    for refund in waiting:
        if not await is_withdrawable(session, refund, at):
            raise RefundBeingSent


async def is_withdrawable(session: AsyncSession, refund: Refund, at: datetime) -> bool:
    """Whether nobody has begun to send a refund that was decided."""
    key = outbox.refund_key(refund.id)
    return await outbox.is_waiting(session, subscriber_id=refund.subscriber_id, key=key, at=at)


def reversal_posting(refund: Refund) -> PlannedPosting:
    """The posting that takes back a refund which waits to be sent."""
    entries = postings.between(LedgerAccount.CLEARING, LedgerAccount.RECEIVABLE, refund.amount_cents)
    return PlannedPosting(PostingKind.REFUND_REVERSAL, entries)


async def _lines(session: AsyncSession, note: CreditNote) -> list[CreditNoteLine]:
    line = CreditNoteLine
    found = await session.execute(
        select(line)
        .where(line.subscriber_id == note.subscriber_id, line.credit_note_id == note.id)
        .order_by(line.position)
    )
    return list(found.scalars())


def _line(note: CreditNote, line: CreditNoteLine) -> PlannedLine:
    draft = Draft()
    draft.amount(Source.CREDITED, line.ttc_cents, rule=_RULE, reference=f"{note.number}, ligne {line.position + 1}")
    return PlannedLine(
        subscriber_id=note.subscriber_id,
        label=line.label,
        split=VatSplit(line.ht_cents, line.vat_cents),
        vat_rate=line.vat_rate,
        derivation=draft.finish().to_json(),
        starts_on=line.starts_on,
        ends_on=line.ends_on,
        invoice_line_id=line.invoice_line_id,
    )


async def _posting(session: AsyncSession, lines: list[CreditNoteLine]) -> PlannedPosting:
    parts = []
    for line in lines:
        issued = await session.get_one(InvoiceLine, {"subscriber_id": line.subscriber_id, "id": line.invoice_line_id})
        parts.append((issued.kind, line.ht_cents, line.vat_cents))
    return PlannedPosting(PostingKind.CREDIT_NOTE_REVERSAL, postings.of_document(parts, sign=1))


async def _give_back(session: AsyncSession, note: CreditNote) -> None:
    for line in await _lines(session, note):
        row = InvoiceLine
        await session.execute(
            update(row)
            .where(row.subscriber_id == line.subscriber_id, row.id == line.invoice_line_id)
            .values(
                credited_ttc_cents=row.credited_ttc_cents - line.ttc_cents,
                credited_ht_cents=row.credited_ht_cents - line.ht_cents,
            )
        )


async def _issue(session: AsyncSession, situation: Situation, order: Order, plan: Plan, note: CreditNote) -> CreditNote:
    assert plan.document is not None
    reversal = CreditNote(
        subscriber_id=note.subscriber_id,
        id=new_id(situation.at),
        number=await credit_note_rows.next_number(session, "D", situation.today),
        billing_account_id=note.billing_account_id,
        invoice_id=note.invoice_id,
        kind=CreditNoteKind.REVERSAL,
        reverses_id=note.id,
        ticket_id=order.ticket_id,
        operation=note.operation,
        reason=note.reason,
        note=order.note,
        issued_on=situation.today,
        issued_at=situation.at,
        ht_cents=note.ht_cents,
        vat_cents=note.vat_cents,
        ttc_cents=note.ttc_cents,
    )
    await credit_note_rows.write(session, reversal, plan.document.lines, situation)
    return reversal


ACT = Act(
    operation="creditNoteReverse",
    needs=Capability.CREDIT_WRITE,
    order=CreditNoteReverseOrder,
    plan=plan,
    carry_out=carry_out,
)
