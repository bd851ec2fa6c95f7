"""The rows that a change of a contract writes: items and promotions that end or begin, charges that wait, what history tells."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import GlobalId, new_id
from backoffice.models import ChangeOrder, ContractEvent, ContractItem, ExtraCharge, Promotion
from backoffice.permissions import ActorKind
from backoffice.services.contract_changes import Begun, ChangePlan, Happening
from backoffice.services.planned_charges import PlannedCharge
from backoffice.services.plans import Situation

R = TypeVar("R", ContractItem, Promotion)

_DOORS = {
    ActorKind.STAFF: "CONSOLE",
    ActorKind.SUBSCRIBER: "FRONT_END",
    ActorKind.PARTNER: "PARTNER",
    ActorKind.SYSTEM: "SYSTEM",
}


async def end(
    session: AsyncSession, model: type[R], subscriber_id: int, ended: Mapping[int, Any]
) -> dict[str, str | None]:
    """Give rows their last day; returns the last days that they had."""
    kept: dict[str, str | None] = {}
    for row_id, ends_on in ended.items():
        row = await session.get_one(model, {"subscriber_id": subscriber_id, "id": row_id})
        kept[str(row_id)] = plain(row.ends_on)
        row.ends_on = ends_on
    return kept


async def begin(session: AsyncSession, situation: Situation, row: ChangeOrder, begun: Begun | None) -> int | None:
    """Begin an item, if the change begins one; returns its id."""
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


async def add_charges(
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
            cause=GlobalId("ChangeOrder", row.subscriber_id, row.id).encode(),
            billable_from=row.effective_on,
            created_at=situation.at,
            **charge.columns(),
        )
        session.add(extra)
        made.append(extra.id)
    return made


async def cancel(session: AsyncSession, situation: Situation, subscriber_id: int, charges: Sequence[int]) -> list[int]:
    """Let charges wait no longer; returns their ids."""
    for charge_id in charges:
        charge = await session.get_one(ExtraCharge, {"subscriber_id": subscriber_id, "id": charge_id})
        charge.cancelled_at = situation.at
    return list(charges)


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


def plain(value: Any) -> Any:
    """A value as an order keeps it."""
    return value.isoformat() if isinstance(value, date) else value
