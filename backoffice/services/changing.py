"""Writing a planned change of a contract, at once or on its day: in one way, and so that it can be undone.

The order keeps what stood before: the days of items and promotions, the columns of the contract, the charges it made.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import GlobalId, new_id
from backoffice.models import (
    ChangeOrder,
    Contract,
    ContractEvent,
    ContractItem,
    ExtraCharge,
    OrderState,
    Promotion,
)
from backoffice.permissions import ActorKind
from backoffice.services import credit_applications, credit_notes, postings, refunds, revisions
from backoffice.services.contract_changes import Begun, ChangePlan, Happening
from backoffice.services.planned_charges import PlannedCharge
from backoffice.services.plans import Order, Plan, Situation

R = TypeVar("R", ContractItem, Promotion)

_DOORS = {
    ActorKind.STAFF: "CONSOLE",
    ActorKind.SUBSCRIBER: "FRONT_END",
    ActorKind.PARTNER: "PARTNER",
    ActorKind.SYSTEM: "SYSTEM",
}


async def carry_out(session: AsyncSession, situation: Situation, order: Order, plan: Plan) -> ChangeOrder:
    """Write the order of a planned change, and the change itself unless its day is to come."""
    assert isinstance(plan, ChangePlan), "only the plan of a change is carried out here"
    row = ChangeOrder(
        subscriber_id=order.subscriber_id,
        id=new_id(situation.at),
        contract_id=plan.contract_id,
        kind=plan.change.kind,
        state=OrderState.SCHEDULED,
        effective_on=plan.change.effective_on,
        given=_given(order, plan),
        requested_by_id=situation.viewer.id,
        requested_by_name=situation.viewer.display_name,
        requested_at=situation.at,
    )
    session.add(row)
    await session.flush()  # charges and events name it
    if plan.is_scheduled:
        await _schedule(session, situation, plan, row)
    else:
        await apply(session, situation, order, plan, row)
    return row


async def apply(session: AsyncSession, situation: Situation, order: Order, plan: ChangePlan, row: ChangeOrder) -> None:
    """Do what the plan says and let the order remember what stood before. Raises Stale."""
    change = plan.change
    contract = await _contract(session, row)
    kept = {**(row.applied or {}), **plan.keeps, "contract": _before(contract, change.contract)}
    kept["ended"] = await _end(session, ContractItem, row.subscriber_id, change.ended)
    kept["promotions"] = await _end(session, Promotion, row.subscriber_id, change.promotions)
    item_id = await _begin(session, situation, row, change.begun)
    kept["begun"] = [item_id] if item_id else []
    kept["charges"] = [
        *kept.get("charges", []),
        *await _add_charges(session, situation, plan, row, change.charges, item_id=item_id),
    ]
    kept["cancelled"] = await _cancel(session, situation, row.subscriber_id, change.cancelled)
    await revisions.change(session, contract, expected_revision=plan.revision, changes=dict(change.contract))
    record(session, situation, row, change.happenings, item_id=item_id)
    kept["notes"] = await _issue(session, situation, order, plan)
    row.state, row.applied, row.applied_at = OrderState.APPLIED, kept, situation.at
    row.revision += 1
    await session.flush()  # what is read next sees the contract as it is now


async def _add_charges(
    session: AsyncSession,
    situation: Situation,
    plan: ChangePlan,
    row: ChangeOrder,
    charges: Sequence[PlannedCharge],
    *,
    item_id: int | None = None,
) -> list[int]:
    """Let the charges of a change wait for the next invoice; returns their ids."""
    made = []
    for charge in charges:
        extra = ExtraCharge(
            subscriber_id=row.subscriber_id,
            id=new_id(situation.at),
            billing_account_id=plan.account_id,
            contract_id=row.contract_id,
            contract_item_id=charge.item_id or item_id,
            offer_id=charge.offer_id,
            price_version_id=charge.price_version_id,
            kind=charge.kind,
            label=charge.label,
            starts_on=charge.period.starts_on if charge.period else None,
            ends_on=charge.period.ends_on if charge.period else None,
            unit_cents=charge.unit_cents,
            vat_rate=charge.vat_rate,
            ttc_cents=charge.cents,
            derivation=charge.derived.to_json(),
            cause=GlobalId("ChangeOrder", row.subscriber_id, row.id).encode(),
            billable_from=row.effective_on,
            created_at=situation.at,
        )
        session.add(extra)
        made.append(extra.id)
    return made


def record(
    session: AsyncSession,
    situation: Situation,
    row: ChangeOrder,
    happenings: Sequence[Happening],
    *,
    item_id: int | None = None,
) -> None:
    """Tell the contract's history what happened, through which door and by whom."""
    order_id = GlobalId("ChangeOrder", row.subscriber_id, row.id).encode()
    for happening in happenings:
        session.add(
            ContractEvent(
                subscriber_id=row.subscriber_id,
                id=new_id(situation.at),
                contract_id=row.contract_id,
                contract_item_id=happening.item_id or item_id,
                kind=happening.kind,
                effective_on=row.effective_on,
                recorded_at=situation.at,
                actor_kind=situation.viewer.kind,
                actor_id=situation.viewer.id,
                actor_name=situation.viewer.display_name,
                channel=_DOORS[situation.viewer.kind],
                details={**happening.details, "change_order": order_id},
            )
        )


