"""Files that came with a ticket."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check, within


class Attachment(OfSubscriber, Base):
    """The bytes lie outside the web root under a random name; the digest proves that they are the same."""

    __tablename__ = "attachments"
    __table_args__ = (
        within("ticket_id", "tickets"),
        within("ticket_event_id", "ticket_events"),
        by("ticket_id"),
        by("ticket_event_id"),
        check("size_positive", "size_bytes > 0"),
    )

    ticket_id: Mapped[int]
    ticket_event_id: Mapped[int]
    file_name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(80))
    captured_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
