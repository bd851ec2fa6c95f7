"""Devices: decoders lent to a subscriber, and the screens and telephones that they link."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, one_of, within


class DeviceKind(StrEnum):
    """What sort of device it is."""

    DECODER = "DECODER"
    ISP_BOX = "ISP_BOX"
    SMART_TV = "SMART_TV"
    STICK = "STICK"
    TABLET = "TABLET"
    PHONE = "PHONE"
    COMPUTER = "COMPUTER"


class DeviceState(StrEnum):
    """A REMOVED device can be restored by its owner, a REVOKED one by the staff only."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    BLOCKED = "BLOCKED"
    REVOKED = "REVOKED"
    REMOVED = "REMOVED"


class RevocationReason(StrEnum):
    """Why a device was cut off. What was revoked for FRAUD stays so."""

    LOST = "LOST"
    STOLEN = "STOLEN"
    FORGOTTEN = "FORGOTTEN"
    GUEST = "GUEST"
    FRAUD = "FRAUD"
    REQUEST = "REQUEST"


class Device(OfSubscriber, Base):
    """A device with its name, its serial number and the last time it was seen."""

    __tablename__ = "devices"
    __table_args__ = (
        within("contract_id", "contracts"),
        by("contract_id"),
        by("state"),
        Index(None, "serial"),
    )

    contract_id: Mapped[int | None]
    kind: Mapped[DeviceKind] = one_of(DeviceKind)
    state: Mapped[DeviceState] = one_of(DeviceState)
    name: Mapped[str] = mapped_column(String(80))
    model: Mapped[str] = mapped_column(String(80))
    serial: Mapped[str] = mapped_column(String(40))
    is_lent: Mapped[bool] = mapped_column(default=False)
    linked_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    guest_until: Mapped[date | None]
    revocation_reason: Mapped[RevocationReason | None] = one_of(RevocationReason)
    ended_at: Mapped[datetime | None]
    """When it was revoked or removed."""
    revision: Mapped[int] = mapped_column(default=1)
