"""The trail: its chains of hashes, and the figures that a second person was asked to approve."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import Approval, AuditEntry
from backoffice.services import audit, plans
from backoffice.services.verification_reading import Check, Fault, Faults, rows


async def _audit_chains(session: AsyncSession) -> Faults:
    """Each chain of the audit trail is whole: numbered without gap, each link hashed over the one before it."""
    link: tuple[int, int, str] = (-1, 0, "")
    entries = select(AuditEntry).order_by(AuditEntry.subscriber_id, AuditEntry.sequence)
    async for (entry,) in rows(session, entries):
        subscriber_id, sequence, hashed = link
        if entry.subscriber_id != subscriber_id:
            sequence, hashed = 0, audit.FIRST
        subject = f"entry {entry.sequence} of chain {entry.subscriber_id}"
        if entry.sequence != sequence + 1:
            yield Fault("audit", subject, f"entry {sequence + 1} is missing before it")
        elif entry.previous_hash != hashed or entry.hash != audit.digest(entry):
            yield Fault("audit", subject, "it was changed after it was written")
        link = (entry.subscriber_id, entry.sequence, entry.hash)


async def _approvals(session: AsyncSession) -> Faults:
    """What was approved is what was shown."""
    async for row_id, figures, kept in rows(session, select(Approval.id, Approval.figures, Approval.figures_hash)):
        if plans.digest_of(figures) != kept:
            yield Fault("approval", f"approval {row_id}", "its figures are not those that were shown")


CHECKS: tuple[Check, ...] = (_audit_chains, _approvals)
