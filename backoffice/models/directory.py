"""The directory: which subscriber a number, an address or a key belongs to. The one table that spans all subscribers."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, one_of


class DirectoryKind(StrEnum):
    """What a key is. All but E-MAIL and PHONE belong to one subscriber: a household shares those two."""

    NUMBER = "NUMBER"
    LOGIN = "LOGIN"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    CONTRACT = "CONTRACT"
    ACCOUNT = "ACCOUNT"
    INVOICE = "INVOICE"
    CREDIT_NOTE = "CREDIT_NOTE"
    TICKET = "TICKET"
    SERIAL = "SERIAL"
    IDEMPOTENCY = "IDEMPOTENCY"
    IMPORT = "IMPORT"


_OWNED_BY_ONE = text("kind NOT IN ('EMAIL', 'PHONE')")


class DirectoryEntry(Base):
    """Written in the same transaction as the row `target_id` of the subscriber that it points to."""

    __tablename__ = "directory"
    __table_args__ = (
        Index(
            "uq_directory_owned_by_one",
            "kind",
            "key",
            unique=True,
            sqlite_where=_OWNED_BY_ONE,
            postgresql_where=_OWNED_BY_ONE,
        ),
        Index(None, "subscriber_id", "kind"),
    )

    kind: Mapped[DirectoryKind] = one_of(DirectoryKind, primary_key=True)
    key: Mapped[str] = mapped_column(String(254), primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id"), primary_key=True, autoincrement=False)
    target_id: Mapped[int]
