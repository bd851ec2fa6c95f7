"""Plans: everything that an act would do, worked out before anything is written.

A preview shows a plan and signs its figures; a confirmation works the plan out again, under lock, and carries it out only
if the figures are the same. There is no other way to an amount, so what was shown is what is done.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from backoffice.billing.encoding import JsonObject
from backoffice.billing.vat import VatSplit
from backoffice.ids import GlobalId
from backoffice.models import CreditReason, LedgerAccount, PaymentMethodKind, PostingKind
from backoffice.permissions import Viewer
from backoffice.policy import Policy
from backoffice.services.postings import Entries


class Requirement(StrEnum):
    """What an act asks for before it can be confirmed."""

    STEP_UP = "STEP_UP"
    SECOND_PERSON = "SECOND_PERSON"
    NOTE = "NOTE"
    TICKET = "TICKET"


class Caution(StrEnum):
    """What whoever acts should know; none of these forbids the act."""

    CLAIM_BARRED = "CLAIM_BARRED"
    PERIOD_ALREADY_CREDITED = "PERIOD_ALREADY_CREDITED"
    PARTNER_BILLS = "PARTNER_BILLS"
    PAYMENT_RETURNED = "PAYMENT_RETURNED"
    MEANS_EXPIRED = "MEANS_EXPIRED"
    STAYS_ON_ACCOUNT = "STAYS_ON_ACCOUNT"
    BECOMES_DUE_AGAIN = "BECOMES_DUE_AGAIN"
    COMMITMENT_PROLONGED = "COMMITMENT_PROLONGED"
    PAYMENT_ON_ITS_WAY = "PAYMENT_ON_ITS_WAY"
    REFERENCE_KNOWN = "REFERENCE_KNOWN"
    REFUND_ON_ITS_WAY = "REFUND_ON_ITS_WAY"
    DEADLINE_OVER = "DEADLINE_OVER"


class DocumentNature(StrEnum):
    """What document an act makes."""

    CREDIT_NOTE = "CREDIT_NOTE"
    CREDIT_NOTE_REVERSAL = "CREDIT_NOTE_REVERSAL"
    INVOICE = "INVOICE"


class Order(BaseModel):
    """The input of an act, with rows named by their ids: plain values, so that it can be signed and kept."""

    model_config = ConfigDict(frozen=True)

    subscriber_id: int
    note: str | None = None
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """Who acts, when, and under which policy; `today` is the civil day of `at` where the operator is.

    When a day that has passed is caught up on, `today` is that day: what is decided is decided as on it. The documents
    are of the day on which they are made, `made_on`, because numbers follow days.
    """

    viewer: Viewer
    at: datetime
    today: date
    policy: Policy
    made_on: date | None = None

    @property
    def issued_on(self) -> date:
        """The day that a document bears which is made now."""
        return self.made_on or self.today


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line of the document to be made; `invoice_line_id` is the issued line that it corrects, if any."""

    subscriber_id: int
    label: str
    split: VatSplit
    vat_rate: Decimal | None
    derivation: JsonObject
    starts_on: date | None = None
    ends_on: date | None = None
    invoice_line_id: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedDocument:
    """A document that the act would issue. Amounts are cents, positive."""

    subscriber_id: int
    nature: DocumentNature
    lines: tuple[PlannedLine, ...]
    invoice_id: int | None = None
    reason: CreditReason | None = None

    @property
    def total(self) -> VatSplit:
        """The sum of its lines."""
        return VatSplit(
            sum(line.split.ht_cents for line in self.lines), sum(line.split.vat_cents for line in self.lines)
        )


@dataclass(frozen=True, slots=True)
class PlannedPosting:
    """A posting that the act would book."""

    kind: PostingKind
    entries: Entries


@dataclass(frozen=True, slots=True)
class PlannedRefund:
    """Money that would go back to the payment that brought it."""

    subscriber_id: int
    payment_id: int
    means: PaymentMethodKind | None
    amount_cents: int


@dataclass(frozen=True, slots=True)
class PlannedAllocation:
    """The part of a payment that would pay an invoice; below zero: that would no longer pay it."""

    subscriber_id: int
    invoice_id: int
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What an act would do. `amount_cents` is what ceilings are compared with, `target` what is acted on.

    `facts` are further figures of one kind of act, plain values: they are shown and signed like the others. `dated` are
    those that only follow from the day on which it is done: shown, but another day does not make the act another one.
    """

    account_id: int
    target: GlobalId
    amount_cents: int
    balance_before_cents: int
    postings: tuple[PlannedPosting, ...] = ()
    document: PlannedDocument | None = None
    offset_cents: int = 0
    refunds: tuple[PlannedRefund, ...] = ()
    to_balance_cents: int = 0
    allocations: tuple[PlannedAllocation, ...] = ()
    cautions: tuple[Caution, ...] = ()
    asked_for: frozenset[Requirement] = frozenset()
    """Requirements that follow from what is done, besides those of the policy."""
    is_limited: bool = True
    """Whether ceilings and fresh codes apply; a payment that comes in needs none."""
    facts: dict[str, Any] = field(default_factory=dict)
    dated: dict[str, Any] = field(default_factory=dict)

    @property
    def balance_after_cents(self) -> int:
        """What the account would owe afterwards."""
        receivable = (posting.entries.get(LedgerAccount.RECEIVABLE, 0) for posting in self.postings)
        return self.balance_before_cents + sum(receivable)


def figures(plan: Plan) -> dict[str, Any]:
    """The figures that a quote signs: what the act does, not what happened to stand there before."""
    return {
        "amount": plan.amount_cents,
        "document": _document(plan.document),
        "postings": [[posting.kind, dict(sorted(posting.entries.items()))] for posting in plan.postings],
        "offset": plan.offset_cents,
        "refunds": [[refund.payment_id, refund.amount_cents] for refund in plan.refunds],
        "balance": plan.to_balance_cents,
        "allocations": [[each.invoice_id, each.amount_cents] for each in plan.allocations],
        "facts": plan.facts,
    }


def digest(plan: Plan) -> str:
    """The hash of a plan's figures."""
    return digest_of(figures(plan))


def digest_of(shown: dict[str, Any]) -> str:
    """The hash of figures, as they are shown or as they were kept."""
    canonical = json.dumps(shown, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _document(document: PlannedDocument | None) -> Any:
    if document is None:
        return None
    lines = [
        [
            line.invoice_line_id,
            line.label,
            line.split.ht_cents,
            line.split.vat_cents,
            str(line.starts_on),
            str(line.ends_on),
        ]
        for line in document.lines
    ]
    return [document.nature, document.invoice_id, document.reason, lines]
