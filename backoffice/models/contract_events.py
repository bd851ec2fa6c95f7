"""The history of a contract with two times: when a change takes effect, and when we knew of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, one_of, within
from backoffice.permissions import ActorKind


class ContractEventKind(StrEnum):
    """What happened to the contract."""

    CONCLUDED = "CONCLUDED"
    STARTED = "STARTED"
    OFFER_CHANGED = "OFFER_CHANGED"
    OPTION_ADDED = "OPTION_ADDED"
    OPTION_ENDED = "OPTION_ENDED"
    PROMOTION_GRANTED = "PROMOTION_GRANTED"
    PROMOTION_ENDED = "PROMOTION_ENDED"
    SUSPENDED = "SUSPENDED"
    REACTIVATED = "REACTIVATED"
    TERMINATION_REQUESTED = "TERMINATION_REQUESTED"
    TERMINATED = "TERMINATED"
    IMPORTED = "IMPORTED"
    WITHDRAWN = "WITHDRAWN"
    CHANGE_SCHEDULED = "CHANGE_SCHEDULED"
    CHANGE_CANCELLED = "CHANGE_CANCELLED"
    CHANGE_REVERSED = "CHANGE_REVERSED"
    CORRECTED = "CORRECTED"


class ContractEvent(OfSubscriber, Base):
    """Never edited: what turns out wrong is followed by another event that says so."""

    __tablename__ = "contract_events"
    __table_args__ = (
        within("contract_id", "contracts"),
        within("contract_item_id", "contract_items"),
        within("device_id", "devices"),
        by("contract_id", "effective_on"),
        by("contract_item_id"),
        by("device_id"),
    )

    contract_id: Mapped[int]
    contract_item_id: Mapped[int | None]
    kind: Mapped[ContractEventKind] = one_of(ContractEventKind)
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    actor_kind: Mapped[ActorKind] = one_of(ActorKind)
    actor_id: Mapped[int]
    actor_name: Mapped[str] = mapped_column(String(120))
    channel: Mapped[str] = mapped_column(String(40))
    """Through which door: CONSOLE, FRONT_END, PARTNER, IMPORT, SYSTEM."""
    device_id: Mapped[int | None]
    """The subscriber's device from which it was done."""
    details: Mapped[dict[str, Any]]
