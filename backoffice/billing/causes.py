"""Why two invoices differ: causes in cents, each with a sentence that an agent can read to a customer."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from backoffice.billing import formats
from backoffice.billing.cause_phrases import PHRASES
from backoffice.billing.formats import format_for


class CauseKind(StrEnum):
    """What changed from the earlier invoice to the later one."""

    OFFER_CHANGED = "OFFER_CHANGED"
    PRICE_CHANGED = "PRICE_CHANGED"
    PROMOTION_STARTED = "PROMOTION_STARTED"
    PROMOTION_ENDED = "PROMOTION_ENDED"
    QUANTITY = "QUANTITY"
    DAYS = "DAYS"
    ITEM_ADDED = "ITEM_ADDED"
    ITEM_ENDED = "ITEM_ENDED"
    PRORATION = "PRORATION"
    FEE = "FEE"
    DEPOSIT = "DEPOSIT"
    ROUNDING = "ROUNDING"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Cause:
    """`cents` is what it adds to the later invoice (below zero: takes off).

    `from_cents` and `to_cents` are what changed: the price or the discount of a whole period for an offer,
    a price or a promotion; for every other kind the amount on the earlier and on the later invoice.
    """

    kind: CauseKind
    cents: int
    label: str
    from_cents: int
    to_cents: int

    def explain(self, locale: str, *, currency: str = "EUR") -> str:
        """The cause as one sentence in French ("fr") or English ("en"). Raises `UnknownLocale`."""
        written = format_for(locale)
        before, after, effect = (
            formats.amount(Fraction(cents), written, currency) for cents in (self.from_cents, self.to_cents, self.cents)
        )
        phrase = PHRASES[written.language][self._phrase]
        sign = "+" if self.cents > 0 else ""
        return phrase.format(label=self.label, before=before, after=after, effect=f"{sign}{effect}")

    @property
    def _phrase(self) -> str:
        if self.kind in {CauseKind.FEE, CauseKind.DEPOSIT, CauseKind.PRORATION, CauseKind.OTHER}:
            if not self.from_cents:
                return f"{self.kind}.new"
            return f"{self.kind}.gone" if not self.to_cents else f"{self.kind}.other"
        return self.kind
