"""The rows of a bill, and what they add up to: totals are computed from rows, so that they cannot disagree."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import chain

from backoffice.billing.periods import Period
from backoffice.billing.vat import VatSplit, total


class LineKind(StrEnum):
    """What a row is about. A THIRD_PARTY row is printed apart: it is not the operator's own service."""

    SUBSCRIPTION = "SUBSCRIPTION"
    OPTION = "OPTION"
    PRORATION = "PRORATION"
    FEE = "FEE"
    DEPOSIT = "DEPOSIT"
    STATEMENT = "STATEMENT"
    THIRD_PARTY = "THIRD_PARTY"


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a row charges or credits, out of those of a billing period."""

    served: Period
    of: Period

    @property
    def are_all(self) -> bool:
        """True where the row is about the whole billing period."""
        return self.served == self.of


@dataclass(frozen=True, slots=True)
class Line:
    """One row, numbered from 1; `unit_cents` is the price of one unit for a whole billing period, VAT included.

    `detail` is what an option consists of or which discount applies.
    Without `vat_rate` the row is outside the scope of VAT. Rows below zero give something back.
    """

    position: int
    kind: LineKind
    label: str
    amount: VatSplit
    vat_rate: Decimal | None
    contract_number: str | None = None
    detail: str | None = None
    days: Days | None = None
    quantity: int = 1
    unit_cents: int | None = None


@dataclass(frozen=True, slots=True)
class CreditedLine:
    """What is taken back (or, in a reversal, due again) of one row of an invoice: positive cents.

    `position` and `corrected` are the number and the label of that row as the invoice printed it.
    """

    label: str
    amount: VatSplit
    vat_rate: Decimal | None
    corrected: str
    position: int
    days: Days | None = None


@dataclass(frozen=True, slots=True)
class VatRow:
    """What a bill adds up to at one rate; None is outside the scope of VAT."""

    rate: Decimal | None
    amount: VatSplit


def vat_rows(lines: Sequence[Line] | Sequence[CreditedLine]) -> tuple[VatRow, ...]:
    """One row a rate, the highest first, what is outside the scope of VAT last."""
    rates = {line.vat_rate for line in lines}
    taxed = sorted((rate for rate in rates if rate is not None), reverse=True)
    untaxed = [None] if None in rates else []
    return tuple(
        VatRow(rate, total(line.amount for line in lines if line.vat_rate == rate)) for rate in chain(taxed, untaxed)
    )
