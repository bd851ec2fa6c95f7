"""Contracts: what a subscriber has agreed to, with which commitment, through which partner."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check, one_of, within


class ContractState(StrEnum):
    """CANCELLED ended before it began; TERMINATING has a date on which it ends."""

    DRAFT = "DRAFT"
    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"
    CANCELLED = "CANCELLED"


class SuspensionCause(StrEnum):
    """Why a service is cut."""

    UNPAID = "UNPAID"
    FRAUD = "FRAUD"
    REQUEST = "REQUEST"


class TerminationReason(StrEnum):
    """Why a contract ends; some reasons free from any fee."""

    CUSTOMER_REQUEST = "CUSTOMER_REQUEST"
    WITHDRAWAL = "WITHDRAWAL"
    PRICE_OR_TERMS_CHANGE = "PRICE_OR_TERMS_CHANGE"
    PERFORMANCE_GAP = "PERFORMANCE_GAP"
    OVER_INDEBTEDNESS = "OVER_INDEBTEDNESS"
    BUNDLE_NOT_CONFORMING = "BUNDLE_NOT_CONFORMING"
    PORT_OUT = "PORT_OUT"
    DEATH = "DEATH"
    UNPAID = "UNPAID"


class BilledBy(StrEnum):
    """Who sends the bill: what a partner bills cannot be refunded by us."""

    OPERATOR = "OPERATOR"
    PARTNER = "PARTNER"


class Contract(OfSubscriber, Base):
    """`anchor_on` is the day from which billing periods are counted; it is remembered through short months."""

    __tablename__ = "contracts"
    __table_args__ = (
        within("billing_account_id", "billing_accounts"),
        by("billing_account_id"),
        by("number"),
        Index(None, "partner_id"),
        check("commitment_at_most_24_months", "commitment_months BETWEEN 0 AND 24"),
        check("period_is_ordered", "ends_on IS NULL OR ends_on >= starts_on"),
    )

    number: Mapped[str] = mapped_column(String(40))
    billing_account_id: Mapped[int]
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    """The offer in force; what was in force before is told by items and events."""
    state: Mapped[ContractState] = one_of(ContractState)
    concluded_on: Mapped[date]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    anchor_on: Mapped[date]
    period_months: Mapped[int] = mapped_column(default=1)
    billed_until: Mapped[date | None]
    """The end of the last period that was billed; the next run starts there."""
    commitment_months: Mapped[int] = mapped_column(default=0)
    commitment_ends_on: Mapped[date | None]
    has_subsidised_terminal: Mapped[bool] = mapped_column(default=False)
    is_express_start_requested: Mapped[bool] = mapped_column(default=False)
    """Start within the 14 days asked for expressly (Code de la consommation, L221-25)."""
    suspension_cause: Mapped[SuspensionCause | None] = one_of(SuspensionCause)
    suspended_on: Mapped[date | None]
    termination_reason: Mapped[TerminationReason | None] = one_of(TerminationReason)
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partners.id"))
    partner_reference: Mapped[str | None] = mapped_column(String(80))
    billed_by: Mapped[BilledBy] = one_of(BilledBy, default=BilledBy.OPERATOR)
    revision: Mapped[int] = mapped_column(default=1)
