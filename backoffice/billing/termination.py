"""What is still due when a commitment ends early (Code de la consommation, L224-28).

The contract's date starts the commitment. Each of its months is a month of the contract's own cycle;
a month begun counts by its actual days.
"""

from datetime import date

from backoffice.billing import rules
from backoffice.billing.derivation import Derived, Draft, total_of
from backoffice.billing.money import require_positive_or_zero
from backoffice.billing.periods import Period, add_months, billing_period, months_between
from backoffice.billing.steps import Operator, Percentage, Quantity, Source, Unit

LEFT = "months-left-of-commitment"


class CommitmentTooLong(ValueError):
    """A commitment of more months than the law allows, or of fewer than none."""

    def __init__(self, commitment_months: int, allowed_months: int) -> None:
        super().__init__(
            f"A commitment of {commitment_months} months is not allowed: give 0 to {allowed_months} months "
            "(Code de la consommation, article L224-28, I)."
        )
        self.commitment_months = commitment_months
        self.allowed_months = allowed_months


class EndsBeforeContract(ValueError):
    """A contract would end before it began."""

    def __init__(self, ends_on: date, contract_on: date) -> None:
        super().__init__(
            f"The contract of {contract_on} cannot end on {ends_on}, before it began: "
            "cancel the order instead of terminating it."
        )
        self.ends_on = ends_on
        self.contract_on = contract_on


def commitment_ends_on(contract_on: date, commitment_months: int) -> date:
    """The first day without commitment, counted from conclusion or change. Raises `CommitmentTooLong`."""
    allowed_months = int(rules.in_force(rules.COMMITMENT_MONTHS, contract_on).value)
    if not 0 <= commitment_months <= allowed_months:
        raise CommitmentTooLong(commitment_months, allowed_months)
    return add_months(contract_on, commitment_months)


def fee(
    *,
    contract_on: date,
    commitment_months: int,
    monthly_cents: int,
    ends_on: date,
    subsidised_terminal: bool,
) -> Derived:
    """The termination fee in cents, when `ends_on` is the first day that is no longer served.

    What is left up to the end of month 12 is due in full. Of what is left after it nothing is due,
    unless the terminal was subsidised: then the share that the rule in force on `contract_on` allows.
    Each of the two parts is rounded once. Reasons that free from any fee are the caller's to know.
    Raises `CommitmentTooLong`, `EndsBeforeContract`, `NegativeAmount` or `InexactAmount`.
    """
    require_positive_or_zero(monthly_cents=monthly_cents)
    if ends_on < contract_on:
        raise EndsBeforeContract(ends_on, contract_on)
    commitment_on = commitment_ends_on(contract_on, commitment_months)
    first_year_months = int(rules.in_force(rules.FIRST_YEAR_MONTHS, contract_on).value)
    first_year_on = min(add_months(contract_on, first_year_months), commitment_on)
    parts = []
    if ends_on < first_year_on:
        parts.append(_in_full(contract_on, monthly_cents, Period(ends_on, first_year_on)))
    rest_on = max(ends_on, first_year_on)
    if subsidised_terminal and rest_on < commitment_on:
        parts.append(_share(contract_on, monthly_cents, Period(rest_on, commitment_on)))
    if len(parts) == 1:
        return parts[0]
    return total_of(parts, rule=rules.FIRST_YEAR_MONTHS)


def _in_full(contract_on: date, monthly_cents: int, left: Period) -> Derived:
    draft = Draft()
    draft.rounded(_price_of(draft, contract_on, monthly_cents, left, rule=rules.FIRST_YEAR_MONTHS))
    return draft.finish()


def _share(contract_on: date, monthly_cents: int, left: Period) -> Derived:
    draft = Draft()
    rest = _price_of(draft, contract_on, monthly_cents, left, rule=LEFT)
    share = draft.add(Percentage(rules.TERMINAL_SHARE, rules.in_force(rules.TERMINAL_SHARE, contract_on).value))
    draft.rounded(draft.combine(Operator.PRODUCT, rest, share, rule=rules.TERMINAL_SHARE))
    return draft.finish()


def _price_of(draft: Draft, contract_on: date, monthly_cents: int, left: Period, *, rule: str) -> int:
    price = draft.amount(Source.MONTHLY, monthly_cents, rule=LEFT)
    parts = []
    month = billing_period(anchor_on=contract_on, months=1, on=left.starts_on)
    whole_from_on = left.starts_on
    if left.starts_on > month.starts_on:
        days = draft.days(served=Period(left.starts_on, month.ends_on), of=month)
        parts.append(draft.combine(Operator.PRODUCT, price, days, rule=LEFT))
        whole_from_on = month.ends_on
    months = months_between(whole_from_on, left.ends_on)
    if months:
        count = draft.add(Quantity(rule, months, Unit.MONTHS))
        parts.append(draft.combine(Operator.PRODUCT, price, count, rule=LEFT))
    return parts[0] if len(parts) == 1 else draft.combine(Operator.SUM, *parts, rule=LEFT)
