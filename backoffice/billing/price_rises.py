"""Price rises that were billed before they could apply: the days that were too early, and what they billed too much.

A change of price is announced at least a month before it applies, and whoever does not want it may leave for four months
(Code de la consommation, L224-33).
"""

from dataclasses import dataclass
from datetime import date

from backoffice.billing import rules
from backoffice.billing.corrections import LINE, REPLACED, STANDING
from backoffice.billing.derivation import Derived, Draft
from backoffice.billing.lines import PRICE, PRORATED, QUANTITY
from backoffice.billing.money import require_positive_or_zero
from backoffice.billing.periods import Period, add_months
from backoffice.billing.steps import Operator, Quantity, Source, Unit


@dataclass(frozen=True, slots=True)
class Billed:
    """A price of one item for a whole period, in cents after discount, and the version that it comes from."""

    cents: int
    reference: str


def lawful_from(notified_on: date) -> date:
    """The first day on which a change that was announced on a day may apply."""
    notice = rules.in_force(rules.CHANGE_NOTICE_MONTHS, notified_on)
    return add_months(notified_on, int(notice.value))


def credit_rise(
    *,
    line_cents: int,
    line: str,
    risen: Billed,
    former: Billed,
    early: Period,
    of: Period,
    quantity: int = 1,
    already_credited_cents: int = 0,
    same_days_credited_cents: int = 0,
) -> Derived:
    """Credit the rise for the days `early` of the billing period `of`, at most what still stands on the line.

    It is the credit that is rounded, half up. Earlier credits count as in `corrections.credit_days`. Raises `EmptyPeriod`,
    `NegativeAmount` or `InexactAmount`.
    """
    require_positive_or_zero(line_cents=line_cents, already_credited_cents=already_credited_cents)
    draft = Draft()
    factors = [_rise(draft, risen, former)]
    if quantity > 1:
        factors.append(draft.add(Quantity(QUANTITY, quantity, Unit.ITEMS)))
    factors.append(draft.days(served=early, of=of))
    wanted = draft.rounded(draft.combine(Operator.PRODUCT, *factors, rule=PRORATED))
    if same_days_credited_cents:
        wanted = _less(draft, wanted, min(same_days_credited_cents, int(draft.value(wanted))))
    _cap(draft, wanted, line_cents, line, already_credited_cents)
    return draft.finish()


def _rise(draft: Draft, risen: Billed, former: Billed) -> int:
    sides = [
        draft.amount(Source.PRICE, price.cents, rule=PRICE, reference=price.reference) for price in (risen, former)
    ]
    return draft.combine(Operator.DIFFERENCE, *sides, rule=REPLACED)


def _cap(draft: Draft, wanted: int, line_cents: int, line: str, credited_cents: int) -> None:
    if draft.value(wanted) <= max(0, line_cents - credited_cents):
        return
    standing = draft.amount(Source.LINE, line_cents, rule=LINE, reference=line)
    if credited_cents:
        standing = _less(draft, standing, min(credited_cents, line_cents))
    draft.combine(Operator.MINIMUM, wanted, standing, rule=STANDING)


def _less(draft: Draft, index: int, credited_cents: int) -> int:
    credited = draft.amount(Source.CREDITED, credited_cents, rule=STANDING)
    return draft.combine(Operator.DIFFERENCE, index, credited, rule=STANDING)
