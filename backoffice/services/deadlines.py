"""The clocks that run on contracts, invoices, payments, refunds and claims: only those whose day a row holds.

Nothing is read here: rows come in, legal clocks go out. A day that nobody wrote down starts no clock.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from backoffice.billing import deadlines
from backoffice.billing.deadlines import Deadline
from backoffice.billing.periods import civil_day
from backoffice.models import (
    Contract,
    ContractEvent,
    ContractItem,
    ContractState,
    CreditReason,
    Invoice,
    InvoiceState,
    Payment,
    PaymentMethodKind,
    PaymentState,
    PriceVersion,
    Promotion,
    Refund,
    RefundState,
    SubscriberKind,
)

_NEVER_BEGAN = (ContractState.DRAFT, ContractState.CANCELLED)
_NOT_PAID_BACK = (RefundState.REFUSED, RefundState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Agreed:
    """A contract with what its clocks start from; `prices` are the versions by offer."""

    contract: Contract
    kind: SubscriberKind
    items: Sequence[ContractItem]
    promotions: Sequence[Promotion]
    prices: Mapping[int, Sequence[PriceVersion]]
    terminations: Sequence[ContractEvent]
    """When its termination was asked for."""


def of_contract(agreed: Agreed, *, zone: str) -> list[Deadline]:
    """Withdrawal, commitment, promotions that end, changes of price, and notices that were given; the earliest first."""
    if agreed.contract.state in _NEVER_BEGAN:
        return []
    return sorted(_of_contract(agreed, zone), key=lambda deadline: (deadline.due_on, deadline.kind))


def of_invoice(invoice: Invoice) -> list[Deadline]:
    """Until when the operator may claim what is still due."""
    is_owed = invoice.state is not InvoiceState.DRAFT and invoice.due_cents > 0
    return [deadlines.operator_claim(invoice.due_on)] if is_owed else []


def of_payment(payment: Payment, means: PaymentMethodKind | None, *, zone: str) -> list[Deadline]:
    """Until when money that came in may be claimed back, and until when the bank gives a direct debit back."""
    if payment.state is not PaymentState.CAPTURED or payment.captured_at is None:
        return []
    paid_on = civil_day(payment.captured_at, zone)
    found = [deadlines.claim(paid_on)]
    if means is PaymentMethodKind.DIRECT_DEBIT:
        found.insert(0, deadlines.direct_debit_refund(paid_on))
    return found


def of_refund(refund: Refund, *, zone: str) -> list[Deadline]:
    """By when money must be back after a withdrawal; no law fixes a day for the other reasons."""
    is_owed = refund.reason is CreditReason.WITHDRAWAL and refund.state not in _NOT_PAID_BACK
    return [deadlines.withdrawal_refund(civil_day(refund.requested_at, zone))] if is_owed else []


def of_claim(payments: Iterable[Payment], *, zone: str) -> list[Deadline]:
    """Until when the oldest of these payments may be claimed back; none while nothing was paid."""
    days: list[datetime] = [
        payment.captured_at for payment in payments if payment.state is PaymentState.CAPTURED and payment.captured_at
    ]
    return [deadlines.claim(civil_day(min(days), zone))] if days else []


def _of_contract(agreed: Agreed, zone: str) -> Iterator[Deadline]:
    contract = agreed.contract
    if agreed.kind is SubscriberKind.CONSUMER:
        yield deadlines.withdraw(contract.concluded_on)
    if contract.commitment_ends_on is not None:
        yield deadlines.commitment_end(contract.commitment_ends_on)
    for promotion in agreed.promotions:
        yield deadlines.promotion_reminder(promotion.ends_on)
    for item in agreed.items:
        for version in agreed.prices.get(item.offer_id, ()):
            yield from _of_price(item, version)
    for event in agreed.terminations:
        if not event.details.get("is_withdrawal"):
            yield deadlines.termination_effect(civil_day(event.recorded_at, zone))


def _of_price(item: ContractItem, version: PriceVersion) -> Iterator[Deadline]:
    """The clocks of a new price of an item that was in force before it, unless its own price was agreed."""
    if item.agreed_amount_cents is not None or not _is_met_by(item, version.starts_on):
        return
    yield deadlines.contract_change_notice(version.starts_on)
    if version.notified_on is not None:
        yield deadlines.free_exit(version.notified_on)


def _is_met_by(item: ContractItem, on: date) -> bool:
    return item.starts_on < on and (item.ends_on is None or on < item.ends_on)
