"""The history of contracts with its two times: when a change takes effect, and when we knew of it."""

from datetime import date, timedelta
from typing import Any

from backoffice.demo.agreed import ContractPlan
from backoffice.demo.contracts import AFTER, BEFORE, option_key
from backoffice.demo.crew import SYSTEM, Actor
from backoffice.demo.files import File
from backoffice.models import ContractEventKind, ContractState
from backoffice.permissions import ActorKind

_NIGHT, _NOON, _EVENING = 4, 12, 20


def write(file: File) -> None:
    """Add the events of every contract."""
    for position, agreed in enumerate(file.plan.contracts):
        _begin(file, position, agreed)
        if agreed.state in (ContractState.DRAFT, ContractState.PENDING, ContractState.CANCELLED):
            continue
        _live(file, position, agreed)
        _suspend(file, position, agreed)
        _end(file, position, agreed)


def _begin(file: File, position: int, agreed: ContractPlan) -> None:
    if agreed.state is ContractState.DRAFT:
        return
    seller = _partner(agreed) if agreed.partner else _someone(file)
    details = {"offer": agreed.code, "starts_on": agreed.starts_on.isoformat()}
    _event(file, position, ContractEventKind.CONCLUDED, agreed.concluded_on, by=seller, details=details)
    if agreed.starts_on <= file.window.last_on:
        _event(file, position, ContractEventKind.STARTED, agreed.starts_on, by=SYSTEM, hour=_EVENING)
    if agreed.discount:
        granted = {"discount_cents": agreed.discount.cents, "ends_on": agreed.discount.ends_on.isoformat()}
        kind = ContractEventKind.PROMOTION_GRANTED
        _event(file, position, kind, agreed.concluded_on, by=seller, item=BEFORE, details=granted)


def _live(file: File, position: int, agreed: ContractPlan) -> None:
    for place, option in enumerate(agreed.options):
        key = option_key(place)
        details = {"offer": option.code}
        added = ContractEventKind.OPTION_ADDED
        _event(file, position, added, option.starts_on, by=_someone(file), item=key, details=details)
        if option.ends_on and option.ends_on <= file.window.last_on:
            _event(file, position, ContractEventKind.OPTION_ENDED, option.ends_on, by=_someone(file), item=key)
    if agreed.discount and agreed.discount.ends_on <= file.window.last_on:
        _event(file, position, ContractEventKind.PROMOTION_ENDED, agreed.discount.ends_on, by=SYSTEM, item=BEFORE)
    if agreed.change:
        _event(
            file,
            position,
            ContractEventKind.OFFER_CHANGED,
            agreed.change.on,
            by=_someone(file),
            item=AFTER,
            recorded_on=agreed.change.recorded_on,
            details={"from": agreed.code, "to": agreed.change.code},
        )


def _suspend(file: File, position: int, agreed: ContractPlan) -> None:
    suspension = file.plan.suspension
    if suspension is None or not agreed.is_billed or agreed.starts_on > suspension.starts_on:
        return
    _event(file, position, ContractEventKind.SUSPENDED, suspension.starts_on, by=SYSTEM, details={"cause": "UNPAID"})
    if suspension.ends_on:
        # Paid in the evening, noted by the agents the next morning.
        noted_on = min(suspension.ends_on + timedelta(days=1), file.window.last_on)
        agent = file.rng.choice(file.operator.crew.agents)
        _event(file, position, ContractEventKind.REACTIVATED, suspension.ends_on, by=agent, recorded_on=noted_on)


def _end(file: File, position: int, agreed: ContractPlan) -> None:
    if agreed.asked_on is None or agreed.ends_on is None:
        return
    details = {"ends_on": agreed.ends_on.isoformat(), "is_withdrawal": agreed.cut_on is not None}
    _event(file, position, ContractEventKind.TERMINATION_REQUESTED, agreed.asked_on, by=_someone(file), details=details)
    if agreed.state is ContractState.TERMINATED:
        _event(file, position, ContractEventKind.TERMINATED, agreed.ends_on, by=SYSTEM)


def _event(
    file: File,
    position: int,
    kind: ContractEventKind,
    effective_on: date,
    *,
    by: Actor,
    item: str | None = None,
    recorded_on: date | None = None,
    hour: int | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    day = min(recorded_on or effective_on, file.window.last_on)
    first_hour = hour or (_NIGHT if by is SYSTEM else _NOON)
    recorded_at = file.at(day, first_hour, first_hour + (1 if by is SYSTEM else 8))
    file.add(
        "contract_events",
        recorded_at,
        contract_id=file.contracts[position]["id"],
        contract_item_id=file.items[position, item]["id"] if item else None,
        kind=kind,
        effective_on=effective_on,
        recorded_at=recorded_at,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_name=by.name,
        channel=_CHANNELS[by.kind],
        device_id=_device_of(file, by, recorded_on or effective_on),
        details=details or {},
    )


_CHANNELS = {
    ActorKind.STAFF: "CONSOLE",
    ActorKind.SUBSCRIBER: "FRONT_END",
    ActorKind.PARTNER: "PARTNER",
    ActorKind.SYSTEM: "SYSTEM",
}


def _device_of(file: File, by: Actor, day: date) -> int | None:
    """The subscriber's device from which it was done: one that was linked by then."""
    if by.kind is not ActorKind.SUBSCRIBER:
        return None
    morning = file.window.at(day, 9)
    linked = [device["id"] for device in file.devices if device["linked_at"] <= morning and not device["is_lent"]]
    return int(file.rng.choice(linked)) if linked else None


def _someone(file: File) -> Actor:
    return file.subscriber if file.rng.random() < 0.6 else file.rng.choice(file.operator.crew.agents)


def _partner(agreed: ContractPlan) -> Actor:
    return Actor(ActorKind.PARTNER, 0, agreed.partner or "")
