"""Changes of contracts: what an order does to a contract on its day, worked out first and written afterwards.

A change says which items end and begin, which promotions stop, what is charged, given back or no longer charged. It is
written by `changing`, at once or on its day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError
from backoffice.ids import GlobalId
from backoffice.models import (
    ChangeKind,
    ChangeOrder,
    Contract,
    ContractEventKind,
    ContractItem,
    OfferKind,
    OrderState,
)
from backoffice.services import commitments
from backoffice.services.agreements import Agreement
from backoffice.services.commitments import Commitment
from backoffice.services.planned_charges import PlannedCharge
from backoffice.services.plans import Caution, Plan, PlannedDocument, Requirement, Situation

_OF_THE_DAY = frozenset({ChangeKind.SUSPENSION, ChangeKind.REACTIVATION})
"""Changes that count from the day on which they are done, whichever that is."""


class AlreadyScheduled(BackofficeError):
    """Another change of the same kind waits for its day."""

    code = "CHANGE_ALREADY_SCHEDULED"

    def __init__(self, kind: ChangeKind, effective_on: date) -> None:
        super().__init__(
            f"A change ({kind.lower().replace('_', ' ')}) is scheduled for {effective_on}: cancel it first, or wait for "
            "that day.",
            field="contractId",
        )
        self.effective_on = effective_on


@dataclass(frozen=True, slots=True)
class Begun:
    """An item that a change begins."""

    offer_id: int
    kind: OfferKind
    starts_on: date
    quantity: int = 1
    anchor_on: date | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """An entry of the contract's history; without an item it concerns the one that the change begins, if any."""

    kind: ContractEventKind
    details: Mapping[str, Any] = field(default_factory=dict)
    item_id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What an order does to a contract on `effective_on`: the first day on which it counts.

    `ended` and `promotions` give items and promotions their last day (by id, not included), `contract` the columns that
    change, `cancelled` the waiting charges that are no longer billed.
    """

    kind: ChangeKind
    effective_on: date
    ended: Mapping[int, date | None] = field(default_factory=dict)
    begun: Begun | None = None
    promotions: Mapping[int, date | None] = field(default_factory=dict)
    contract: Mapping[str, Any] = field(default_factory=dict)
    charges: Sequence[PlannedCharge] = ()
    cancelled: Sequence[int] = ()
    bills_from: date | None = None
    """The day with which billing goes on: what was not billed before it is not charged any more."""
    happenings: Sequence[Happening] = ()

    @property
    def net_cents(self) -> int:
        """What the next invoice bears more, TTC; below zero: less."""
        return sum(charge.cents for charge in self.charges)


@dataclass(frozen=True, slots=True)
class ChangePlan(Plan):
    """The plan of a change. `notes` are the plans of the credit notes that are issued with it, an invoice each."""

    change: Change = field(kw_only=True)
    contract_id: int = field(kw_only=True)
    revision: int = field(kw_only=True)
    notes: tuple[Plan, ...] = ()
    promised: Sequence[PlannedCharge] = ()
    """Charges that a scheduled change writes at once, for its day."""
    at_once: Mapping[str, Any] = field(default_factory=dict)
    """Columns of the contract that a scheduled change sets already."""
    ends_at_once: Mapping[int, date | None] = field(default_factory=dict)
    """Items to which a scheduled change gives their last day already: whoever bills ahead must know it."""
    keeps: Mapping[str, Any] = field(default_factory=dict)
    """What the order remembers beside what it changed."""
    announces: Sequence[Happening] = ()
    """What the history says when the change is scheduled."""

    @property
    def is_scheduled(self) -> bool:
        """Whether it waits for its day."""
        return bool(self.facts["is_scheduled"])


def planned(
    situation: Situation,
    agreement: Agreement,
    change: Change,
    *,
    notes: Sequence[Plan] = (),
    promised: Sequence[PlannedCharge] = (),
    at_once: Mapping[str, Any] | None = None,
    ends_at_once: Mapping[int, date | None] | None = None,
    announces: Sequence[Happening] = (),
    cautions: Sequence[Caution] = (),
    asked_for: frozenset[Requirement] = frozenset(),
    facts: Mapping[str, Any] | None = None,
    dated: Mapping[str, Any] | None = None,
    keeps: Mapping[str, Any] | None = None,
) -> ChangePlan:
    """The plan of a change: what is scheduled books nothing yet, so it only shows what its notes would credit.

    Ceilings are compared with what the notes credit all the same: on its day the change is done without asking again.
    The revision of the contract is one of the figures: a change that comes in between makes the quote stale.
    """
    contract = agreement.contract
    is_scheduled = change.effective_on > situation.today
    issued = () if is_scheduled else tuple(notes)
    day = {"effective_on": change.effective_on.isoformat()}
    is_of_the_day = change.kind in _OF_THE_DAY
    return ChangePlan(
        account_id=agreement.account.id,
        target=GlobalId("Contract", contract.subscriber_id, contract.id),
        amount_cents=sum(note.amount_cents for note in notes),
        balance_before_cents=agreement.account.balance_cents,
        postings=tuple(posting for note in issued for posting in note.postings),
        document=issued[0].document if issued else None,
        offset_cents=sum(note.offset_cents for note in issued),
        refunds=tuple(refund for note in issued for refund in note.refunds),
        to_balance_cents=sum(note.to_balance_cents for note in issued),
        cautions=_cautions(agreement, [*cautions, *(caution for note in notes for caution in note.cautions)]),
        asked_for=asked_for,
        is_limited=bool(notes),
        facts={
            "kind": change.kind.value,
            "contract_revision": contract.revision,
            "is_scheduled": is_scheduled,
            "prorations": [charge.fact() for charge in change.charges],
            "net_cents": change.net_cents,
            "credit_notes": [_note_fact(note.document) for note in notes],
            **({} if is_of_the_day else day),
            **(facts or {}),
        },
        dated={**(day if is_of_the_day else {}), **(dated or {})},
        change=change,
        contract_id=contract.id,
        revision=contract.revision,
        notes=issued,
        promised=promised if is_scheduled else (),
        at_once=at_once or {},
        ends_at_once=ends_at_once or {},
        keeps=keeps or {},
        announces=announces,
    )


def promotions_ended(agreement: Agreement, items: Sequence[ContractItem], *, on: date) -> dict[int, date | None]:
    """The promotions of items that end with them, and their last day (not included)."""
    return {
        promotion.id: max(on, promotion.starts_on)
        for item in items
        for promotion in agreement.promotions_of(item)
        if promotion.ends_on > on
    }


def commitment_ended(agreement: Agreement, *, on: date) -> dict[str, Any]:
    """What becomes of the commitment of a contract that ends: it binds no more, whatever was left of it."""
    before = commitments.of(agreement.contract)
    return commitments.effect(
        before, Commitment(before.months, min(before.ends_on, on) if before.ends_on else None), on=on
    )


def scheduled(change: Change, **details: Any) -> Happening:
    """What the history says of a change whose day is to come."""
    return Happening(ContractEventKind.CHANGE_SCHEDULED, {"kind": change.kind.value, **details})


async def require_none_scheduled(session: AsyncSession, contract: Contract, *kinds: ChangeKind) -> None:
    """Raise AlreadyScheduled when a change of one of these kinds waits for its day."""
    row = ChangeOrder
    found = await session.execute(
        select(row)
        .where(row.subscriber_id == contract.subscriber_id, row.contract_id == contract.id)
        .where(row.state == OrderState.SCHEDULED, row.kind.in_(kinds))
        .order_by(row.effective_on)
        .limit(1)
    )
    waiting = found.scalar_one_or_none()
    if waiting is not None:
        raise AlreadyScheduled(waiting.kind, waiting.effective_on)


def _cautions(agreement: Agreement, found: Sequence[Caution]) -> tuple[Caution, ...]:
    partner = [] if agreement.is_ours_to_bill else [Caution.PARTNER_BILLS]
    return tuple(dict.fromkeys([*partner, *found]))


def _note_fact(document: PlannedDocument | None) -> dict[str, Any]:
    assert document is not None, "a note is planned with its document"
    return {
        "invoice": GlobalId("Invoice", document.subscriber_id, document.invoice_id or 0).encode(),
        "reason": document.reason.value if document.reason else None,
        "ht_cents": document.total.ht_cents,
        "vat_cents": document.total.vat_cents,
        "ttc_cents": document.total.ttc_cents,
        "lines": [
            {
                "label": line.label,
                "starts_on": line.starts_on.isoformat() if line.starts_on else None,
                "ends_on": line.ends_on.isoformat() if line.ends_on else None,
                "cents": line.split.ttc_cents,
                "derivation": line.derivation,
            }
            for line in document.lines
        ],
    }
