"""What happened to a device."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, one_of, within
from backoffice.permissions import ActorKind


class DeviceEventKind(StrEnum):
    """The acts and observations that a device's history keeps."""

    LINKED = "LINKED"
    RENAMED = "RENAMED"
    FIRST_LOGIN = "FIRST_LOGIN"
    BLOCKED = "BLOCKED"
    REVOKED = "REVOKED"
    REMOVED = "REMOVED"
    RESTORED = "RESTORED"


class DeviceEvent(OfSubscriber, Base):
    """Never edited."""

    __tablename__ = "device_events"
    __table_args__ = (within("device_id", "devices"), by("device_id", "at"))

    device_id: Mapped[int]
    kind: Mapped[DeviceEventKind] = one_of(DeviceEventKind)
    at: Mapped[datetime]
    actor_kind: Mapped[ActorKind] = one_of(ActorKind)
    actor_name: Mapped[str] = mapped_column(String(120))
    details: Mapped[str | None] = mapped_column(String(200))
