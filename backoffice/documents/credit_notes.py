"""What a credit note prints, and what the document prints that undoes one."""

from dataclasses import dataclass
from enum import StrEnum

from backoffice.billing.vat import VatSplit, total
from backoffice.documents.headings import Heading, Reference
from backoffice.documents.lines import CreditedLine, VatRow, vat_rows
from backoffice.documents.payments import Collection, Repayment
from backoffice.errors import BackofficeError


class CreditReason(StrEnum):
    """Why something is credited."""

    BILLING_ERROR = "BILLING_ERROR"
    PRORATION_ERROR = "PRORATION_ERROR"
    SERVICE_FAILURE = "SERVICE_FAILURE"
    UNUSED_OPTION = "UNUSED_OPTION"
    WITHDRAWAL = "WITHDRAWAL"
    DUPLICATE_PARTNER_CHARGE = "DUPLICATE_PARTNER_CHARGE"
    UNDUE_SUSPENSION = "UNDUE_SUSPENSION"
    GOODWILL = "GOODWILL"
    TERMINATION = "TERMINATION"


class Unbalanced(BackofficeError):
    """A document says where its money goes, and forgets some of it."""

    code = "DOCUMENT_UNBALANCED"

    def __init__(self, number: str, ttc_cents: int, disposed_cents: int) -> None:
        super().__init__(
            f"{number} is of {ttc_cents} cents, and {disposed_cents} cents of it have a destination: "
            "give the parts of its disposition as they were posted."
        )
        self.number = number
        self.ttc_cents = ttc_cents
        self.disposed_cents = disposed_cents


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A credit note as it is printed: all amounts are positive cents in the customer's favour.

    What it corrects was unpaid (`offset_cents`), goes back (`repayments`) or stays on the account (`kept_cents`).
    Raises `Unbalanced` where these are not the whole.
    """

    heading: Heading
    invoice: Reference
    reason: CreditReason
    lines: tuple[CreditedLine, ...]
    note: str | None = None
    offset_cents: int = 0
    repayments: tuple[Repayment, ...] = ()
    kept_cents: int = 0

    def __post_init__(self) -> None:
        repaid_cents = sum(repayment.cents for repayment in self.repayments)
        _require_whole(self.heading, self.total, self.offset_cents + repaid_cents + self.kept_cents)

    @property
    def total(self) -> VatSplit:
        """The whole credit, in cents."""
        return total(line.amount for line in self.lines)

    @property
    def vat(self) -> tuple[VatRow, ...]:
        """What the credit note adds up to, by rate."""
        return vat_rows(self.lines)


@dataclass(frozen=True, slots=True)
class CreditNoteReversal:
    """A debit document that undoes a credit note: all amounts are positive cents that are owed again.

    They are taken back from the account balance (`taken_cents`) or due (`due_cents`), then with `collection`.
    Raises `Unbalanced` where these are not the whole.
    """

    heading: Heading
    credit_note: Reference
    invoice: Reference
    lines: tuple[CreditedLine, ...]
    note: str | None = None
    due_cents: int = 0
    taken_cents: int = 0
    collection: Collection | None = None

    def __post_init__(self) -> None:
        _require_whole(self.heading, self.total, self.due_cents + self.taken_cents)

    @property
    def total(self) -> VatSplit:
        """The whole document, in cents."""
        return total(line.amount for line in self.lines)

    @property
    def vat(self) -> tuple[VatRow, ...]:
        """What the document adds up to, by rate."""
        return vat_rows(self.lines)


def _require_whole(heading: Heading, whole: VatSplit, disposed_cents: int) -> None:
    if whole.ttc_cents != disposed_cents:
        raise Unbalanced(heading.number, whole.ttc_cents, disposed_cents)
