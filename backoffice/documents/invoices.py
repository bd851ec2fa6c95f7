"""What an invoice prints."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from backoffice.billing.periods import Period
from backoffice.billing.vat import VatSplit, total
from backoffice.documents.headings import Heading
from backoffice.documents.lines import Line, LineKind, VatRow, vat_rows
from backoffice.documents.payments import Collection, Offset, Paid, Reopened


@dataclass(frozen=True, slots=True)
class ContractBlock:
    """A contract that is billed. `commitment_ends_on` is the first day without commitment; None: there is none.

    Source: an invoice shows until when the subscriber is bound (Code de la consommation, L224-36).
    """

    number: str
    offer: str
    commitment_ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that are printed together: of a contract, of none, or of third parties."""

    title: str
    contract: ContractBlock | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as it is printed. `settlements` are what has changed the amount due, in order of time.

    They are told as they were known on the day `known_on`.
    """

    heading: Heading
    due_on: date
    period: Period
    contracts: tuple[ContractBlock, ...]
    lines: tuple[Line, ...]
    settlements: tuple[Paid | Offset | Reopened, ...] = ()
    collection: Collection | None = None
    known_on: date | None = None

    @property
    def total(self) -> VatSplit:
        """The whole invoice, in cents."""
        return total(line.amount for line in self.lines)

    @property
    def vat(self) -> tuple[VatRow, ...]:
        """What the invoice adds up to, by rate."""
        return vat_rows(self.lines)

    @property
    def due_cents(self) -> int:
        """What remains to be paid; what was paid beyond the total is on the account, not here."""
        return max(0, self.total.ttc_cents - sum(settlement.cents for settlement in self.settlements))

    @property
    def sections(self) -> tuple[Section, ...]:
        """The rows by contract, then those of no contract, then third parties' services; without empty ones."""
        return tuple(section for section in self._sections() if section.lines)

    def _sections(self) -> Iterator[Section]:
        own = [line for line in self.lines if line.kind is not LineKind.THIRD_PARTY]
        known = {contract.number for contract in self.contracts}
        for contract in self.contracts:
            yield Section("contract", contract, tuple(line for line in own if line.contract_number == contract.number))
        yield Section("other", None, tuple(line for line in own if line.contract_number not in known))
        yield Section("third_party", None, tuple(line for line in self.lines if line.kind is LineKind.THIRD_PARTY))
