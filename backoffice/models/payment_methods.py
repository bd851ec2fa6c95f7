"""Means of payment: card tokens and direct debit mandates; never a card number, never a readable IBAN."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, one_of, within


class PaymentMethodKind(StrEnum):
    """How money comes in."""

    CARD = "CARD"
    DIRECT_DEBIT = "DIRECT_DEBIT"
    TRANSFER = "TRANSFER"
    CHECK = "CHECK"


class PaymentMethodState(StrEnum):
    """A replaced one stays in the history."""

    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    REPLACED = "REPLACED"
    REVOKED = "REVOKED"


class PaymentMethod(OfSubscriber, Base):
    """A card is a token, a brand, four digits and a month; an IBAN is sealed and found by its blind index."""

    __tablename__ = "payment_methods"
    __table_args__ = (
        within("billing_account_id", "billing_accounts"),
        by("billing_account_id"),
        Index(None, "iban_index"),
        Index(None, "iban_last_four"),
    )

    billing_account_id: Mapped[int]
    kind: Mapped[PaymentMethodKind] = one_of(PaymentMethodKind)
    state: Mapped[PaymentMethodState] = one_of(PaymentMethodState)
    is_default: Mapped[bool] = mapped_column(default=False)
    card_token: Mapped[str | None] = mapped_column(String(80))
    card_brand: Mapped[str | None] = mapped_column(String(20))
    card_last_four: Mapped[str | None] = mapped_column(String(4))
    expires_on: Mapped[date | None]
    """The first day on which a card is no longer valid."""
    iban_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    iban_index: Mapped[str | None] = mapped_column(String(64))
    iban_last_four: Mapped[str | None] = mapped_column(String(4))
    bic: Mapped[str | None] = mapped_column(String(11))
    mandate_reference: Mapped[str | None] = mapped_column(String(35))
    mandate_signed_on: Mapped[date | None]
    added_on: Mapped[date]
