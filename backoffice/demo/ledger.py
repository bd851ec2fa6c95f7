"""Postings of the double-entry ledger; the account's balance follows its receivable."""

from datetime import datetime

from backoffice.billing.periods import civil_day
from backoffice.demo.files import File
from backoffice.demo.rows import Row
from backoffice.models import LedgerAccount, LineKind, PostingKind

Entries = dict[LedgerAccount, int]


class Unbalanced(AssertionError):
    """A posting whose entries do not sum to zero: a defect of the demo, never of its input."""


def post(file: File, kind: PostingKind, document: Row, at: datetime, entries: Entries) -> None:
    """Book `entries` (cents, debit positive; zeros are left out) for a document, payment or refund."""
    if sum(entries.values()):
        raise Unbalanced(f"{kind}: {entries}")
    posting = file.add(
        "ledger_postings",
        at,
        billing_account_id=file.account["id"],
        kind=kind,
        document_id=document["id"],
        document_number=document.get("number") or document.get("reference"),
        booked_on=civil_day(at, file.window.zone),
        recorded_at=at,
    )
    for account, cents in entries.items():
        if cents:
            file.add("ledger_entries", at, posting_id=posting["id"], account=account, amount_cents=cents)
    file.account["balance_cents"] += entries.get(LedgerAccount.RECEIVABLE, 0)


def of_lines(lines: list[tuple[LineKind, Row]], *, sign: int) -> Entries:
    """The entries of an invoice (sign 1) or a credit note (sign -1) with these lines."""
    deposit = sum(row["ttc_cents"] for kind, row in lines if kind is LineKind.DEPOSIT)
    ht = sum(row["ht_cents"] for kind, row in lines if kind is not LineKind.DEPOSIT)
    vat = sum(row["vat_cents"] for _, row in lines)
    return {
        LedgerAccount.RECEIVABLE: sign * (ht + vat + deposit),
        LedgerAccount.REVENUE: -sign * ht,
        LedgerAccount.VAT: -sign * vat,
        LedgerAccount.DEPOSITS: -sign * deposit,
    }


def of_money(cents: int) -> Entries:
    """The entries of `cents` that came in; below zero, that went out."""
    return between(LedgerAccount.BANK, LedgerAccount.RECEIVABLE, cents)


def between(debit: LedgerAccount, credit: LedgerAccount, cents: int) -> Entries:
    """`cents` from one account to the other."""
    return {debit: cents, credit: -cents}
