"""What billing knows of an account: contracts, items, promotions and charges that wait, read for many at once.

One account or a batch of a run: the same few statements, so that what is foreseen and what is billed cannot differ.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.encoding import JsonObject
from backoffice.billing.items import DatedPromotion
from backoffice.models import (
    BilledBy,
    BillingAccount,
    Contract,
    ContractItem,
    ContractState,
    ExtraCharge,
    Language,
    LineKind,
    OfferKind,
    Promotion,
    Subscriber,
)

BILLED_STATES = (ContractState.ACTIVE, ContractState.SUSPENDED, ContractState.TERMINATING)
"""Contracts of which periods are billed."""


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item of a contract with its promotions."""

    id: int
    offer_id: int
    kind: OfferKind
    quantity: int
    agreed_amount_cents: int | None
    anchor_on: date | None
    billed_until: date | None
    starts_on: date
    ends_on: date | None
    promotions: tuple[DatedPromotion, ...]


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """A contract that the operator bills, with its items in their order."""

    id: int
    number: str
    state: ContractState
    starts_on: date
    ends_on: date | None
    anchor_on: date
    period_months: int
    billed_until: date | None
    suspended_on: date | None
    items: tuple[ItemFacts, ...]

    @property
    def limit_on(self) -> date | None:
        """The first day that is not charged: the contract ends then, or its services were cut."""
        suspended_on = self.suspended_on if self.state is ContractState.SUSPENDED else None
        return min((day for day in (self.ends_on, suspended_on) if day), default=None)