async def _schedule(session: AsyncSession, situation: Situation, plan: ChangePlan, row: ChangeOrder) -> None:
    contract = await _contract(session, row)
    row.applied = {
        **plan.keeps,
        "scheduled": {
            "contract": _before(contract, plan.at_once),
            "ended": await _end(session, ContractItem, row.subscriber_id, plan.ends_at_once),
        },
        "charges": await _add_charges(session, situation, plan, row, plan.promised),
    }
    await revisions.change(session, contract, expected_revision=plan.revision, changes=dict(plan.at_once))
    record(session, situation, row, plan.announces)


def _given(order: Order, plan: ChangePlan) -> dict[str, Any]:
    """The whole input; what waits for its day names that day, whatever the words in which it was asked for."""
    given = order.model_dump(mode="json")
    if plan.is_scheduled and "when" in given:
        given |= {"when": "ON_DATE", "on": plan.change.effective_on.isoformat()}
    return given


async def _contract(session: AsyncSession, row: ChangeOrder) -> Contract:
    return await session.get_one(Contract, {"subscriber_id": row.subscriber_id, "id": row.contract_id})


def _before(contract: Contract, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that are about to change, as plain values."""
    return {name: _plain(getattr(contract, name)) for name in changes}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


async def _end(
    session: AsyncSession, model: type[R], subscriber_id: int, ended: Mapping[int, date]
) -> dict[str, str | None]:
    """Give rows their last day; returns the last days that they had."""
    kept: dict[str, str | None] = {}
    for row_id, ends_on in ended.items():
        row = await session.get_one(model, {"subscriber_id": subscriber_id, "id": row_id})
        kept[str(row_id)] = _plain(row.ends_on)
        row.ends_on = ends_on
    return kept


async def _begin(session: AsyncSession, situation: Situation, row: ChangeOrder, begun: Begun | None) -> int | None:
    if begun is None:
        return None
    item = ContractItem(
        subscriber_id=row.subscriber_id,
        id=new_id(situation.at),
        contract_id=row.contract_id,
        offer_id=begun.offer_id,
        kind=begun.kind,
        quantity=begun.quantity,
        anchor_on=begun.anchor_on,
        starts_on=begun.starts_on,
    )
    session.add(item)
    await session.flush()  # charges and events refer to it
    return item.id


async def _cancel(session: AsyncSession, situation: Situation, subscriber_id: int, charges: Sequence[int]) -> list[int]:
    for charge_id in charges:
        charge = await session.get_one(ExtraCharge, {"subscriber_id": subscriber_id, "id": charge_id})
        charge.cancelled_at = situation.at
    return list(charges)


async def _issue(session: AsyncSession, situation: Situation, order: Order, plan: ChangePlan) -> list[int]:
    """Issue the credit notes of a change and send their money where the plan says; returns their ids."""
    if not plan.notes:
        return []
    account = await postings.lock(session, subscriber_id=order.subscriber_id, account_id=plan.account_id)
    made = []
    for planned_note in plan.notes:
        operation = plan.change.kind.value
        note = await credit_notes.issue(session, situation, order, planned_note, account, operation=operation)
        await refunds.decide(
            session,
            situation,
            order,
            planned_note,
            account,
            reason=note.reason,
            invoice_id=note.invoice_id,
            credit_note_id=note.id,
        )
        made.append(note.id)
    await credit_applications.settle(session, account=account, at=situation.at)
    return made
