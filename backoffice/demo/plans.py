"""The plan of one subscriber's life: what was agreed and what goes wrong, before any amount is computed.

A plan is cheap to make twice. The first pass makes all plans to count documents a day, so that the second pass, which
writes subscriber by subscriber, knows the number of each document.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from backoffice.billing.periods import Period
from backoffice.demo.agreed import ContractPlan
from backoffice.demo.setbacks import CreditPlan, RefundRequest, Settlement, SuspensionPlan, TicketPlan, Trouble
from backoffice.models import PaymentMethodKind, SubscriberKind, SubscriberState


@dataclass(slots=True)
class Plan:
    """One subscriber's life within the window."""

    index: int
    concluded_on: date
    anchor_on: date
    period_months: int
    periods: tuple[Period, ...]
    debit_day: int
    payer: PaymentMethodKind
    contracts: list[ContractPlan]
    kind: SubscriberKind = SubscriberKind.CONSUMER
    state: SubscriberState = SubscriberState.ACTIVE
    trouble: Trouble = Trouble.NONE
    is_fragile: bool = False
    settlements: dict[int, Settlement] = field(default_factory=dict)
    credits: list[CreditPlan] = field(default_factory=list)
    refund_request: RefundRequest | None = None
    suspension: SuspensionPlan | None = None
    card_expired_on: date | None = None
    card_renewed_on: date | None = None
    tickets: list[TicketPlan] = field(default_factory=list)

    @property
    def is_rich(self) -> bool:
        """Whether this is one of the two subscribers that have everything."""
        return self.index < 2

    def issue_on(self, number: int) -> date:
        """The day on which the invoice of period `number` is issued: its first day, or the first day of all."""
        return max(self.periods[number].starts_on, self.contracts[0].starts_on)

    def due_on(self, number: int) -> date:
        """The first debit day at least a week after the issue."""
        earliest = self.issue_on(number) + timedelta(days=7)
        due = earliest.replace(day=self.debit_day)
        return due if due >= earliest else (earliest.replace(day=1) + timedelta(days=31)).replace(day=self.debit_day)

    def served(self, contract: ContractPlan, number: int) -> list[tuple[int, Period]]:
        """What the invoice of period `number` bills of a contract: (period number, days), an earlier start first."""
        if not contract.is_billed:
            return []
        parts = []
        if number and contract.starts_on > self.issue_on(number - 1):
            parts.append((number - 1, contract.served(self.periods[number - 1])))
        if contract.starts_on <= self.issue_on(number):
            parts.append((number, contract.served(self.periods[number])))
        return [(which, days) for which, days in parts if days]

    def invoiced(self) -> list[int]:
        """The numbers of the periods for which an invoice was issued."""
        return [
            number
            for number in range(len(self.periods))
            if any(self.served(contract, number) for contract in self.contracts)
        ]
