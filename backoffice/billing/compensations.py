"""The least that is owed for a late port, a missed appointment or a lost number (L224-42-1).

The law sets floors, so a part of a cent goes up.
"""

from datetime import date

from backoffice.billing import rules
from backoffice.billing.derivation import Derived, Draft
from backoffice.billing.money import Rounding, require_positive_or_zero
from backoffice.billing.steps import Operator, Percentage, Quantity, Source, Unit


def for_days(*, contract_on: date, monthly_cents: int, days: int) -> Derived:
    """A fifth of the monthly price (TTC, cents) a day, for a late port or a missed appointment.

    Raises `NegativeAmount` or `InexactAmount`.
    """
    require_positive_or_zero(monthly_cents=monthly_cents, days=days)
    share = rules.in_force(rules.COMPENSATION_DAY, contract_on).value
    draft = Draft()
    price = draft.amount(Source.MONTHLY, monthly_cents, rule=rules.COMPENSATION_DAY)
    a_day = draft.add(Percentage(rules.COMPENSATION_DAY, share))
    count = draft.add(Quantity(rules.COMPENSATION_DAY, days, Unit.DAYS))
    product = draft.combine(Operator.PRODUCT, price, a_day, count, rule=rules.COMPENSATION_DAY)
    draft.rounded(product, Rounding.UP, rule=rules.COMPENSATION_DAY)
    return draft.finish()


def for_lost_number(*, contract_on: date, monthly_cents: int) -> Derived:
    """Twenty-four months of the monthly price (TTC, cents). Raises `NegativeAmount` or `InexactAmount`."""
    require_positive_or_zero(monthly_cents=monthly_cents)
    months = int(rules.in_force(rules.COMPENSATION_NUMBER, contract_on).value)
    draft = Draft()
    price = draft.amount(Source.MONTHLY, monthly_cents, rule=rules.COMPENSATION_NUMBER)
    count = draft.add(Quantity(rules.COMPENSATION_NUMBER, months, Unit.MONTHS))
    draft.combine(Operator.PRODUCT, price, count, rule=rules.COMPENSATION_NUMBER)
    return draft.finish()
