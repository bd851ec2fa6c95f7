"""Sessions of subscribers: who is signed in, from which device and which town."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, within


class DeviceSession(OfSubscriber, Base):
    """Open while `ended_at` is None; revoking a device ends its sessions."""

    __tablename__ = "device_sessions"
    __table_args__ = (within("device_id", "devices"), by("device_id"), by("opened_at"))

    device_id: Mapped[int | None]
    opened_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    city: Mapped[str | None] = mapped_column(String(80))
    country: Mapped[str | None] = mapped_column(String(2))
    address: Mapped[str | None] = mapped_column(String(45))
    """The network address it was opened from."""
    is_new_device: Mapped[bool] = mapped_column(default=False)
    """The device had never signed in before: the subscriber is alerted."""
