"""Devices: naming them, cutting them off, bringing them back.

A device that comes back is the same row, with its name and its history. Who frees or takes a slot holds the lock on the
subscriber until the end of the transaction, so that two who want the last slot come one after the other.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import policy
from backoffice.errors import NotFound
from backoffice.fields.declare import Moment
from backoffice.ids import GlobalId, new_id
from backoffice.models import (
    AuditOutcome,
    Device,
    DeviceEvent,
    DeviceEventKind,
    DeviceSession,
    DeviceState,
    RevocationReason,
    Subscriber,
    SubscriberState,
)
from backoffice.permissions import Viewer
from backoffice.services import audit, device_slots, device_states, revisions, texts
from backoffice.services.device_states import DeviceRefused
from backoffice.services.tickets import SubscriberErased

_LONGEST_NAME = 80
_LONGEST_NOTE = 1_000
_LONGEST_DETAILS = 200


@dataclass(frozen=True, slots=True)
class Chosen:
    """The device that somebody acts on, as they read it."""

    subscriber_id: int
    device_id: int
    expected_revision: int


async def rename(session: AsyncSession, *, viewer: Viewer, chosen: Chosen, name: str, at: datetime) -> Device:
    """Give a linked device another name. Raises NotFound, Stale, SubscriberErased, DeviceRefused, BadInput."""
    device = await _locked(session, chosen)
    _require(device_states.why_no_rename(device))
    name, former = texts.cleaned(name, field="name", longest=_LONGEST_NAME), device.name
    await _change(session, viewer, "deviceRename", chosen, device, {"name": name}, at=at)
    _tell(session, viewer, device, DeviceEventKind.RENAMED, at, f"{former} → {name}")
    return device


async def remove(session: AsyncSession, *, viewer: Viewer, chosen: Chosen, at: datetime) -> Device:
    """Unlink a device: its sessions end, its slot is free, and it can be restored.

    Raises NotFound, Stale, SubscriberErased and DeviceRefused.
    """
    device = await _locked(session, chosen)
    _require(device_states.why_no_removal(device))
    await _end(session, viewer, "deviceRemove", chosen, device, {"state": DeviceState.REMOVED}, at=at)
    _tell(session, viewer, device, DeviceEventKind.REMOVED, at)
    return device


async def revoke(
    session: AsyncSession,
    *,
    viewer: Viewer,
    chosen: Chosen,
    reason: RevocationReason,
    note: str | None,
    at: datetime,
) -> Device:
    """Cut a device off for a reason: its sessions end at once, and its slot is free. What its owner removed can be revoked.

    Raises NotFound, Stale, SubscriberErased, DeviceRefused, and BadInput for a note that cannot be kept.
    """
    device = await _locked(session, chosen)
    _require(device_states.why_no_revocation(device))
    kept = texts.cleaned(note, field="note", longest=_LONGEST_NOTE) if note else None
    changes = {"state": DeviceState.REVOKED, "revocation_reason": reason}
    await _end(session, viewer, "deviceRevoke", chosen, device, changes, at=at, reason=reason.value, note=kept)
    _tell(session, viewer, device, DeviceEventKind.REVOKED, at, reason.value)
    return device


async def restore(
    session: AsyncSession, *, viewer: Viewer, chosen: Chosen, replacing_id: int | None, moment: Moment
) -> Device:
    """Link a device again, as it was; `replacing_id` is a linked one of the same subscriber that is removed for it.

    Raises NotFound, Stale, SubscriberErased, DeviceRefused, and DeviceLimitReached with the devices that are not used.
    """
    device = await _locked(session, chosen)
    _require(device_states.why_no_restoration(device, viewer))
    details = None
    if replacing_id is not None:
        details = (await _replace(session, viewer, chosen.subscriber_id, replacing_id, moment.at)).name
    if not device.is_lent:
        in_force = policy.in_force(moment.today)
        await device_slots.require_free(session, subscriber_id=chosen.subscriber_id, moment=moment, policy=in_force)
    changes = {"state": DeviceState.ACTIVE, "revocation_reason": None, "ended_at": None}
    await _change(session, viewer, "deviceRestore", chosen, device, changes, at=moment.at)
    _tell(session, viewer, device, DeviceEventKind.RESTORED, moment.at, details)
    return device


async def _replace(session: AsyncSession, viewer: Viewer, subscriber_id: int, device_id: int, at: datetime) -> Device:
    device = await _found(session, subscriber_id, device_id, field="replacingId")
    refused = device_states.why_no_removal(device)
    if refused is not None:
        refused.field = "replacingId"
        raise refused
    read = Chosen(subscriber_id, device_id, device.revision)
    await _end(session, viewer, "deviceRemove", read, device, {"state": DeviceState.REMOVED}, at=at)
    _tell(session, viewer, device, DeviceEventKind.REMOVED, at)
    return device


async def _locked(session: AsyncSession, chosen: Chosen) -> Device:
    """The device, with the slots of its subscriber locked."""
    found = await session.execute(
        # Rows that refer to the subscriber may still be added meanwhile.
        select(Subscriber).where(Subscriber.id == chosen.subscriber_id).with_for_update(key_share=True)
    )
    subscriber = found.scalar_one_or_none()
    if subscriber is not None and subscriber.state is SubscriberState.ERASED:
        raise SubscriberErased("deviceId")
    return await _found(session, chosen.subscriber_id, chosen.device_id, field="deviceId")


async def _found(session: AsyncSession, subscriber_id: int, device_id: int, *, field: str) -> Device:
    device = await session.get(Device, {"subscriber_id": subscriber_id, "id": device_id})
    if device is None:
        raise NotFound("There is no such device; check the id.", field=field)
    return device


def _require(refused: DeviceRefused | None) -> None:
    if refused is not None:
        raise refused


async def _end(
    session: AsyncSession,
    viewer: Viewer,
    operation: str,
    chosen: Chosen,
    device: Device,
    changes: dict[str, Any],
    *,
    at: datetime,
    reason: str | None = None,
    note: str | None = None,
) -> None:
    """Cut the device off, and end the sessions that are open on it."""
    await _change(
        session, viewer, operation, chosen, device, {**changes, "ended_at": at}, at=at, reason=reason, note=note
    )
    session_of = DeviceSession
    await session.execute(
        update(session_of)
        .where(session_of.subscriber_id == device.subscriber_id, session_of.device_id == device.id)
        .where(session_of.ended_at.is_(None))
        .values(ended_at=at)
        .execution_options(synchronize_session=False)
    )


async def _change(
    session: AsyncSession,
    viewer: Viewer,
    operation: str,
    chosen: Chosen,
    device: Device,
    changes: dict[str, Any],
    *,
    at: datetime,
    reason: str | None = None,
    note: str | None = None,
) -> None:
    """Change the device under its revision, and leave it in the trail. Its name is the subscriber's own and stays out."""
    before = {"state": device.state, "revision": device.revision}
    await revisions.change(session, device, expected_revision=chosen.expected_revision, changes=changes)
    await audit.append(
        session,
        viewer=viewer,
        subscriber_id=device.subscriber_id,
        operation=operation,
        outcome=AuditOutcome.DONE,
        at=at,
        reason=reason,
        note=note,
        target=GlobalId("Device", device.subscriber_id, device.id).encode(),
        before=before,
        after={"state": device.state, "revision": device.revision},
    )


def _tell(
    session: AsyncSession,
    viewer: Viewer,
    device: Device,
    kind: DeviceEventKind,
    at: datetime,
    details: str | None = None,
) -> None:
    session.add(
        DeviceEvent(
            subscriber_id=device.subscriber_id,
            id=new_id(at),
            device_id=device.id,
            kind=kind,
            at=at,
            actor_kind=viewer.kind,
            actor_name=viewer.display_name,
            details=details[:_LONGEST_DETAILS] if details else None,
        )
    )
