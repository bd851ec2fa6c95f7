"""Devices and sessions: lent decoders and boxes, linked screens, forgotten and revoked ones, logins from afar."""

from datetime import date, datetime, timedelta

from backoffice.demo import device_plans
from backoffice.demo.agreed import ContractPlan
from backoffice.demo.crew import SYSTEM, Actor
from backoffice.demo.device_plans import Wanted
from backoffice.demo.files import File
from backoffice.demo.rows import Row
from backoffice.models import DeviceEventKind, DeviceKind, DeviceState, DirectoryKind
from backoffice.services import keys

_MODELS = {
    DeviceKind.DECODER: "Ondine 4K",
    DeviceKind.ISP_BOX: "Ondibox 6",
    DeviceKind.SMART_TV: "Télévision connectée",
    DeviceKind.STICK: "Clé Ondistick",
    DeviceKind.TABLET: "Tablette 10 pouces",
    DeviceKind.PHONE: "Téléphone mobile",
    DeviceKind.COMPUTER: "Ordinateur portable",
}
_PREFIXES = {
    DeviceKind.DECODER: "STB",
    DeviceKind.ISP_BOX: "BOX",
    DeviceKind.SMART_TV: "TV",
    DeviceKind.STICK: "STK",
    DeviceKind.TABLET: "TAB",
    DeviceKind.PHONE: "TEL",
    DeviceKind.COMPUTER: "ORD",
}
_NAMES = {
    DeviceKind.DECODER: ("Décodeur du salon",),
    DeviceKind.ISP_BOX: ("Box Internet",),
    DeviceKind.SMART_TV: ("TV du salon", "TV de la chambre", "Grande télé"),
    DeviceKind.STICK: ("Clé de la cuisine", "Clé de voyage"),
    DeviceKind.TABLET: ("Tablette des enfants", "Tablette de Lucie", "Tablette"),
    DeviceKind.PHONE: ("Mon téléphone", "Téléphone de papa", "Téléphone pro"),
    DeviceKind.COMPUTER: ("Ordinateur du bureau", "Portable"),
}
_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
"""Addresses that are kept for documentation."""


def write(file: File) -> None:
    """Add the devices of every contract that has begun."""
    for position, agreed in enumerate(file.plan.contracts):
        if not agreed.is_billed or agreed.starts_on > file.window.last_on:
            continue
        contract = file.contracts[position]
        for kind in device_plans.lent(agreed):
            _write(file, contract, agreed, Wanted(kind))
        if position == 0:
            for wanted in device_plans.linked(file):
                _write(file, contract, agreed, wanted)


def _write(file: File, contract: Row, agreed: ContractPlan, wanted: Wanted) -> None:
    is_lent = wanted.kind in (DeviceKind.DECODER, DeviceKind.ISP_BOX)
    linked_at = _linked_at(file, agreed, is_late=wanted.is_strange)
    left_on = agreed.ends_on if agreed.ends_on and agreed.ends_on <= file.window.last_on else None
    seen_at, ended_at = _seen_and_ended(file, wanted, linked_at, left_on)
    state = DeviceState.REMOVED if left_on else wanted.state
    name = wanted.name or file.rng.choice(_NAMES[wanted.kind])
    serial = f"{_PREFIXES[wanted.kind]}-{file.plan.index:07d}{len(file.devices):02d}-{file.rng.randrange(10_000):04d}"
    device = file.add(
        "devices",
        linked_at,
        contract_id=contract["id"],
        kind=wanted.kind,
        state=state,
        name=name,
        model=_MODELS[wanted.kind],
        serial=serial,
        is_lent=is_lent,
        linked_at=linked_at,
        last_seen_at=None if state is DeviceState.PENDING else seen_at,
        guest_until=_guest_until(file, linked_at) if wanted.is_guest else None,
        revocation_reason=wanted.reason if state is DeviceState.REVOKED else None,
        ended_at=ended_at,
    )
    file.devices.append(device)
    file.enter(DirectoryKind.SERIAL, keys.reference(serial), device["id"])
    _write_events(file, device, wanted)
    if not is_lent and state is not DeviceState.PENDING:
        _write_sessions(file, device, wanted, seen_at)


