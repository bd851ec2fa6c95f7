"""Approvals: acts beyond the ceiling of who asked for them, waiting for a second person."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check, one_of
from backoffice.permissions import Role


class ApprovalState(StrEnum):
    """OUTDATED: the figures that were previewed are no longer what the act would do."""

    PENDING_APPROVAL = "PENDING_APPROVAL"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"
    OUTDATED = "OUTDATED"


class Approval(OfSubscriber, Base):
    """`given` is the whole input of the act, `figures` what its preview showed, `figures_hash` what is approved."""

    __tablename__ = "approvals"
    __table_args__ = (
        by("requested_at"),
        Index(None, "state", "expires_at"),
        Index(None, "requested_at", "id"),
        Index(None, "requested_by_id"),
        check("amount_not_negative", "amount_cents >= 0"),
        check("never_by_oneself", "decided_by_id IS NULL OR decided_by_id <> requested_by_id"),
    )

    operation: Mapped[str] = mapped_column(String(80))
    state: Mapped[ApprovalState] = one_of(ApprovalState, default=ApprovalState.PENDING_APPROVAL)
    amount_cents: Mapped[int]
    """What the ceilings are compared with."""
    given: Mapped[dict[str, Any]]
    figures: Mapped[dict[str, Any]]
    figures_hash: Mapped[str] = mapped_column(String(64))
    target: Mapped[str] = mapped_column(String(80))
    """The global id of what would be acted on."""
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    requested_by_role: Mapped[Role] = one_of(Role)
    requested_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str | None] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(String(80))
    """The global id of what the approved act made."""
    revision: Mapped[int] = mapped_column(default=1)
