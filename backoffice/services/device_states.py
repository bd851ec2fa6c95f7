"""What the state of a device allows: the one place that both the acts and the greyed buttons ask."""

from backoffice.errors import BackofficeError
from backoffice.models import Device, DeviceState, RevocationReason
from backoffice.permissions import ActorKind, Viewer

LINKED = frozenset({DeviceState.PENDING, DeviceState.ACTIVE, DeviceState.BLOCKED})
"""States in which a device of the subscriber's own takes a slot."""


class DeviceRefused(BackofficeError):
    """The state of the device does not allow the act; `code` says which state that is."""

    def __init__(self, code: str, message: str, *, field: str = "deviceId") -> None:
        super().__init__(message, field=field)
        self.code = code  # type: ignore[misc]


def why_no_rename(device: Device) -> DeviceRefused | None:
    """Why the device cannot get another name, or None."""
    return None if device.state in LINKED else _not_linked()


def why_no_removal(device: Device) -> DeviceRefused | None:
    """Why the device cannot be removed, or None."""
    if device.state not in LINKED:
        return _not_linked()
    if device.is_lent:
        return DeviceRefused("DEVICE_LENT", "The operator lent this device: it takes no slot and must be given back.")
    if device.state is DeviceState.BLOCKED:
        # A removed device comes back as an active one: its removal would undo the block.
        return DeviceRefused("DEVICE_BLOCKED", "The device is blocked: revoke it, with the reason.")
    return None


def why_no_revocation(device: Device) -> DeviceRefused | None:
    """Why the device cannot be revoked, or None."""
    if device.state is not DeviceState.REVOKED:
        return None
    return DeviceRefused("DEVICE_REVOKED", "The device is revoked already; its history says by whom and why.")


def why_no_restoration(device: Device, viewer: Viewer) -> DeviceRefused | None:
    """Why the viewer cannot bring the device back, or None; whether a slot is free is another question."""
    if device.state in LINKED:
        return DeviceRefused("DEVICE_LINKED", "The device is linked: there is nothing to restore.")
    if device.revocation_reason is RevocationReason.FRAUD:
        return DeviceRefused("DEVICE_REVOKED_FOR_FRAUD", "What was revoked for fraud stays so: link another device.")
    if device.state is DeviceState.REVOKED and viewer.kind is ActorKind.SUBSCRIBER:
        return DeviceRefused("DEVICE_REVOKED", "The operator revoked this device: ask the support to bring it back.")
    if device.is_lent and device.state is DeviceState.REMOVED:
        return DeviceRefused("DEVICE_LENT", "This device was lent and given back: lend another one.")
    return None


def _not_linked() -> DeviceRefused:
    return DeviceRefused("DEVICE_NOT_LINKED", "The device is not linked any more: restore it first.")
