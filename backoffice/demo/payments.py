"""Payments of invoices: captured, failed, returned by the bank, in part, too much, or for two invoices at once."""

from datetime import date, datetime, timedelta

from backoffice.demo import ledger
from backoffice.demo.accounts import Means
from backoffice.demo.files import File
from backoffice.demo.invoices import Bill
from backoffice.demo.rows import Row
from backoffice.demo.setbacks import NO_MONEY
from backoffice.models import PaymentMethodKind, PaymentState, PostingKind

_NOTICE = timedelta(days=2)
_ROUND_CENTS = 1000


def fail(file: File, bill: Bill, method: Row, at: datetime, code: str | None) -> None:
    """A debit that was refused at once; no money moved."""
    if bill.due_cents and file.window.has(at):
        state = PaymentState.DENIED if code == NO_MONEY else PaymentState.FAILED
        bill.refused = _payment(file, method, at, bill.due_cents, state=state, failed_at=at, failure_code=code)


def pay(file: File, bills: list[Bill], method: Row, at: datetime, cents: int | None = None) -> None:
    """Pay what is due on `bills`, oldest first: all of it, or `cents` of which the rest stays on the account."""
    amount_cents = sum(bill.due_cents for bill in bills) if cents is None else cents
    is_debit = method["kind"] is PaymentMethodKind.DIRECT_DEBIT
    requested_at = at - _NOTICE if is_debit else at
    if amount_cents <= 0 or not file.window.has(requested_at):
        return
    if not file.window.has(at):
        _payment(file, method, requested_at, amount_cents, state=PaymentState.PENDING)
        return
    payment = _payment(file, method, requested_at, amount_cents, state=PaymentState.CAPTURED, captured_at=at)
    ledger.post(file, PostingKind.PAYMENT, payment, at, ledger.of_money(amount_cents))
    for bill in bills:
        amount_cents -= _allocate(file, bill, payment, at, min(amount_cents, bill.due_cents))


def pay_part(file: File, bill: Bill, method: Row, at: datetime) -> None:
    """Pay two fifths of what is due, in whole euros."""
    pay(file, [bill], method, at, bill.due_cents * 2 // 5 // 100 * 100)


def pay_too_much(file: File, bill: Bill, method: Row, at: datetime) -> None:
    """Pay the next round sum above what is due."""
    pay(file, [bill], method, at, (bill.due_cents // _ROUND_CENTS + 1) * _ROUND_CENTS)


def take_back(file: File, bill: Bill, at: datetime, code: str | None) -> None:
    """The bank returns the last payment of a bill: its allocations are undone and the invoice is open again."""
    if not bill.paid_by or not file.window.has(at):
        return
    payment, allocation = bill.paid_by.pop()
    payment.update(state=PaymentState.RETURNED, returned_at=at, return_code=code)
    allocation.update(is_undone=True, undone_at=at)
    bill.refused = payment
    bill.invoice["paid_cents"] -= allocation["amount_cents"]
    ledger.post(file, PostingKind.PAYMENT_RETURN, payment, at, ledger.of_money(-payment["amount_cents"]))


def moment(file: File, means: Means, day: date) -> datetime:
    """When the usual method pays on a due day: debits and cards by machine, the others when the mail comes."""
    is_automatic = means.on(day)["kind"] in (PaymentMethodKind.CARD, PaymentMethodKind.DIRECT_DEBIT)
    return file.at(day, 6, 8) if is_automatic else file.at(day + timedelta(days=file.rng.randrange(-3, 4)))


def _payment(file: File, method: Row, requested_at: datetime, cents: int, **facts: object) -> Row:
    return file.add(
        "payments",
        requested_at,
        billing_account_id=file.account["id"],
        payment_method_id=method["id"],
        amount_cents=cents,
        refunded_cents=0,
        reference=f"{method['kind'][:2]}{file.rng.getrandbits(48):012X}",
        requested_at=requested_at,
        **facts,
    )


def _allocate(file: File, bill: Bill, payment: Row, at: datetime, cents: int) -> int:
    if cents <= 0:
        return 0
    allocation = file.add(
        "payment_allocations",
        at,
        payment_id=payment["id"],
        invoice_id=bill.invoice["id"],
        amount_cents=cents,
        is_undone=False,
    )
    bill.invoice["paid_cents"] += cents
    bill.paid_by.append((payment, allocation))
    return cents
