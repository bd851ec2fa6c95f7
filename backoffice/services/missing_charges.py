"""What an issued line billed too little: a charge that waits for the next invoice, until which it can be taken back."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.corrections import charge_difference
from backoffice.billing.derivation import Derived
from backoffice.billing.vat import VatSplit, split_ttc
from backoffice.errors import BackofficeError
from backoffice.ids import GlobalId, new_id
from backoffice.models import BillingAccount, CreditReason, ExtraCharge, InvoiceLine
from backoffice.services import standing
from backoffice.services.billed_lines import BilledLine
from backoffice.services.plans import DocumentNature, Plan, PlannedDocument, PlannedLine, Situation
from backoffice.services.right_lines import Right


class AlreadyCharged(BackofficeError):
    """What was billed too little is charged already."""

    code = "NOTHING_TO_CORRECT"

    def __init__(self, charged_cents: int) -> None:
        super().__init__(
            f"{charged_cents} cents are charged for this already: take that charge back first if it is wrong "
            "(prorationCorrectionReversePreview).",
            field="invoiceLineId",
        )
        self.charged_cents = charged_cents


async def plan(session: AsyncSession, situation: Situation, billed: BilledLine, right: Right) -> Plan:
    """The charge of what is missing, as the line that the next invoice will have. Raises AlreadyCharged."""
    line = billed.line
    account = await session.get_one(
        BillingAccount, {"subscriber_id": line.subscriber_id, "id": billed.invoice.billing_account_id}
    )
    charged_cents = await _charged(session, line)
    if right.derived.cents <= line.ttc_cents + charged_cents:
        raise AlreadyCharged(charged_cents)
    derived = charge_difference(
        line_cents=line.ttc_cents,
        line=standing.reference(billed.invoice, line),
        correct=right.derived,
        already_charged_cents=charged_cents,
    )
    return Plan(
        account_id=account.id,
        target=GlobalId("InvoiceLine", line.subscriber_id, line.id),
        amount_cents=derived.cents,
        balance_before_cents=account.balance_cents,
        document=PlannedDocument(
            line.subscriber_id,
            DocumentNature.INVOICE,
            (_line(line, right, derived),),
            None,
            CreditReason.PRORATION_ERROR,
        ),
        dated={"billable_from": situation.today.isoformat()},
    )


async def add(session: AsyncSession, situation: Situation, plan: Plan) -> ExtraCharge:
    """Let the planned charge wait for the next invoice."""
    assert plan.document is not None, "the plan shows the line to come"
    [planned] = plan.document.lines
    key = {"subscriber_id": planned.subscriber_id, "id": planned.invoice_line_id}
    line = await session.get_one(InvoiceLine, key)
    charge = ExtraCharge(
        subscriber_id=line.subscriber_id,
        id=new_id(situation.at),
        billing_account_id=plan.account_id,
        contract_id=line.contract_id,
        contract_item_id=line.contract_item_id,
        offer_id=line.offer_id,
        price_version_id=line.price_version_id,
        kind=line.kind,
        label=planned.label,
        starts_on=planned.starts_on,
        ends_on=planned.ends_on,
        unit_cents=planned.split.ttc_cents,
        vat_rate=planned.vat_rate,
        ttc_cents=planned.split.ttc_cents,
        derivation=planned.derivation,
        cause=_cause(line),
        billable_from=situation.today,
        created_at=situation.at,
    )
    session.add(charge)
    await session.flush()  # the answer and the trail refer to it
    return charge


def _line(line: InvoiceLine, right: Right, derived: Derived) -> PlannedLine:
    about = right.about
    return PlannedLine(
        subscriber_id=line.subscriber_id,
        label=f"Complément – {line.label}"[:200],
        split=VatSplit(derived.cents, 0) if line.vat_rate is None else split_ttc(derived.cents, line.vat_rate),
        vat_rate=line.vat_rate,
        derivation=derived.to_json(),
        starts_on=about.starts_on if about else None,
        ends_on=about.ends_on if about else None,
        invoice_line_id=line.id,
    )


async def _charged(session: AsyncSession, line: InvoiceLine) -> int:
    """What was charged since for what the line billed too little, in cents."""
    found = await session.execute(
        select(func.coalesce(func.sum(ExtraCharge.ttc_cents), 0)).where(
            ExtraCharge.subscriber_id == line.subscriber_id,
            ExtraCharge.cause == _cause(line),
            ExtraCharge.cancelled_at.is_(None),
        )
    )
    return int(found.scalar_one())


def _cause(line: InvoiceLine) -> str:
    return GlobalId("InvoiceLine", line.subscriber_id, line.id).encode()
