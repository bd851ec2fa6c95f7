"""Devices: the orders of their lists, by the names that the declarations give them, and the acts on them."""

import dataclasses
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError
from backoffice.ids import GlobalId
from backoffice.models import Device, RevocationReason
from backoffice.resolvers import acts, files, ids
from backoffice.resolvers.context import Context
from backoffice.services import devices
from backoffice.services.device_slots import DeviceLimitReached
from backoffice.services.devices import Chosen


class DeviceSort(Enum):
    """The order of a list of devices."""

    NEWEST = "NEWEST"


class DeviceInput(Protocol):
    """The device that somebody acts on, as they read it."""

    device_id: Any
    expected_revision: int
    idempotency_key: str


class RenameInput(DeviceInput, Protocol):
    """The name that a device gets."""

    name: str


class RevokeInput(DeviceInput, Protocol):
    """Why a device is cut off."""

    reason: RevocationReason
    note: str | None


class RestoreInput(DeviceInput, Protocol):
    """What a device comes back instead of."""

    replacing_id: Any


Act = Callable[[AsyncSession, Chosen], Awaitable[Device]]


async def device_rename(context: Context, given: RenameInput) -> acts.Outcome:
    """Give a device another name."""

    async def act(session: AsyncSession, chosen: Chosen) -> Device:
        return await devices.rename(session, viewer=context.viewer, chosen=chosen, name=given.name, at=context.at)

    return await _perform(context, "deviceRename", given, act)


async def device_remove(context: Context, given: DeviceInput) -> acts.Outcome:
    """Unlink a device."""

    async def act(session: AsyncSession, chosen: Chosen) -> Device:
        return await devices.remove(session, viewer=context.viewer, chosen=chosen, at=context.at)

    return await _perform(context, "deviceRemove", given, act)


async def device_revoke(context: Context, given: RevokeInput) -> acts.Outcome:
    """Cut a device off."""

    async def act(session: AsyncSession, chosen: Chosen) -> Device:
        return await devices.revoke(
            session, viewer=context.viewer, chosen=chosen, reason=given.reason, note=given.note, at=context.at
        )

    return await _perform(context, "deviceRevoke", given, act)


async def device_restore(context: Context, given: RestoreInput) -> acts.Outcome:
    """Bring a device back."""

    async def act(session: AsyncSession, chosen: Chosen) -> Device:
        return await devices.restore(
            session,
            viewer=context.viewer,
            chosen=chosen,
            replacing_id=await _replaced(context, chosen, given.replacing_id),
            moment=context.moment,
        )

    return await _perform(context, "deviceRestore", given, act)


async def _perform(context: Context, operation: str, given: Any, act: Act) -> acts.Outcome:
    try:
        device = await ids.row(context, given.device_id, of="Device", field="deviceId")
    except BackofficeError as refusal:
        return await acts.refused(context, operation, refusal)
    chosen = Chosen(device.subscriber_id, device.id, given.expected_revision)

    async def do(session: AsyncSession) -> Device:
        return await act(session, chosen)

    outcome = await acts.perform(
        context,
        operation=operation,
        key=given.idempotency_key,
        given=dataclasses.asdict(given),
        target=GlobalId("Device", device.subscriber_id, device.id),
        type_name="Device",
        act=do,
    )
    if any(isinstance(refusal, DeviceLimitReached) for refusal in outcome.refusals):
        await files.opened(context, device.subscriber_id)  # it lists devices of the file
    return outcome


async def _replaced(context: Context, chosen: Chosen, text: Any) -> int | None:
    """The id of the device that makes room: the same subscriber's; raises NotFound."""
    if text is None:
        return None
    device = await ids.row(context, text, of="Device", field="replacingId")
    if device.subscriber_id != chosen.subscriber_id:
        raise ids.not_found("Device", "replacingId")
    return int(device.id)
