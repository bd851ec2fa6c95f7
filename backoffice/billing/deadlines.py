"""Legal clocks: the last day on which something may, or must, be done.

The day that starts a clock does not count, and the whole of its last day is in time. A clock in months
ends on the same day of the month, or on that month's last day if it is shorter. Only the right to
withdraw moves to the next working day, because only its article says so; for what the operator owes, the
earlier day is the safe one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from backoffice.billing import rules, withdrawal
from backoffice.billing.periods import add_months
from backoffice.billing.rules import Rule
from backoffice.billing.workdays import add_working_days


class DeadlineKind(StrEnum):
    """What has to happen by the day, or is no longer possible after it."""

    WITHDRAWAL = "WITHDRAWAL"
    WITHDRAWAL_REFUND = "WITHDRAWAL_REFUND"
    ADVANCES_BACK = "ADVANCES_BACK"
    DEPOSIT_BACK = "DEPOSIT_BACK"
    CLAIM = "CLAIM"
    OPERATOR_CLAIM = "OPERATOR_CLAIM"
    DIRECT_DEBIT_REFUND = "DIRECT_DEBIT_REFUND"
    UNAUTHORISED_DEBIT_REFUND = "UNAUTHORISED_DEBIT_REFUND"
    MANDATE_LAPSE = "MANDATE_LAPSE"
    CONTRACT_CHANGE_NOTICE = "CONTRACT_CHANGE_NOTICE"
    FREE_EXIT = "FREE_EXIT"
    TERMINATION_EFFECT = "TERMINATION_EFFECT"
    PROMOTION_REMINDER = "PROMOTION_REMINDER"
    RENEWAL_NOTICE = "RENEWAL_NOTICE"
    COMMITMENT_END = "COMMITMENT_END"
    COMPENSATION = "COMPENSATION"
    ITEMISED_BILL = "ITEMISED_BILL"


@dataclass(frozen=True, slots=True)
class Deadline:
    """`due_on` is the last day in time; `opens_on` the first one, where it is not open from the start."""

    kind: DeadlineKind
    due_on: date
    rule: str
    reference: str
    is_assumed: bool
    opens_on: date | None = None

    def is_past(self, today: date) -> bool:
        """True from the day after the last one in time."""
        return today > self.due_on


def withdraw(contract_on: date) -> Deadline:
    """The consumer may withdraw without a reason (L221-18, L221-19: the next working day)."""
    rule = rules.in_force(rules.WITHDRAWAL_DAYS, contract_on)
    return _deadline(DeadlineKind.WITHDRAWAL, rule, withdrawal.last_day(contract_on))


def withdrawal_refund(notice_on: date) -> Deadline:
    """The operator pays everything back after a withdrawal (L221-24)."""
    return _after(DeadlineKind.WITHDRAWAL_REFUND, rules.WITHDRAWAL_REFUND_DAYS, notice_on)


def advances_back(last_invoice_paid_on: date) -> Deadline:
    """The operator returns advances once the last invoice is paid (L224-35)."""
    return _after(DeadlineKind.ADVANCES_BACK, rules.ADVANCES_BACK_DAYS, last_invoice_paid_on)


def deposit_back(returned_on: date) -> Deadline:
    """The operator returns a deposit once its object came back (L224-35)."""
    return _after(DeadlineKind.DEPOSIT_BACK, rules.DEPOSIT_BACK_DAYS, returned_on)


def claim(paid_on: date) -> Deadline:
    """The subscriber may claim a payment back; barred from the next day (CPCE L34-2)."""
    return _after(DeadlineKind.CLAIM, rules.CLAIM_MONTHS, paid_on)


def operator_claim(invoice_due_on: date) -> Deadline:
    """The operator may claim what is unpaid; barred from the next day (CPCE L34-2)."""
    return _after(DeadlineKind.OPERATOR_CLAIM, rules.OPERATOR_CLAIM_MONTHS, invoice_due_on)


def direct_debit_refund(debited_on: date, *, is_authorised: bool = True) -> Deadline:
    """The payer may have a direct debit pulled back: eight weeks, thirteen months without a mandate."""
    if is_authorised:
        return _after(DeadlineKind.DIRECT_DEBIT_REFUND, rules.DEBIT_REFUND_WEEKS, debited_on)
    return _after(DeadlineKind.UNAUTHORISED_DEBIT_REFUND, rules.UNAUTHORISED_DEBIT_MONTHS, debited_on)


def mandate_lapse(last_used_on: date) -> Deadline:
    """A mandate may be used for the last time without a new signature."""
    return _after(DeadlineKind.MANDATE_LAPSE, rules.MANDATE_MONTHS, last_used_on)


def contract_change_notice(effective_on: date) -> Deadline:
    """The operator announces a change of contract or price on a durable medium (L224-33)."""
    return _before(DeadlineKind.CONTRACT_CHANGE_NOTICE, rules.CHANGE_NOTICE_MONTHS, effective_on)


def free_exit(notified_on: date) -> Deadline:
    """The subscriber may leave without a fee because of an announced change (L224-33)."""
    return _after(DeadlineKind.FREE_EXIT, rules.FREE_EXIT_MONTHS, notified_on)


def termination_effect(received_on: date) -> Deadline:
    """A termination takes effect at the latest, unless the subscriber wishes a later day (L224-39)."""
    return _after(DeadlineKind.TERMINATION_EFFECT, rules.TERMINATION_NOTICE_DAYS, received_on)


def promotion_reminder(ends_on: date) -> Deadline:
    """The subscriber is told of the price to come; `ends_on` is the first day at that price."""
    return _before(DeadlineKind.PROMOTION_REMINDER, rules.PROMOTION_REMINDER_DAYS, ends_on)


def renewal_notice(renews_on: date) -> Deadline:
    """The operator tells that a contract may not be renewed: between `opens_on` and `due_on` (L215-1)."""
    opens_on = _before(DeadlineKind.RENEWAL_NOTICE, rules.RENEWAL_NOTICE_FIRST_MONTHS, renews_on).due_on
    rule = rules.in_force(rules.RENEWAL_NOTICE_LAST_MONTHS, renews_on)
    return _deadline(DeadlineKind.RENEWAL_NOTICE, rule, _move(renews_on, rule, -1), opens_on=opens_on)


def commitment_end(ends_on: date) -> Deadline:
    """The last day that binds to a commitment; `ends_on` is the first one without (L224-28)."""
    rule = rules.in_force(rules.COMMITMENT_MONTHS, ends_on)
    return _deadline(DeadlineKind.COMMITMENT_END, rule, ends_on - timedelta(days=1))


def compensation(requested_on: date) -> Deadline:
    """The operator pays a compensation that was asked for (L224-42-1)."""
    return _after(DeadlineKind.COMPENSATION, rules.COMPENSATION_PAID_DAYS, requested_on)


def itemised_bill(requested_on: date) -> Deadline:
    """The operator sends an itemised bill of the last twelve months, in working days (L224-41)."""
    return _after(DeadlineKind.ITEMISED_BILL, rules.ITEMISED_BILL_DAYS, requested_on)


def _after(kind: DeadlineKind, identifier: str, day: date) -> Deadline:
    rule = rules.in_force(identifier, day)
    return _deadline(kind, rule, _move(day, rule, 1))


def _before(kind: DeadlineKind, identifier: str, day: date) -> Deadline:
    rule = rules.in_force(identifier, day)
    return _deadline(kind, rule, _move(day, rule, -1))


def _deadline(kind: DeadlineKind, rule: Rule, due_on: date, *, opens_on: date | None = None) -> Deadline:
    return Deadline(kind, due_on, rule.identifier, rule.reference, rule.is_assumed, opens_on)


_MOVES: dict[str, Callable[[date, int], date]] = {
    "days": lambda day, count: day + timedelta(days=count),
    "weeks": lambda day, count: day + timedelta(weeks=count),
    "months": add_months,
    "working days": add_working_days,
}


def _move(day: date, rule: Rule, way: int) -> date:
    return _MOVES[rule.unit](day, way * int(rule.value))
