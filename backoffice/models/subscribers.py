"""A subscriber: the person or firm that holds contracts, and the root of everything that is theirs."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column, synonym

from backoffice.models.base import Base, one_of


class SubscriberKind(StrEnum):
    """UNIDENTIFIED is a contact known by a complaint alone, until it is attached to a subscriber."""

    CONSUMER = "CONSUMER"
    BUSINESS = "BUSINESS"
    UNIDENTIFIED = "UNIDENTIFIED"


class SubscriberState(StrEnum):
    """Where the relation stands; ERASED keeps what the law asks to keep, and no name."""

    PROSPECT = "PROSPECT"
    ACTIVE = "ACTIVE"
    FORMER = "FORMER"
    DECEASED = "DECEASED"
    ERASED = "ERASED"


class Language(StrEnum):
    """The language of documents and messages."""

    FR = "FR"
    EN = "EN"


class Subscriber(Base):
    """The primary key is what `subscriber_id` means in every other table."""

    __tablename__ = "subscribers"
    __table_args__ = (
        Index(None, "contact_email_key"),
        Index(None, "billing_email_key"),
        Index(None, "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subscriber_id: Mapped[int] = synonym("id")
    number: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[SubscriberKind] = one_of(SubscriberKind)
    state: Mapped[SubscriberState] = one_of(SubscriberState)
    language: Mapped[Language] = one_of(Language)
    login: Mapped[str | None] = mapped_column(String(80))
    contact_email: Mapped[str | None] = mapped_column(String(254))
    contact_email_key: Mapped[str | None] = mapped_column(String(254))
    """The address in the form in which it is compared: case folded. Set together with the address."""
    billing_email: Mapped[str | None] = mapped_column(String(254))
    billing_email_key: Mapped[str | None] = mapped_column(String(254))
    is_fragile: Mapped[bool] = mapped_column(default=False)
    """Financially fragile: no fee for a rejected payment (Code de la consommation, L224-37)."""
    source: Mapped[str | None] = mapped_column(String(40))
    """The import that made this row; None for what was made here."""
    source_note: Mapped[str | None] = mapped_column(String(400))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
