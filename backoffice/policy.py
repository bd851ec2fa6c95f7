"""What the operator allows its staff, as dated data: ceilings, fresh codes, reasons that ask for more, goodwill, dunning.

A rule of the operator, unlike a rule of law (`billing.rules`), is the operator's to change: add a policy with the day from
which it applies, and keep the older ones, so that what was decided under them can still be explained.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from backoffice.permissions import Role


@dataclass(frozen=True, slots=True)
class DunningPolicy:
    """Days after the due date of an unpaid invoice; `fee_code` is the article of the catalogue that is charged."""

    reminder_days: int = 0
    second_reminder_days: int = 8
    suspension_days: int = 15
    fee_code: str = "FRAIS-REJET"
    least_cents: int = 100
    """Below it nothing is asked for, nor is anything cut."""
    card_alert_days: int = 30
    """A subscriber is told of a card that ends so many days before it does, or earlier than the next charge."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy, from `applies_from` until the next one. Amounts are cents, TTC."""

    applies_from: date
    ceilings: Mapping[Role, int]
    """What a role may credit or refund alone, in one act; beyond it a second person decides."""
    step_up_above_cents: int = 2_000
    goodwill_a_year_cents: int = 10_000
    """Goodwill credits of one subscriber in twelve months, together."""
    largest_cents: int = 100_000_000
    """No single act moves more; what is asked beyond it is a slip of the keyboard."""
    quote_minutes: int = 10
    refund_delay_minutes: int = 10
    """A refund waits so long before it leaves: until then it can be undone."""
    approval_hours: int = 72
    document_link_minutes: int = 10
    """How long the link to a document opens it, for whoever asked for it."""
    note_for: frozenset[str] = frozenset({"GOODWILL", "DUPLICATE_PARTNER_CHARGE"})
    """Reasons that need a note."""
    ticket_for: frozenset[str] = frozenset({"UNUSED_OPTION"})
    """Reasons that are judged case by case and need a ticket with a proof attached."""
    note_above_cents: int = 5_000
    payment_days: int = 7
    """An invoice is due on the account's first debit day at least so many days after it was issued."""
    device_inactive_days: int = 30
    """A linked device that was not used for so long is proposed when a slot is wanted."""
    free_exit_for: frozenset[str] = frozenset({"DEATH"})
    """Reasons to leave for which nothing is asked beyond what the law frees from."""
    exit_fee_vat_rate: Decimal | None = None
    """None: what is due for the months left of a commitment is an indemnity, outside the scope of VAT."""
    legal_interest: Fraction = Fraction(665, 10_000)
    """The legal interest rate owed to individuals, published each half-year: check it before relying on it."""
    dunning: DunningPolicy = field(default_factory=DunningPolicy)

    def ceiling_cents(self, role: Role | None) -> int:
        """What a role may move alone; nothing for whoever has no ceiling."""
        return self.ceilings.get(role, 0) if role is not None else 0


POLICIES = (
    Policy(
        applies_from=date(2020, 1, 1),
        ceilings={Role.AGENT: 5_000, Role.SUPERVISOR: 50_000, Role.BILLING: 200_000},
    ),
)
"""Oldest first."""


def in_force(on: date) -> Policy:
    """The policy of a day; the oldest one for the days before it."""
    return next((policy for policy in reversed(POLICIES) if policy.applies_from <= on), POLICIES[0])
