"""Proves the books: recomputes everything that is derived, and names the first that differs.

What a database can add up, it adds up; derivations are recomputed one by one by the checker, which does not know the
engine that made them.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.services import (
    verification_credits,
    verification_documents,
    verification_invoices,
    verification_ledger,
    verification_trail,
)
from backoffice.services.verification_reading import Check, Faults
from backoffice.services.verification_reading import Fault as Fault


async def faults(session: AsyncSession) -> Faults:
    """Every fault in the books, check by check; none when all is proven."""
    for check in CHECKS:
        async for fault in check(session):
            yield fault


CHECKS: tuple[Check, ...] = (
    *verification_ledger.CHECKS,
    *verification_invoices.CHECKS,
    *verification_credits.CHECKS,
    *verification_documents.CHECKS,
    *verification_trail.CHECKS,
)
"""In the order in which a fault should be named: money first."""
