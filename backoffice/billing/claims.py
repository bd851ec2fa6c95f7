"""An issued line and what somebody asks to have back of it."""

from dataclasses import dataclass
from datetime import date

from backoffice.billing.derivation import Derived
from backoffice.billing.periods import Period


@dataclass(frozen=True, slots=True)
class IssuedLine:
    """A line as issued, in cents; `paid_on` is None while its invoice is not paid."""

    reference: str
    ttc_cents: int
    period: Period | None = None
    credited_cents: int = 0
    paid_on: date | None = None

    @property
    def standing_cents(self) -> int:
        """What earlier credits left, in cents."""
        return max(0, self.ttc_cents - self.credited_cents)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: the reason, the unused days, the correct amount or a sum in cents, where they are known.

    `same_credited_cents` is the part of the line's credits that was for these very days or this very error.
    """

    reason: str
    unused: Period | None = None
    correct: Derived | None = None
    asked_cents: int | None = None
    same_credited_cents: int = 0
