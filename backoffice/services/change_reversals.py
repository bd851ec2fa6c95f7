"""Undoing a change that was a mistake: the contract is as it was before, and its history tells of both.

What an invoice has billed is not undone here: it is corrected by a document.
"""

from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError, NotFound
from backoffice.models import (
    ChangeKind,
    ChangeOrder,
    ContractEventKind,
    CreditNote,
    ExtraCharge,
    Invoice,
    InvoiceLine,
    OrderState,
)
from backoffice.permissions import Capability
from backoffice.services import agreements, changing, contract_changes, next_invoices
from backoffice.services.agreements import Agreement
from backoffice.services.contract_changes import Change, ChangePlan, Happening
from backoffice.services.credit_note_reversals import AlreadyReversed
from backoffice.services.plans import Order, Situation
from backoffice.services.quoted_acts import Act

INSTEAD = {
    ChangeKind.TERMINATION: "conclude a new contract, and take its credit notes back (creditNoteReversePreview)",
    ChangeKind.WITHDRAWAL: "conclude a new contract, and take its credit notes back (creditNoteReversePreview)",
    ChangeKind.SUSPENSION: "give the services back (reactivationPreview)",
    ChangeKind.REACTIVATION: "cut the services again (suspensionPreview)",
}


class NotReversible(BackofficeError):
    """The order is of a kind, or in a state, that is undone in another way."""

    code = "CHANGE_NOT_REVERSIBLE"

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(f"This {what} cannot be taken back as such: {advice}.", field="changeOrderId")


class ChangeBilled(BackofficeError):
    """An invoice has billed the change: it is corrected by a document."""

    code = "CHANGE_BILLED"

    def __init__(self, number: str, advice: str) -> None:
        super().__init__(f"The document {number} tells of this change already: {advice}.", field="changeOrderId")
        self.number = number


class LaterChange(BackofficeError):
    """The contract was changed again since."""

    code = "LATER_CHANGE"

    def __init__(self, later: ChangeOrder) -> None:
        kind, way = (
            later.kind.lower().replace("_", " "),
            "cancel" if later.state is OrderState.SCHEDULED else "take back",
        )
        super().__init__(
            f"The contract has a later change ({kind}, {later.effective_on}): {way} that one first.",
            field="changeOrderId",
        )


class ChangeReverseOrder(Order):
    """Take one applied change back."""

    change_order_id: int


async def plan(session: AsyncSession, situation: Situation, order: ChangeReverseOrder) -> ChangePlan:
    """What the contract goes back to, and the charges that are no longer billed.

    Raises NotFound, AlreadyReversed, NotReversible, ChangeBilled and LaterChange.
    """
    row = await require_order(session, order.subscriber_id, order.change_order_id)
    _require_reversible(row)
    await _require_latest(session, row)
    await _require_unbilled(session, row)
    agreement = await agreements.read(session, subscriber_id=row.subscriber_id, contract_id=row.contract_id)
    charges = await _charges(session, row)
    return contract_changes.planned(
        situation,
        agreement,
        _inverse(agreement, row, charges, today=situation.today),
        facts={
            "reverses": row.kind.value,
            "reversed_effective_on": row.effective_on.isoformat(),
            "cancelled": [{"label": charge.label, "cents": charge.ttc_cents} for charge in charges],
            "cancelled_cents": sum(charge.ttc_cents for charge in charges),
        },
    )


async def require_order(session: AsyncSession, subscriber_id: int, order_id: int) -> ChangeOrder:
    """The order as it is now; raises NotFound."""
    key = {"subscriber_id": subscriber_id, "id": order_id}
    row = await session.get(ChangeOrder, key, populate_existing=True)
    if row is None:
        raise NotFound("There is no such change order; check the id.", field="changeOrderId")
    return row


async def carry_out(session: AsyncSession, situation: Situation, order: Order, plan: Any) -> ChangeOrder:
    """Put back what the order changed; the order itself stays, as reversed."""
    assert isinstance(order, ChangeReverseOrder), "the order names what it takes back"
    row = await require_order(session, order.subscriber_id, order.change_order_id)
    await changing.undo(session, situation, plan, row)
    return row


