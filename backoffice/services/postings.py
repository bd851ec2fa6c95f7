"""Postings of the double-entry ledger: each balances to zero, and the account's balance follows its receivable."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import new_id
from backoffice.models import BillingAccount, LedgerAccount, LedgerEntry, LedgerPosting, LineKind, PostingKind

Entries = Mapping[LedgerAccount, int]
"""Cents by account: debit positive, credit negative, together zero."""


class Unbalanced(AssertionError):
    """Entries that do not sum to zero: a defect of ours, never of what was given."""


async def lock(session: AsyncSession, *, subscriber_id: int, account_id: int) -> BillingAccount:
    """The account, which nobody else moves money on until this transaction ends; what is read after it stays true."""
    found = await session.execute(
        select(BillingAccount)
        .where(BillingAccount.subscriber_id == subscriber_id, BillingAccount.id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.scalar_one()


async def lock_file(session: AsyncSession, *, subscriber_id: int) -> None:
    """Lock every account of a subscriber, in one order, before anything is read that an act decides on."""
    await lock_files(session, subscriber_ids=[subscriber_id])


async def lock_files(session: AsyncSession, *, subscriber_ids: Collection[int]) -> None:
    """Lock every account of these subscribers in one order, before the first document of them takes its number.

    A number is held until the transaction ends: whoever locked a file after it would wait for an agent who waits for it.
    """
    account = BillingAccount
    await session.execute(
        select(account.id)
        .where(account.subscriber_id.in_(subscriber_ids))
        .order_by(account.subscriber_id, account.id)
        .with_for_update()
    )


async def post(
    session: AsyncSession,
    *,
    account: BillingAccount,
    kind: PostingKind,
    document_id: int,
    document_number: str | None,
    entries: Entries,
    at: datetime,
    today: date,
) -> LedgerPosting:
    """Book one event and move the balance of the account, which must be locked; zero entries are left out."""
    _require_balance(entries)
    posting = LedgerPosting(
        subscriber_id=account.subscriber_id,
        id=new_id(at),
        billing_account_id=account.id,
        kind=kind,
        document_id=document_id,
        document_number=document_number,
        booked_on=today,
        recorded_at=at,
    )
    session.add(posting)
    await session.flush()  # the entries refer to it
    session.add_all(
        LedgerEntry(
            subscriber_id=account.subscriber_id,
            id=new_id(at),
            posting_id=posting.id,
            account=where,
            amount_cents=cents,
        )
        for where, cents in entries.items()
        if cents
    )
    await _move(session, account, entries.get(LedgerAccount.RECEIVABLE, 0))
    return posting


def of_document(lines: Iterable[tuple[LineKind, int, int]], *, sign: int) -> Entries:
    """The entries of an invoice (sign 1) or a credit note (sign -1) with lines of (kind, HT cents, VAT cents)."""
    revenue = vat = deposits = 0
    for kind, ht_cents, vat_cents in lines:
        vat += vat_cents
        if kind is LineKind.DEPOSIT:
            deposits += ht_cents
        else:
            revenue += ht_cents
    return {
        LedgerAccount.RECEIVABLE: sign * (revenue + vat + deposits),
        LedgerAccount.REVENUE: -sign * revenue,
        LedgerAccount.VAT: -sign * vat,
        LedgerAccount.DEPOSITS: -sign * deposits,
    }


def between(debit: LedgerAccount, credit: LedgerAccount, cents: int) -> Entries:
    """`cents` from one account to the other."""
    return {debit: cents, credit: -cents}


def reverse(entries: Entries) -> Entries:
    """The entries that undo `entries`."""
    return {account: -cents for account, cents in entries.items()}


async def _move(session: AsyncSession, account: BillingAccount, cents: int) -> None:
    await session.execute(
        update(BillingAccount)
        .where(BillingAccount.subscriber_id == account.subscriber_id, BillingAccount.id == account.id)
        .values(balance_cents=BillingAccount.balance_cents + cents, revision=BillingAccount.revision + 1)
        .execution_options(synchronize_session=False)
    )
    await session.refresh(account)


def _require_balance(entries: Entries) -> None:
    if sum(entries.values()):
        raise Unbalanced(str(dict(entries)))
