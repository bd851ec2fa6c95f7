"""Where the money of a credit goes: what is unpaid, the means that paid, or the account; and refunds still to be allowed."""

from datetime import datetime, timedelta

from backoffice.billing.credits import dispose as share_out
from backoffice.demo import ledger
from backoffice.demo.files import File
from backoffice.demo.invoices import Bill
from backoffice.demo.rows import Row
from backoffice.models import CreditReason, LedgerAccount, PostingKind, RefundState

_RECEIVABLE, _CLEARING, _BANK = LedgerAccount.RECEIVABLE, LedgerAccount.CLEARING, LedgerAccount.BANK

_PAYOUT = timedelta(minutes=12)
"""A refund waits before it leaves: until then it could have been undone."""


def dispose(file: File, bill: Bill, note: Row, at: datetime, *, to_balance: bool) -> None:
    """Offset a credit note against what is unpaid, then refund what was paid, unless it stays on the account."""
    payments = {str(payment["id"]): payment for payment, _ in bill.paid_by}
    disposition = share_out(
        credit_cents=note["ttc_cents"],
        unpaid_cents=bill.due_cents,
        paid_by={str(payment["id"]): allocation["amount_cents"] for payment, allocation in bill.paid_by},
        refunded_by={means: payment["refunded_cents"] for means, payment in payments.items()},
        to_balance=to_balance,
    )
    note["offset_cents"] = disposition.offset_cents
    bill.invoice["offset_cents"] += disposition.offset_cents
    note["offset_cents"] = disposition.offset_cents
    for means, cents in disposition.refunds.items():
        _pay_out(file, bill, payments[means], note, at, cents)


def request(file: File, bill: Bill, at: datetime, cents: int, state: RefundState) -> None:
    """Add a refund that has moved no money."""
    payment, allocation = bill.paid_by[-1]
    amount_cents = min(cents, allocation["amount_cents"] - bill.invoice["refunded_cents"])
    if amount_cents > 0:
        _refund(file, bill, payment, at, amount_cents, state, CreditReason.GOODWILL)


def _pay_out(file: File, bill: Bill, payment: Row, note: Row, at: datetime, cents: int) -> None:
    sent_at = at + _PAYOUT
    settled_at = sent_at + timedelta(days=2)
    is_settled = file.window.has(settled_at)
    state = RefundState.SETTLED if is_settled else RefundState.SENT
    refund = _refund(file, bill, payment, at, cents, state, note["reason"])
    refund["credit_note_id"] = note["id"]
    refund["sent_at"] = sent_at
    refund["settled_at"] = settled_at if is_settled else None
    refund["reference"] = f"RB{file.rng.getrandbits(48):012X}"
    payment["refunded_cents"] += cents
    bill.invoice["refunded_cents"] += cents
    ledger.post(file, PostingKind.REFUND, refund, at, ledger.between(_RECEIVABLE, _CLEARING, cents))
    ledger.post(file, PostingKind.REFUND_SENT, refund, sent_at, ledger.between(_CLEARING, _BANK, cents))


def _refund(
    file: File, bill: Bill, payment: Row, at: datetime, cents: int, state: RefundState, reason: CreditReason
) -> Row:
    return file.add(
        "refunds",
        at,
        billing_account_id=file.account["id"],
        payment_id=payment["id"],
        invoice_id=bill.invoice["id"],
        state=state,
        reason=reason,
        amount_cents=cents,
        requested_at=at,
    )
