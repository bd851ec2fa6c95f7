"""How a bill is or was paid, in the words of the customer's own means of payment."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class MeansKind(StrEnum):
    """How money moves. ACCOUNT_BALANCE is what the subscriber's account already held."""

    CARD = "CARD"
    DIRECT_DEBIT = "DIRECT_DEBIT"
    TRANSFER = "TRANSFER"
    CHECK = "CHECK"
    ACCOUNT_BALANCE = "ACCOUNT_BALANCE"


@dataclass(frozen=True, slots=True)
class Means:
    """A means of payment: of a card or an IBAN only the last four characters, of a mandate its reference."""

    kind: MeansKind
    last_four: str | None = None
    mandate_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment, or a part of the account balance, that paid a part of the invoice (positive cents).

    Without `means` it is not known how the money came in.
    """

    on: date
    means: Means | None
    cents: int


@dataclass(frozen=True, slots=True)
class Offset:
    """A credit note that reduced what the invoice still asks for (positive cents)."""

    on: date
    number: str
    cents: int


@dataclass(frozen=True, slots=True)
class Reopened:
    """What went back by a credit note that a document has undone since: due again (cents below zero)."""

    on: date
    number: str
    cents: int


@dataclass(frozen=True, slots=True)
class Collection:
    """How what remains due will be paid: a debit on that day, or for other means the day by which to pay."""

    on: date
    means: Means

    @property
    def is_automatic(self) -> bool:
        """True where the operator takes the money itself."""
        return self.means.kind in (MeansKind.CARD, MeansKind.DIRECT_DEBIT)


@dataclass(frozen=True, slots=True)
class Repayment:
    """The part of a credit that goes back to a means of payment (positive cents), at the latest on a day."""

    means: Means
    cents: int
    by: date | None = None
