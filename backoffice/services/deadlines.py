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
    ContractEventKind,
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
_ENDING = (ContractState.TERMINATING, ContractState.TERMINATED)
_NOT_PAID_BACK = (RefundState.REFUSED, RefundState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Agreed:
    """A contract with what its clocks start from; `prices` are the versions by offer."""

    contract: Contract
    kind: SubscriberKind
    items: Sequence[ContractItem]
    promotions: Sequence[Promotion]
    prices: Mapping[int, Sequence[PriceVersion]]
    history: Sequence[ContractEvent]


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


def of_refund(refund: Refund, history: Sequence[ContractEvent], *, zone: str) -> list[Deadline]:
    """By when money must be back after a withdrawal; no law fixes a day for the other reasons.

    The clock starts with the notice, which the history of the contract tells; without it with the refund itself.
    """
    if refund.reason is not CreditReason.WITHDRAWAL or refund.state in _NOT_PAID_BACK:
        return []
    notices = [event.effective_on for event in history if _is_withdrawal(event)]
    return [deadlines.withdrawal_refund(min(notices, default=civil_day(refund.requested_at, zone)))]


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
    if contract.state in _ENDING:
        for event in agreed.history:
            if event.kind is ContractEventKind.TERMINATION_REQUESTED and not _is_withdrawal(event):
                yield deadlines.termination_effect(_received_on(event, zone))


def _received_on(event: ContractEvent, zone: str) -> date:
    """The day on which a notice came in: as it was noted, or else when it was recorded."""
    noted = event.details.get("received_on")
    return date.fromisoformat(noted) if noted else civil_day(event.recorded_at, zone)


def _is_withdrawal(event: ContractEvent) -> bool:
    is_request = event.kind is ContractEventKind.TERMINATION_REQUESTED
    return event.kind is ContractEventKind.WITHDRAWN or (is_request and bool(event.details.get("is_withdrawal")))


def _of_price(item: ContractItem, version: PriceVersion) -> Iterator[Deadline]:
    """The clocks of a new price of an item that was in force before it, unless its own price was agreed."""
    if item.agreed_amount_cents is not None or not _is_met_by(item, version.starts_on):
        return
    yield deadlines.contract_change_notice(version.starts_on)
    if version.notified_on is not None:
        yield deadlines.free_exit(version.notified_on)


def _is_met_by(item: ContractItem, on: date) -> bool:
    return item.starts_on < on and (item.ends_on is None or on < item.ends_on)
