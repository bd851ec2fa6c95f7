"""Corrections of an issued line that billed the wrong days, the wrong offer or the wrong price.

What was billed too much is credited by a note; what was billed too little waits as a charge for the next invoice. The
issued line itself is never touched.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.corrections import credit_difference
from backoffice.billing.periods import Period
from backoffice.errors import BackofficeError, BadInput, NotFound
from backoffice.ids import GlobalId
from backoffice.models import CreditNote, CreditNoteLine, CreditReason, ExtraCharge, InvoiceLine
from backoffice.permissions import Capability
from backoffice.services import (
    billed_lines,
    cautions,
    credit_note_rows,
    credit_notes,
    crediting,
    dunning,
    missing_charges,
    postings,
    refunds,
    right_changes,
    right_lines,
    standing,
)
from backoffice.services.billed_lines import BilledLine, LineNotCorrectable
from backoffice.services.crediting import Credit
from backoffice.services.plans import DocumentNature, Order, Plan, Situation
from backoffice.services.quoted_acts import Act
from backoffice.services.right_lines import Right
from backoffice.services.standing import Standing

_OPERATION = "prorationCorrection"


class NothingToCorrect(BackofficeError):
    """The line, with what corrected it before, bills what is right."""

    code = "NOTHING_TO_CORRECT"

    def __init__(self, billed_cents: int, correct_cents: int) -> None:
        super().__init__(
            f"The line billed {billed_cents} cents and should have billed {correct_cents}; earlier corrections make up "
            "for the difference. Take a wrong one back first (prorationCorrectionReversePreview).",
            field="invoiceLineId",
        )
        self.billed_cents = billed_cents
        self.correct_cents = correct_cents


class RightChange(BaseModel):
    """The change of offer that the line billed wrongly; the day belongs to the new offer."""

    model_config = ConfigDict(frozen=True)

    on: date
    old_offer_id: int
    new_offer_id: int


class ProrationCorrectionOrder(Order):
    """Correct one issued line: by a change of offer, by its days, by its offer, or by the contract as it stands."""

    invoice_line_id: int
    change: RightChange | None = None
    served_from: date | None = None
    served_until: date | None = None
    offer_id: int | None = None
    to_balance: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> "ProrationCorrectionOrder":
        if (self.served_from is None) != (self.served_until is None):
            raise BadInput("Give both 'servedFrom' and 'servedUntil'.", field="servedFrom")
        if self.served_from and self.served_until and self.served_from > self.served_until:
            raise BadInput(
                "'servedUntil' is the first day that was not served: give no day before 'servedFrom'.",
                field="servedUntil",
            )
        if sum(each is not None for each in (self.change, self.served_from, self.offer_id)) > 1:
            raise BadInput("Give one of 'change', 'servedFrom' and 'offerId', or none of them.", field="change")
        return self


async def plan(session: AsyncSession, situation: Situation, order: ProrationCorrectionOrder) -> Plan:
    """The credit note, or the charge for the next invoice, that makes up for the difference.

    Raises NotFound, DaysOutsideLine, LineNotCorrectable and NothingToCorrect.
    """
    line = await session.get(InvoiceLine, {"subscriber_id": order.subscriber_id, "id": order.invoice_line_id})
    if line is None:
        raise NotFound("There is no such line.", field="invoiceLineId")
    stands = await credit_notes.require_standing(session, subscriber_id=order.subscriber_id, invoice_id=line.invoice_id)
    line = credit_notes.require_line(stands, line.id)
    if line.ttc_cents <= 0:
        raise LineNotCorrectable("The line gives something back itself")
    billed = await billed_lines.read(session, line, stands.invoice, offers=_offers(order))
    right = await _right(session, billed, order)
    if right.derived.cents > line.ttc_cents:
        made = await missing_charges.plan(session, situation, billed, right)
    else:
        made = await _credit(session, situation, stands, line, right, to_balance=order.to_balance)
    return replace(made, facts={**made.facts, **_facts(line, right)})


async def carry_out(session: AsyncSession, situation: Situation, order: Order, plan: Plan) -> CreditNote | ExtraCharge:
    """Issue the credit note and send its money where the plan says, or let the charge wait for the next invoice."""
    assert plan.document is not None, "a correction makes a note or a line"
    if plan.document.nature is DocumentNature.INVOICE:
        return await missing_charges.add(session, situation, plan)
    account = await postings.lock(session, subscriber_id=order.subscriber_id, account_id=plan.account_id)
    note = await credit_note_rows.issue(session, situation, order, plan, account, operation=_OPERATION)
    await refunds.decide(
        session, situation, order, plan, account, reason=note.reason, invoice_id=note.invoice_id, credit_note_id=note.id
    )
    await dunning.settle(session, account=account, at=situation.at, today=situation.today)
    return note


async def _right(session: AsyncSession, billed: BilledLine, order: ProrationCorrectionOrder) -> Right:
    if order.change is not None:
        change = order.change
        return await right_changes.of_change(
            session, billed, on=change.on, old_id=change.old_offer_id, new_id=change.new_offer_id
        )
    if order.served_from is not None and order.served_until is not None:
        return right_lines.of_days(billed, Period(order.served_from, order.served_until))
    if order.offer_id is not None:
        return right_lines.of_offer(billed, order.offer_id)
    return right_lines.of_contract(billed)


async def _credit(
    session: AsyncSession, situation: Situation, stands: Standing, line: InvoiceLine, right: Right, *, to_balance: bool
) -> Plan:
    correct = right.derived
    if correct.cents >= line.ttc_cents:
        raise NothingToCorrect(line.ttc_cents, correct.cents)
    derived = credit_difference(
        line_cents=line.ttc_cents,
        line=standing.reference(stands.invoice, line),
        correct=correct,
        already_credited_cents=line.ttc_cents - stands.of_line(line),
        same_days_credited_cents=await same_error(session, line, right),
    )
    if not derived.cents:
        raise NothingToCorrect(line.ttc_cents, correct.cents)
    about = right.about
    credit = Credit(line, derived, about.starts_on if about else None, about.ends_on if about else None)
    return await crediting.plan(
        session,
        situation,
        stands,
        [credit],
        reason=CreditReason.PRORATION_ERROR,
        to_balance=to_balance,
        target=GlobalId("InvoiceLine", line.subscriber_id, line.id),
    )


def _facts(line: InvoiceLine, right: Right) -> dict[str, Any]:
    """What was billed and what is right, as plain values."""
    return {
        "billed_cents": line.ttc_cents,
        "correct_cents": right.derived.cents,
        "correct_lines": [part.fact() for part in right.parts],
    }


async def same_error(session: AsyncSession, line: InvoiceLine, right: Right) -> int:
    """What of this error was credited before, in cents: by corrections of the line, or of the very days it is about."""
    earlier = CreditNoteLine
    found = await session.execute(
        cautions.standing_credit_lines(line.subscriber_id)
        .add_columns(CreditNote.operation)
        .where(earlier.invoice_line_id == line.id)
    )
    return sum(
        row.ttc_cents
        if operation == _OPERATION
        else sum(credit_notes.share_of_days(row, each) for each in right.unserved)
        for row, operation in found
    )


def _offers(order: ProrationCorrectionOrder) -> list[int]:
    change = order.change
    named = (change.old_offer_id, change.new_offer_id, order.offer_id) if change else (order.offer_id,)
    return [offer_id for offer_id in named if offer_id is not None]


ACT = Act(
    operation=_OPERATION,
    needs=Capability.CREDIT_WRITE,
    order=ProrationCorrectionOrder,
    plan=plan,
    carry_out=carry_out,
)
