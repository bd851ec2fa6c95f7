"""Devices in the graph: naming them, cutting them off, bringing them back."""

import strawberry

from backoffice import models
from backoffice.permissions import Capability
from backoffice.resolvers import acts
from backoffice.resolvers import devices as resolve
from backoffice.resolvers.context import Info
from backoffice.schema.access import plain, see, value
from backoffice.schema.devices import Device
from backoffice.schema.problems import UserError, problems

_WRITE = Capability.DEVICE_WRITE
_REVISION = "The revision of the device that you read."


@strawberry.input(description="The name that a device gets.")
class DeviceRenameInput:
    device_id: strawberry.ID
    name: str = strawberry.field(description="1 to 80 characters.")
    expected_revision: int = strawberry.field(description=_REVISION)
    idempotency_key: str = strawberry.field(description=acts.KEY)


@strawberry.input(description="The device that is unlinked.")
class DeviceRemoveInput:
    device_id: strawberry.ID
    expected_revision: int = strawberry.field(description=_REVISION)
    idempotency_key: str = strawberry.field(description=acts.KEY)


@strawberry.input(description="The device that is cut off, and why.")
class DeviceRevokeInput:
    device_id: strawberry.ID
    reason: models.RevocationReason
    note: str | None = strawberry.field(default=None, description="Why, in words; kept in the trail.")
    expected_revision: int = strawberry.field(description=_REVISION)
    idempotency_key: str = strawberry.field(description=acts.KEY)


@strawberry.input(description="The device that comes back.")
class DeviceRestoreInput:
    device_id: strawberry.ID
    replacing_id: strawberry.ID | None = strawberry.field(
        default=None, description="A linked device of the same subscriber that is removed to make room."
    )
    expected_revision: int = strawberry.field(description=_REVISION)
    idempotency_key: str = strawberry.field(description=acts.KEY)


@value
class DevicePayload:
    """The device after the act, or why it was refused."""

    device: Device | None = plain("The device; none when refused.")
    replayed: bool = plain("Whether this key had been used before, for the same act.")
    user_errors: list[UserError] = plain("Why it was refused; empty when it was done.")


async def _rename(info: Info, input: DeviceRenameInput) -> DevicePayload:  # noqa: A002 - the name in the graph
    return _payload(await resolve.device_rename(info.context, input))


async def _remove(info: Info, input: DeviceRemoveInput) -> DevicePayload:  # noqa: A002 - the name in the graph
    return _payload(await resolve.device_remove(info.context, input))


async def _revoke(info: Info, input: DeviceRevokeInput) -> DevicePayload:  # noqa: A002 - the name in the graph
    return _payload(await resolve.device_revoke(info.context, input))


async def _restore(info: Info, input: DeviceRestoreInput) -> DevicePayload:  # noqa: A002 - the name in the graph
    return _payload(await resolve.device_restore(info.context, input))


def _payload(outcome: acts.Outcome) -> DevicePayload:
    return DevicePayload(device=outcome.row, replayed=outcome.replayed, user_errors=problems(outcome.refusals))


@strawberry.type
class DeviceActs:
    """What can be done with devices."""

    device_rename: DevicePayload = see(_WRITE, "Give a linked device another name.", by=_rename)
    device_remove: DevicePayload = see(
        _WRITE, "Unlink a device of the subscriber's own: its sessions end, and it can be restored.", by=_remove
    )
    device_revoke: DevicePayload = see(
        _WRITE, "Cut a device off: its sessions end at once. What is revoked for fraud stays so.", by=_revoke
    )
    device_restore: DevicePayload = see(
        _WRITE,
        "Link a device again, with its name and history, if a slot is free or another one makes room.",
        by=_restore,
    )
