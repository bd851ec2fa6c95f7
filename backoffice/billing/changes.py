"""Derivation of a change of offer: the credit of the old line beside the charge of the new offer.

The credit is negative here, because it stands on the same document as the charge.
"""

from dataclasses import dataclass
from datetime import date

from backoffice.billing import proration
from backoffice.billing.corrections import credit_days
from backoffice.billing.derivation import Derived, Draft
from backoffice.billing.lines import prorated
from backoffice.billing.money import require_positive_or_zero
from backoffice.billing.periods import Period
from backoffice.billing.steps import Operator

CHANGE = "change-day-belongs-to-new-offer"


@dataclass(frozen=True, slots=True)
class DerivedChange:
    """The two lines of a change of offer: `credit` (cents of zero or less) and `charge`."""

    credit: Derived
    charge: Derived
    days: int

    @property
    def net_cents(self) -> int:
        """Charge and credit together, in cents."""
        return self.charge.cents + self.credit.cents


def change(
    *,
    on: date,
    period: Period,
    old_cents: int,
    old_line: str,
    new_cents: int,
    price_version: str,
    already_credited_cents: int = 0,
    old_period: Period | None = None,
) -> DerivedChange:
    """The lines of `proration.change`, with their steps; it raises the same refusals.

    `old_line` names the issued line that is credited, `price_version` the new offer's price.
    """
    require_positive_or_zero(new_cents=new_cents)
    served = proration.days_left(on=on, period=period)
    draft = Draft()
    unused = draft.include(
        credit_days(
            line_cents=old_cents,
            line=old_line,
            unused=served,
            of=old_period or period,
            already_credited_cents=already_credited_cents,
        )
    )
    draft.combine(Operator.NEGATION, unused, rule=CHANGE)
    charge = prorated(full_cents=new_cents, price_version=price_version, served=served, of=period)
    return DerivedChange(credit=draft.finish(), charge=charge, days=served.days)