def _guest_until(file: File, linked_at: datetime) -> date:
    return min(linked_at.date() + timedelta(days=15), file.window.last_on)


def _linked_at(file: File, agreed: ContractPlan, *, is_late: bool) -> datetime:
    ends_on = min(agreed.ends_on or file.window.on, file.window.on)
    days = max(1, (ends_on - agreed.starts_on).days)
    if is_late:
        return file.at(max(agreed.starts_on, ends_on - timedelta(days=min(days, 4))), 8, 11)
    return file.at(agreed.starts_on + timedelta(days=file.rng.randrange(min(days, 12))), 7, 9)


def _seen_and_ended(
    file: File, wanted: Wanted, linked_at: datetime, left_on: date | None
) -> tuple[datetime, datetime | None]:
    """When it was last seen, and when it was revoked or removed: never before it was linked."""
    last_on = min(left_on - timedelta(days=1), file.window.last_on) if left_on else file.window.last_on
    seen_at = max(linked_at + timedelta(hours=1), file.at(last_on - timedelta(days=wanted.idle_days), 18, 21))
    if left_on:
        return seen_at, max(seen_at, file.at(left_on, 5, 6))
    if wanted.state in (DeviceState.REVOKED, DeviceState.REMOVED):
        ended_at = max(linked_at + timedelta(hours=3), seen_at - timedelta(days=file.rng.randrange(1, 20)))
        return linked_at + timedelta(hours=1), ended_at
    return seen_at, None


def _write_events(file: File, device: Row, wanted: Wanted) -> None:
    linked_at = device["linked_at"]
    _event(file, device, DeviceEventKind.LINKED, linked_at, file.subscriber)
    if wanted.is_strange:
        _event(file, device, DeviceEventKind.FIRST_LOGIN, linked_at + timedelta(minutes=2), SYSTEM, "Lisbonne (PT)")
    elif not device["is_lent"] and file.rng.random() < 0.2:
        _event(file, device, DeviceEventKind.RENAMED, linked_at + timedelta(minutes=5), file.subscriber, device["name"])
    if device["state"] is DeviceState.BLOCKED:
        _event(file, device, DeviceEventKind.BLOCKED, linked_at + timedelta(minutes=50), SYSTEM)
    if device["state"] is DeviceState.REVOKED:
        agent = file.rng.choice(file.operator.crew.agents)
        _event(file, device, DeviceEventKind.REVOKED, device["ended_at"], agent, str(wanted.reason))
    if device["state"] is DeviceState.REMOVED:
        _event(file, device, DeviceEventKind.REMOVED, device["ended_at"], file.subscriber)


def _event(file: File, device: Row, kind: DeviceEventKind, at: datetime, by: Actor, details: str | None = None) -> None:
    file.add(
        "device_events",
        at,
        device_id=device["id"],
        kind=kind,
        at=at,
        actor_kind=by.kind,
        actor_name=by.name,
        details=details,
    )


def _write_sessions(file: File, device: Row, wanted: Wanted, seen_at: datetime) -> None:
    first_at = device["linked_at"] + timedelta(minutes=2)
    is_over = device["state"] is not DeviceState.ACTIVE
    ended_at = (device["ended_at"] or seen_at) if is_over else None
    _session(file, device, first_at, seen_at, ended_at, is_new=True, is_strange=wanted.is_strange)
    if not is_over and not wanted.is_strange and file.rng.random() < 0.4:
        _session(file, device, max(first_at, seen_at - timedelta(minutes=40)), seen_at, seen_at)


def _session(
    file: File,
    device: Row,
    opened_at: datetime,
    seen_at: datetime,
    ended_at: datetime | None,
    *,
    is_new: bool = False,
    is_strange: bool = False,
) -> None:
    file.add(
        "device_sessions",
        opened_at,
        device_id=device["id"],
        opened_at=opened_at,
        last_seen_at=seen_at,
        ended_at=ended_at,
        city="Lisbonne" if is_strange else file.city,
        country="PT" if is_strange else "FR",
        address=f"{file.rng.choice(_NETWORKS)}.{file.rng.randrange(1, 255)}",
        is_new_device=is_new,
    )
