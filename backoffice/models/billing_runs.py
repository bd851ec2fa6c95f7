"""Billing runs: which day was billed, and how far it got."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, Shared, one_of


class BillingRunState(StrEnum):
    """A run that was stopped in the middle stays RUNNING until the same command resumes it."""

    RUNNING = "RUNNING"
    FINISHED = "FINISHED"


class BillingRun(Shared, Base):
    """One for a day. Contracts remember how far they are billed, so that a resumed run bills nothing twice."""

    __tablename__ = "billing_runs"

    on_day: Mapped[date] = mapped_column(unique=True)
    state: Mapped[BillingRunState] = one_of(BillingRunState, default=BillingRunState.RUNNING)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    reached_subscriber_id: Mapped[int] = mapped_column(default=0)
    """Every subscriber up to this id has been billed."""
    invoices: Mapped[int] = mapped_column(default=0)
    ttc_cents: Mapped[int] = mapped_column(default=0)
