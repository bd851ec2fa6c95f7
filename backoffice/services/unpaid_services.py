"""Services that are cut because a bill is not paid, and that come back on the day it is."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import GlobalId, new_id
from backoffice.models import (
    AuditOutcome,
    BilledBy,
    Contract,
    ContractEvent,
    ContractEventKind,
    ContractItem,
    ContractState,
    SuspensionCause,
)
from backoffice.permissions import SYSTEM
from backoffice.services import audit


async def cut(
    session: AsyncSession, *, subscriber_id: int, account_id: int, details: dict[str, Any], on: date, at: datetime
) -> list[Contract]:
    """Suspend the active contracts of an account because of UNPAID; devices stay as they are."""
    contracts = await _contracts(session, subscriber_id, account_id, Contract.state == ContractState.ACTIVE)
    for contract in contracts:
        contract.state, contract.suspension_cause = ContractState.SUSPENDED, SuspensionCause.UNPAID
        contract.suspended_on = on
        await _note(session, contract, ContractEventKind.SUSPENDED, "contractSuspended", details, on=on, at=at)
    return contracts


async def restore(
    session: AsyncSession, *, subscriber_id: int, account_id: int, on: date, at: datetime
) -> list[Contract]:
    """Bring back the services that were cut because of UNPAID, from the day `on`; returns their contracts.

    Days without service are not billed: a period that runs and was not billed is charged from this day on, by the next run.
    """
    contracts = await _contracts(
        session,
        subscriber_id,
        account_id,
        Contract.state == ContractState.SUSPENDED,
        Contract.suspension_cause == SuspensionCause.UNPAID,
    )
    for contract in contracts:
        details = {"suspended_on": contract.suspended_on.isoformat() if contract.suspended_on else None}
        contract.state = ContractState.ACTIVE if contract.ends_on is None else ContractState.TERMINATING
        contract.suspension_cause = contract.suspended_on = None
        await skip_days_without_service(session, contract, until=on)
        await _note(session, contract, ContractEventKind.REACTIVATED, "contractReactivated", details, on=on, at=at)
    return contracts


async def skip_days_without_service(session: AsyncSession, contract: Contract, *, until: date) -> None:
    """Let billing go on with the day `until`: what was not billed before it is not charged any more."""
    contract.billed_until = max(contract.billed_until or contract.starts_on, until)
    found = await session.execute(
        select(ContractItem).where(
            ContractItem.subscriber_id == contract.subscriber_id, ContractItem.contract_id == contract.id
        )
    )
    for item in found.scalars():
        if item.anchor_on is not None or item.billed_until is not None:
            item.billed_until = max(item.billed_until or item.starts_on, until)


async def _contracts(session: AsyncSession, subscriber_id: int, account_id: int, *conditions: Any) -> list[Contract]:
    row = Contract
    found = await session.execute(
        select(row)
        .where(row.subscriber_id == subscriber_id, row.billing_account_id == account_id)
        .where(row.billed_by == BilledBy.OPERATOR, *conditions)
        .order_by(row.id)
        .execution_options(populate_existing=True)
    )
    return list(found.scalars())


async def _note(
    session: AsyncSession,
    contract: Contract,
    kind: ContractEventKind,
    operation: str,
    details: dict[str, Any],
    *,
    on: date,
    at: datetime,
) -> None:
    """Tell the history of the contract and the trail what was done."""
    contract.revision += 1
    event = ContractEvent(
        subscriber_id=contract.subscriber_id,
        id=new_id(at),
        contract_id=contract.id,
        kind=kind,
        effective_on=on,
        recorded_at=at,
        actor_kind=SYSTEM.kind,
        actor_id=SYSTEM.id,
        actor_name=SYSTEM.display_name,
        channel="SYSTEM",
        details=details,
    )
    session.add(event)
    await audit.append(
        session,
        viewer=SYSTEM,
        subscriber_id=contract.subscriber_id,
        operation=operation,
        outcome=AuditOutcome.DONE,
        at=at,
        reason=SuspensionCause.UNPAID,
        target=GlobalId("Contract", contract.subscriber_id, contract.id).encode(),
        after={"state": contract.state, **details},
    )
