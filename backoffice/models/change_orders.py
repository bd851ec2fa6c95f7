"""Orders to change a contract: applied at once, or scheduled for a day."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check, one_of, within


class ChangeKind(StrEnum):
    """What is changed."""

    OPTION_ADD = "OPTION_ADD"
    OPTION_END = "OPTION_END"
    OFFER_CHANGE = "OFFER_CHANGE"
    TERMINATION = "TERMINATION"
    WITHDRAWAL = "WITHDRAWAL"
    SUSPENSION = "SUSPENSION"
    REACTIVATION = "REACTIVATION"


class OrderState(StrEnum):
    """A SCHEDULED order can be cancelled until its day; REVERSED: it was applied and then undone."""

    SCHEDULED = "SCHEDULED"
    APPLIED = "APPLIED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    REVERSED = "REVERSED"


class ChangeOrder(OfSubscriber, Base):
    """`given` is the whole input of the change; `applied` what it changed, from which it can be undone."""

    __tablename__ = "change_orders"
    __table_args__ = (
        within("contract_id", "contracts"),
        by("contract_id", "effective_on"),
        Index(None, "state", "effective_on"),
        check("applied_has_its_time", "state <> 'APPLIED' OR applied_at IS NOT NULL"),
    )

    contract_id: Mapped[int]
    kind: Mapped[ChangeKind] = one_of(ChangeKind)
    state: Mapped[OrderState] = one_of(OrderState)
    effective_on: Mapped[date]
    given: Mapped[dict[str, Any]]
    applied: Mapped[dict[str, Any] | None]
    requested_by_id: Mapped[int]
    requested_by_name: Mapped[str] = mapped_column(String(120))
    requested_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    failure_code: Mapped[str | None] = mapped_column(String(40))
    revision: Mapped[int] = mapped_column(default=1)
