"""A line of an issued invoice as far as a comparison needs it, and how its derivation completes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from backoffice.billing.derivation import Derived
from backoffice.billing.discounts import AmountOff
from backoffice.billing.periods import Period
from backoffice.billing.proration import fraction
from backoffice.billing.steps import Amount, Days, Source

SUBSCRIPTION = "SUBSCRIPTION"
# Lines that are not repeated from one invoice to the next, even where they have a period.
SINGLE_KINDS = frozenset({"PRORATION", "FEE", "DEPOSIT", "STATEMENT"})


@dataclass(frozen=True, slots=True)
class BilledLine:
    """An issued line. `key` names the item of a contract, or what else stands for it on both invoices.

    `ttc_cents` is the whole line, `unit_cents` the price of one item for the whole period `of`, after
    `discounts`; `period` are the days billed of it. `kind` is the kind of an invoice line.
    """

    kind: str
    label: str
    key: str
    ttc_cents: int
    unit_cents: int
    quantity: int = 1
    period: Period | None = None
    of: Period | None = None
    contract: str = ""
    offer: str = ""
    price_reference: str = ""
    discounts: tuple[AmountOff, ...] = ()

    @property
    def share(self) -> Fraction:
        """The exact share of the period that was billed; none without a period."""
        return fraction(served=self.period, of=self.of) if self.period and self.of and self.of.days else Fraction(0)

    @property
    def is_recurring(self) -> bool:
        """True for what the next invoice bills again."""
        return self.kind not in SINGLE_KINDS and self.share > 0 and self.quantity > 0

    @property
    def full_cents(self) -> int:
        """The price of one item for the whole period, before discounts."""
        return self.unit_cents + sum(discount.cents for discount in self.discounts)


def read_line(
    *,
    kind: str,
    label: str,
    key: str,
    unit_cents: int,
    quantity: int,
    period: Period | None,
    derived: Derived,
    contract: str = "",
    offer: str = "",
) -> BilledLine:
    """An issued line whose whole period, price version and discounts are read from its derivation."""
    whole = [step.of for step in derived.steps if isinstance(step, Days)]
    prices = list(_amounts(derived, Source.PRICE))
    return BilledLine(
        kind=kind,
        label=label,
        key=key,
        ttc_cents=derived.cents,
        unit_cents=unit_cents,
        quantity=quantity,
        period=period,
        of=whole[-1] if whole else None,
        contract=contract,
        offer=offer,
        price_reference=prices[-1].reference if prices else "",
        discounts=tuple(AmountOff(step.cents, step.reference) for step in _amounts(derived, Source.DISCOUNT)),
    )


def _amounts(derived: Derived, source: Source) -> Iterator[Amount]:
    return (step for step in derived.steps if isinstance(step, Amount) and step.source is source)
