"""What goes wrong in a subscriber's life, as the plan says: failed payments, credits, suspensions, tickets."""

from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum, auto

from backoffice.billing.periods import Period
from backoffice.models import CreditReason, RefundState, TicketChannel, TicketPriority, TicketState

CARD_TOO_OLD, NO_MONEY = "54", "51"
"""What card schemes answer: a card past its month, not enough money."""


class Trouble(StrEnum):
    """What an agent will find in the file."""

    NONE = auto()
    CARD_EXPIRED = auto()
    CARD_RENEWED = auto()
    UNDUE_SUSPENSION = auto()
    CARD_DENIED = auto()
    DEBIT_RETURNED = auto()
    DEBIT_RETURNED_AND_PAID = auto()
    PARTNER_DUPLICATE = auto()
    UNUSED_OPTION = auto()
    PROMOTION_OVERBILLED = auto()
    CHANGE_OVERBILLED = auto()
    OUTAGE = auto()
    GOODWILL = auto()
    WITHDRAWAL = auto()
    PAID_IN_PART = auto()
    OVERPAID = auto()
    PAID_TOGETHER = auto()
    STRANGE_LOGIN = auto()
    FORGOTTEN_DEVICES = auto()
    STOLEN_DEVICE = auto()


class Outcome(Enum):
    """How an invoice is settled; without a settlement it is paid on its due day."""

    DENIED_THEN_PAID = auto()
    RETURNED = auto()
    IN_PART = auto()
    TOO_MUCH = auto()
    WITH_THE_NEXT = auto()
    UNPAID = auto()


@dataclass(frozen=True, slots=True)
class Settlement:
    """The failure of an invoice's payment, and the day on which another payment made it good, if any."""

    outcome: Outcome
    failed_on: date | None = None
    code: str | None = None
    paid_on: date | None = None


class Pick(Enum):
    """Which issued lines a credit note corrects."""

    OFFER = auto()
    ROLLING_OPTION = auto()
    OVERBILLED = auto()
    EVERYTHING = auto()


@dataclass(frozen=True, slots=True)
class CreditPlan:
    """A credit note on the invoice of period number `period`, for days of its lines or an amount of cents."""

    period: int
    on: date
    reason: CreditReason
    pick: Pick
    days: Period | None = None
    asked_cents: int | None = None
    to_balance: bool = False
    contract: int = 0


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A refund that was asked for and has moved no money: it waits for a second person, or was refused."""

    on: date
    cents: int
    state: RefundState


@dataclass(frozen=True, slots=True)
class SuspensionPlan:
    """Services cut for an unpaid invoice; `ends_on` is None while they still are."""

    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class TicketPlan:
    """A ticket: the text that it follows, and how far it has come."""

    story: str
    opened_on: date
    state: TicketState
    channel: TicketChannel
    priority: TicketPriority
