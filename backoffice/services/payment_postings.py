"""The postings of a payment: it came in, was taken back or returned, or stands again after all."""

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import BillingAccount, LedgerAccount, Payment, PostingKind
from backoffice.services import postings
from backoffice.services.plans import PlannedPosting


def planned(kind: PostingKind, cents: int) -> PlannedPosting:
    """The posting of a payment of `cents`, or of what undid it or brought it back: `kind` says which."""
    brought = postings.between(LedgerAccount.BANK, LedgerAccount.RECEIVABLE, cents)
    comes_in = kind in (PostingKind.PAYMENT, PostingKind.PAYMENT_RETURN_REVERSAL)
    return PlannedPosting(kind, brought if comes_in else postings.reverse(brought))


async def post(
    session: AsyncSession, account: BillingAccount, payment: Payment, kind: PostingKind, at: datetime, today: date
) -> None:
    """Book on the locked account what happened to a payment."""
    await postings.post(
        session,
        account=account,
        kind=kind,
        document_id=payment.id,
        document_number=payment.reference,
        entries=planned(kind, payment.amount_cents).entries,
        at=at,
        today=today,
    )