@dataclass(frozen=True, slots=True)
class WaitingCharge:
    """A charge, or a credit below zero, that waits for the next invoice. Amounts are cents TTC."""

    id: int
    contract_id: int | None
    contract_item_id: int | None
    offer_id: int | None
    price_version_id: int | None
    kind: LineKind
    label: str
    starts_on: date | None
    ends_on: date | None
    unit_cents: int
    vat_rate: Decimal | None
    ttc_cents: int
    derivation: JsonObject
    billable_from: date


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account with everything that its next invoice is made of."""

    subscriber_id: int
    id: int
    language: Language
    debit_day: int
    contracts: tuple[ContractFacts, ...]
    waiting: tuple[WaitingCharge, ...]

    @property
    def offer_ids(self) -> set[int]:
        """Every offer whose price is needed."""
        return {item.offer_id for contract in self.contracts for item in contract.items}


async def read(
    session: AsyncSession, subscriber_ids: Collection[int], *, account_id: int | None = None
) -> list[AccountFacts]:
    """The accounts of these subscribers (or one of them), in order of subscriber and account."""
    accounts = await _rows(
        session,
        select(BillingAccount.subscriber_id, BillingAccount.id, BillingAccount.debit_day, Subscriber.language).join(
            Subscriber, Subscriber.id == BillingAccount.subscriber_id
        ),
        BillingAccount,
        subscriber_ids,
        [] if account_id is None else [BillingAccount.id == account_id],
    )
    contracts = await _contracts(session, subscriber_ids)
    waiting = _grouped(await _waiting(session, subscriber_ids))
    return [
        AccountFacts(
            row.subscriber_id,
            row.id,
            row.language,
            row.debit_day,
            tuple(contracts[row.subscriber_id, row.id]),
            tuple(WaitingCharge(*found[2:]) for found in waiting[row.subscriber_id, row.id]),
        )
        for row in accounts
    ]


async def _contracts(
    session: AsyncSession, subscriber_ids: Collection[int]
) -> dict[tuple[int, int], list[ContractFacts]]:
    row = Contract
    found = await _rows(
        session,
        select(
            row.subscriber_id,
            row.billing_account_id,
            row.id,
            row.number,
            row.state,
            row.starts_on,
            row.ends_on,
            row.anchor_on,
            row.period_months,
            row.billed_until,
            row.suspended_on,
        ),
        row,
        subscriber_ids,
        [row.billed_by == BilledBy.OPERATOR, row.state.in_(BILLED_STATES)],
    )
    items = await _items(session, subscriber_ids)
    known: dict[tuple[int, int], list[ContractFacts]] = defaultdict(list)
    for each in sorted(found, key=lambda each: (each.subscriber_id, each.starts_on, each.id)):
        facts = ContractFacts(*(*each[2:], tuple(items[each.subscriber_id, each.id])))
        known[each.subscriber_id, each.billing_account_id].append(facts)
    return known


async def _items(session: AsyncSession, subscriber_ids: Collection[int]) -> dict[tuple[int, int], list[ItemFacts]]:
    row = ContractItem
    found = await _rows(
        session,
        select(
            row.subscriber_id,
            row.contract_id,
            row.id,
            row.offer_id,
            row.kind,
            row.quantity,
            row.agreed_amount_cents,
            row.anchor_on,
            row.billed_until,
            row.starts_on,
            row.ends_on,
        ).join(Contract, and_(Contract.subscriber_id == row.subscriber_id, Contract.id == row.contract_id)),
        row,
        subscriber_ids,
        [
            Contract.state.in_(BILLED_STATES),
            # What ended before the period that is billed next has nothing left to bill.
            or_(
                row.ends_on.is_(None),
                Contract.billed_until.is_(None),
                row.ends_on > Contract.billed_until,
                row.ends_on > row.billed_until,
                and_(row.anchor_on.is_not(None), row.billed_until.is_(None)),
            ),
        ],
    )
    promotions = await _promotions(session, subscriber_ids)
    known: dict[tuple[int, int], list[ItemFacts]] = defaultdict(list)
    for each in sorted(found, key=_in_order):
        facts = ItemFacts(*(*each[2:], tuple(promotions[each.subscriber_id, each.id])))
        known[each.subscriber_id, each.contract_id].append(facts)
    return known


def _in_order(item: Any) -> tuple[Any, ...]:
    """The offer itself first, then its options, then what is paid once; the older before the newer."""
    return (list(OfferKind).index(item.kind), item.starts_on, item.id)


async def _promotions(
    session: AsyncSession, subscriber_ids: Collection[int]
) -> dict[tuple[int, int], list[DatedPromotion]]:
    row = Promotion
    found = await _rows(
        session,
        select(
            row.subscriber_id, row.contract_item_id, row.label, row.discount_cents, row.starts_on, row.ends_on, row.id
        ),
        row,
        subscriber_ids,
        [],
    )
    known: dict[tuple[int, int], list[DatedPromotion]] = defaultdict(list)
    for each in found:
        dated = DatedPromotion(each.label, each.discount_cents, each.starts_on, each.ends_on)
        known[each.subscriber_id, each.contract_item_id].append(dated)
    return known


async def _waiting(session: AsyncSession, subscriber_ids: Collection[int]) -> list[Any]:
    row = ExtraCharge
    found = await _rows(
        session,
        select(
            row.subscriber_id,
            row.billing_account_id,
            row.id,
            row.contract_id,
            row.contract_item_id,
            row.offer_id,
            row.price_version_id,
            row.kind,
            row.label,
            row.starts_on,
            row.ends_on,
            row.unit_cents,
            row.vat_rate,
            row.ttc_cents,
            row.derivation,
            row.billable_from,
        ),
        row,
        subscriber_ids,
        [row.invoice_line_id.is_(None), row.cancelled_at.is_(None)],
    )
    return sorted(found, key=lambda each: (each.billable_from, each.id))


async def _rows(
    session: AsyncSession, wanted: Any, table: Any, subscriber_ids: Collection[int], conditions: Iterable[Any]
) -> list[Any]:
    statement = wanted.where(table.subscriber_id.in_(subscriber_ids), *conditions)
    found = await session.execute(statement.order_by(table.subscriber_id, table.id))
    return list(found.all())


def _grouped(rows: Iterable[Any]) -> dict[tuple[int, int], list[Any]]:
    known: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in rows:
        known[row[0], row[1]].append(row)
    return known
