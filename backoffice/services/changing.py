"""Writing a planned change of a contract, at once or on its day: in one way, and so that it can be undone.

The order keeps what stood before: the days of items and promotions, the columns of the contract, the charges it made.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Date, inspect
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import new_id
from backoffice.models import (
    ChangeOrder,
    Contract,
    ContractItem,
    ContractState,
    OrderState,
    Promotion,
)
from backoffice.services import (
    change_rows,
    credit_applications,
    credit_note_rows,
    postings,
    refunds,
    revisions,
    unpaid_services,
)
from backoffice.services.contract_changes import ChangePlan, Happening
from backoffice.services.plans import Order, Plan, Situation


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
    change, contract = plan.change, await _contract(session, row)
    kept = {**(row.applied or {}), **plan.keeps, **await _write(session, situation, plan, row, contract)}
    await revisions.change(session, contract, expected_revision=plan.revision, changes=dict(change.contract))
    if change.bills_from is not None:
        await unpaid_services.skip_days_without_service(session, contract, until=change.bills_from)
    kept["notes"] = await _issue(session, situation, order, plan)
    row.state, row.applied, row.applied_at = OrderState.APPLIED, kept, situation.at
    row.revision += 1
    await session.flush()  # what is read next sees the contract as it is now


async def undo(session: AsyncSession, situation: Situation, plan: Plan, row: ChangeOrder) -> None:
    """Put back what an applied order changed, as the plan says, and mark it as reversed. Raises Stale."""
    assert isinstance(plan, ChangePlan), "only the plan of a change is carried out here"
    change = plan.change
    await change_rows.end(session, ContractItem, row.subscriber_id, change.ended)
    await change_rows.end(session, Promotion, row.subscriber_id, change.promotions)
    await change_rows.cancel(session, situation, row.subscriber_id, change.cancelled)
    contract = await _contract(session, row)
    await revisions.change(session, contract, expected_revision=plan.revision, changes=dict(change.contract))
    change_rows.record(session, situation, row, change.happenings)
    row.state, row.revision = OrderState.REVERSED, row.revision + 1


async def unschedule(session: AsyncSession, situation: Situation, row: ChangeOrder, happening: Happening) -> None:
    """Put back what a scheduled order had done before its day."""
    kept = row.applied or {}
    was = kept.get("scheduled", {})
    ended = {int(item_id): _day(text) for item_id, text in was.get("ended", {}).items()}
    await change_rows.end(session, ContractItem, row.subscriber_id, ended)
    await change_rows.cancel(session, situation, row.subscriber_id, kept.get("charges", []))
    contract, changes = await _contract(session, row), columns_of(was.get("contract", {}))
    if "ends_on" in changes and contract.state is ContractState.TERMINATING:
        # Services may have been cut when the end was scheduled, and have come back since.
        changes["state"] = ContractState.ACTIVE
    await revisions.change(session, contract, expected_revision=contract.revision, changes=changes)
    change_rows.record(session, situation, row, [happening])


def columns_of(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a contract as an order kept them."""
    is_day = {column.name: isinstance(column.type, Date) for column in inspect(Contract).columns}
    return {name: _day(value) if is_day[name] else value for name, value in kept.items()}


async def _write(
    session: AsyncSession, situation: Situation, plan: ChangePlan, row: ChangeOrder, contract: Contract
) -> dict[str, Any]:
    """End, begin, charge, cancel and tell as planned; returns what stood before, also before it was scheduled."""
    change, applied = plan.change, row.applied or {}
    was = applied.get("scheduled", {})
    ended = await change_rows.end(session, ContractItem, row.subscriber_id, change.ended)
    promotions = await change_rows.end(session, Promotion, row.subscriber_id, change.promotions)
    item_id = await change_rows.begin(session, situation, row, change.begun)
    charges = await change_rows.add_charges(session, situation, plan, row, change.charges, item_id=item_id)
    change_rows.record(session, situation, row, change.happenings, item_id=item_id)
    return {
        "contract": {**_before(contract, change.contract), **was.get("contract", {})},
        "ended": {**ended, **was.get("ended", {})},
        "promotions": promotions,
        "begun": [item_id] if item_id else [],
        "charges": [*applied.get("charges", []), *charges],
        "cancelled": await change_rows.cancel(session, situation, row.subscriber_id, change.cancelled),
    }


async def _schedule(session: AsyncSession, situation: Situation, plan: ChangePlan, row: ChangeOrder) -> None:
    contract = await _contract(session, row)
    row.applied = {
        **plan.keeps,
        "scheduled": {
            "contract": _before(contract, plan.at_once),
            "ended": await change_rows.end(session, ContractItem, row.subscriber_id, plan.ends_at_once),
        },
        "charges": await change_rows.add_charges(session, situation, plan, row, plan.promised),
    }
    await revisions.change(session, contract, expected_revision=plan.revision, changes=dict(plan.at_once))
    change_rows.record(session, situation, row, plan.announces)


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
    return {name: change_rows.plain(getattr(contract, name)) for name in changes}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


async def _issue(session: AsyncSession, situation: Situation, order: Order, plan: ChangePlan) -> list[int]:
    """Issue the credit notes of a change and send their money where the plan says; returns their ids."""
    if not plan.notes:
        return []
    account = await postings.lock(session, subscriber_id=order.subscriber_id, account_id=plan.account_id)
    made = []
    for planned_note in plan.notes:
        operation = plan.change.kind.value
        note = await credit_note_rows.issue(session, situation, order, planned_note, account, operation=operation)
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
