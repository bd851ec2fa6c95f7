"""Withdrawal within fourteen days: its deadline, what may be kept, and what a late refund costs."""

from datetime import date, timedelta
from fractions import Fraction

from backoffice.billing import rules
from backoffice.billing.derivation import Derived, Draft
from backoffice.billing.lines import prorated
from backoffice.billing.money import require_positive_or_zero
from backoffice.billing.periods import Period
from backoffice.billing.steps import Operator, Percentage, Source
from backoffice.billing.workdays import next_working_day

DAYS_OF_A_MONTH = 30
LAST_BAND_DAYS = 90


class InvalidInterest(ValueError):
    """A legal interest rate that is not a fraction from 0 to 1."""

    def __init__(self, legal_interest: object) -> None:
        super().__init__(
            f"The legal interest rate {legal_interest!r} cannot be used: give the published rate as a "
            "Fraction, for example Fraction(5, 100) for 5 %."
        )
        self.legal_interest = legal_interest


def last_day(contract_on: date) -> date:
    """The last day to withdraw: day 14 after the contract, or the next working day (L221-18, L221-19)."""
    days = int(rules.in_force(rules.WITHDRAWAL_DAYS, contract_on).value)
    return next_working_day(contract_on + timedelta(days=days))


def kept(
    *,
    full_cents: int,
    price_version: str,
    started_on: date,
    notice_on: date,
    of: Period,
    express_request: bool,
) -> Derived:
    """What is owed for the service of one period up to the notice, in cents (L221-25).

    The day of the notice is not charged. Nothing is owed when the customer's express request to start
    early was not recorded, or when the service had not started.
    Raises `EmptyPeriod`, `NegativeAmount` or `InexactAmount`.
    """
    require_positive_or_zero(full_cents=full_cents)
    if express_request and started_on < notice_on:
        served = Period(started_on, notice_on)
        return prorated(full_cents=full_cents, price_version=price_version, served=served, of=of)
    draft = Draft()
    draft.amount(Source.NOTHING, 0, rule=rules.WITHDRAWAL_SERVICE)
    return draft.finish()


def late_surcharge(*, due_cents: int, due_on: date, paid_on: date, legal_interest: Fraction) -> Derived:
    """What is added to a refund of `due_cents` that is paid after `due_on`, in cents (L242-4).

    Up to ten days late it is the legal interest rate, which is published and therefore given here as a
    share; then 5, 10, 20 and 50 %, and five points for each month begun after day 90, up to the sum due.
    Raises `InvalidInterest`, `NegativeAmount` or `InexactAmount`.
    """
    require_positive_or_zero(due_cents=due_cents)
    if not isinstance(legal_interest, Fraction) or not 0 <= legal_interest <= 1:
        raise InvalidInterest(legal_interest)
    days_late = (paid_on - due_on).days
    draft = Draft()
    if days_late <= 0:
        draft.amount(Source.NOTHING, 0, rule=rules.LATE_REFUND)
        return draft.finish()
    due = draft.amount(Source.DUE, due_cents, rule=rules.LATE_REFUND)
    share = draft.add(_late_share(days_late, due_on, legal_interest))
    draft.rounded(draft.combine(Operator.PRODUCT, due, share, rule=rules.LATE_REFUND))
    return draft.finish()


def _late_share(days_late: int, on: date, legal_interest: Fraction) -> Percentage:
    reached = [identifier for days, identifier in rules.LATE_REFUND_BANDS if days_late > days]
    if not reached:
        return Percentage(rules.LATE_REFUND, legal_interest)
    share = rules.in_force(reached[-1], on).value
    if days_late <= LAST_BAND_DAYS:
        return Percentage(reached[-1], share)
    months = -(-(days_late - LAST_BAND_DAYS) // DAYS_OF_A_MONTH)
    points = rules.in_force(rules.LATE_REFUND_MONTH, on).value
    return Percentage(rules.LATE_REFUND_MONTH, min(Fraction(1), share + months * points))
