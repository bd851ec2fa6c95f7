"""Taking a wrong correction back: its credit note by a document of its own, its charge while no invoice has it."""

from pydantic import model_validator
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError, BadInput, NotFound
from backoffice.ids import GlobalId
from backoffice.models import BillingAccount, CreditNote, ExtraCharge
from backoffice.permissions import Capability
from backoffice.services import credit_note_reversals, proration_corrections, refunds
from backoffice.services.credit_note_reversals import AlreadyReversed
from backoffice.services.plans import Order, Plan, Situation
from backoffice.services.quoted_acts import Act
from backoffice.services.quotes import QuoteStale


class NoCorrection(BackofficeError):
    """The document or the charge was not made by a correction."""

    code = "NOT_A_CORRECTION"

    def __init__(self, field: str, advice: str) -> None:
        super().__init__(f"No proration correction made this; {advice}.", field=field)


class ChargeBilled(BackofficeError):
    """The charge stands on an invoice."""

    code = "CHARGE_BILLED"

    def __init__(self) -> None:
        super().__init__(
            "An invoice has this charge already: credit its line there (creditNotePreview).", field="extraChargeId"
        )


class ProrationCorrectionReverseOrder(Order):
    """Take back the credit note of a correction, or the charge that it left to bill."""

    credit_note_id: int | None = None
    extra_charge_id: int | None = None

    @model_validator(mode="after")
    def _one_made(self) -> "ProrationCorrectionReverseOrder":
        if (self.credit_note_id is None) == (self.extra_charge_id is None):
            raise BadInput("Give either 'creditNoteId' or 'extraChargeId'.", field="creditNoteId")
        return self


async def plan(session: AsyncSession, situation: Situation, order: ProrationCorrectionReverseOrder) -> Plan:
    """What is taken back. Raises NotFound, NoCorrection, AlreadyReversed, RefundBeingSent and ChargeBilled."""
    if order.credit_note_id is None:
        return await _of_charge(session, await _require_charge(session, order))
    note = await credit_note_reversals.require_note(session, order.subscriber_id, order.credit_note_id)
    if note.operation != proration_corrections.ACT.operation:
        raise NoCorrection("creditNoteId", "take it back with creditNoteReversePreview")
    made = await refunds.of_note(session, subscriber_id=order.subscriber_id, credit_note_id=note.id)
    return await credit_note_reversals.plan_for(
        session, situation, note, made, target=GlobalId("CreditNote", order.subscriber_id, note.id)
    )


async def carry_out(
    session: AsyncSession, situation: Situation, order: ProrationCorrectionReverseOrder, plan: Plan
) -> CreditNote | ExtraCharge:
    """Issue the reversal of the note, or cancel the charge."""
    if order.extra_charge_id is None:
        return await credit_note_reversals.carry_out(session, situation, order, plan)
    row = ExtraCharge
    cancelled = await session.execute(
        update(row)
        .where(row.subscriber_id == order.subscriber_id, row.id == order.extra_charge_id)
        .where(row.invoice_line_id.is_(None), row.cancelled_at.is_(None))
        .values(cancelled_at=situation.at)
        .returning(row.id)
    )
    if cancelled.one_or_none() is None:
        raise QuoteStale
    return await session.get_one(row, {"subscriber_id": order.subscriber_id, "id": order.extra_charge_id})


async def _require_charge(session: AsyncSession, order: ProrationCorrectionReverseOrder) -> ExtraCharge:
    key = {"subscriber_id": order.subscriber_id, "id": order.extra_charge_id}
    charge = await session.get(ExtraCharge, key, populate_existing=True)
    if charge is None:
        raise NotFound("There is no such charge.", field="extraChargeId")
    cause = GlobalId.decode(charge.cause)
    if cause is None or cause.type_name != "InvoiceLine":
        raise NoCorrection("extraChargeId", "undo what caused it instead")
    if charge.invoice_line_id is not None:
        raise ChargeBilled
    if charge.cancelled_at is not None:
        raise AlreadyReversed("charge", "extraChargeId")
    return charge


async def _of_charge(session: AsyncSession, charge: ExtraCharge) -> Plan:
    account = await session.get_one(
        BillingAccount, {"subscriber_id": charge.subscriber_id, "id": charge.billing_account_id}
    )
    return Plan(
        account_id=account.id,
        target=GlobalId("ExtraCharge", charge.subscriber_id, charge.id),
        amount_cents=charge.ttc_cents,
        balance_before_cents=account.balance_cents,
        facts={"cancels": {"label": charge.label, "cents": charge.ttc_cents}},
    )


ACT = Act(
    operation="prorationCorrectionReverse",
    needs=Capability.CREDIT_WRITE,
    order=ProrationCorrectionReverseOrder,
    plan=plan,
    carry_out=carry_out,
)