def _require_reversible(row: ChangeOrder) -> None:
    if row.state is OrderState.REVERSED:
        raise AlreadyReversed("change", "changeOrderId")
    if row.state is OrderState.SCHEDULED:
        raise NotReversible("change", "it waits for its day, so cancel it (changeOrderCancel)")
    if row.state is not OrderState.APPLIED:
        raise NotReversible("change", f"it is {row.state.lower()}, so there is nothing to undo")
    if row.kind in INSTEAD:
        raise NotReversible(row.kind.lower(), INSTEAD[row.kind])


async def _require_latest(session: AsyncSession, row: ChangeOrder) -> None:
    other = ChangeOrder
    found = await session.execute(
        select(other)
        .where(other.subscriber_id == row.subscriber_id, other.contract_id == row.contract_id, other.id != row.id)
        .where(
            or_(
                other.state == OrderState.SCHEDULED,
                and_(other.state == OrderState.APPLIED, other.applied_at >= row.applied_at, other.id > row.id),
                and_(other.state == OrderState.APPLIED, other.applied_at > row.applied_at),
            )
        )
        .order_by(other.id.desc())
        .limit(1)
    )
    later = found.scalar_one_or_none()
    if later is not None:
        raise LaterChange(later)


async def _require_unbilled(session: AsyncSession, row: ChangeOrder) -> None:
    """Raise ChangeBilled when an invoice or a credit note tells of the change, and say which correction to use."""
    line, kept = InvoiceLine, row.applied or {}
    lines = [charge.invoice_line_id for charge in await _charges(session, row) if charge.invoice_line_id]
    billed = await session.execute(
        select(Invoice.number)
        .join(line, and_(line.subscriber_id == Invoice.subscriber_id, line.invoice_id == Invoice.id))
        .where(line.subscriber_id == row.subscriber_id)
        .where(or_(line.id.in_(lines), line.contract_item_id.in_(kept.get("begun", []))))
        .limit(1)
    )
    number = billed.scalar_one_or_none()
    if number is not None:
        raise ChangeBilled(
            number, "correct its lines (prorationCorrectionPreview), then change the contract from today"
        )
    taken_back = select(CreditNote.reverses_id).where(
        CreditNote.subscriber_id == row.subscriber_id, CreditNote.reverses_id.is_not(None)
    )
    noted = await session.execute(
        select(CreditNote.number)
        .where(CreditNote.subscriber_id == row.subscriber_id, CreditNote.id.in_(kept.get("notes", [])))
        .where(CreditNote.id.not_in(taken_back))
        .limit(1)
    )
    number = noted.scalar_one_or_none()
    if number is not None:
        raise ChangeBilled(number, "take that credit note back first (creditNoteReversePreview)")


async def _charges(session: AsyncSession, row: ChangeOrder) -> list[ExtraCharge]:
    charge, ids = ExtraCharge, (row.applied or {}).get("charges", [])
    found = await session.execute(
        select(charge)
        .where(charge.subscriber_id == row.subscriber_id, charge.id.in_(ids))
        .order_by(charge.id)
        .execution_options(populate_existing=True)
    )
    return list(found.scalars())


def _inverse(agreement: Agreement, row: ChangeOrder, charges: list[ExtraCharge], *, today: date) -> Change:
    """The change that puts back what the order kept; an item that it began never was in force."""
    kept = row.applied or {}
    begun = {item.id: item.starts_on for item in agreement.items if item.id in kept.get("begun", [])}
    return Change(
        kind=row.kind,
        effective_on=min(row.effective_on, today),
        ended={**_days(kept.get("ended", {})), **begun},
        promotions=_days(kept.get("promotions", {})),
        contract=changing.columns_of(kept.get("contract", {})),
        cancelled=[charge.id for charge in charges],
        happenings=[Happening(ContractEventKind.CHANGE_REVERSED, {"kind": row.kind.value})],
    )


def _days(kept: dict[str, str | None]) -> dict[int, date | None]:
    """Last days by the id of their row, as an order kept them."""
    return {int(row_id): date.fromisoformat(text) if text else None for row_id, text in kept.items()}


ACT = Act(
    operation="changeOrderReverse",
    needs=Capability.CONTRACT_WRITE,
    order=ChangeReverseOrder,
    plan=next_invoices.foretold(plan),
    carry_out=carry_out,
)
