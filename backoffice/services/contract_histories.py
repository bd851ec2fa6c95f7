"""The history of a contract with its two times: what was in force on which days, as far as it was known at an instant.

Items, promotions and the contract's end say when something counts; events and change orders say when we knew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.items import DatedPromotion
from backoffice.billing.periods import Period
from backoffice.models import (
    ChangeOrder,
    ContractEvent,
    ContractEventKind,
    ContractItem,
    OfferKind,
    Promotion,
)
from backoffice.services.agreements import Agreement

_BEGIN = (ContractEventKind.OFFER_CHANGED, ContractEventKind.OPTION_ADDED)
_END_OF_CONTRACT = (
    ContractEventKind.TERMINATION_REQUESTED,
    ContractEventKind.TERMINATED,
    ContractEventKind.WITHDRAWN,
)


@dataclass(frozen=True, slots=True)
class Item:
    """An item on the days [starts_on, ends_on); `id` is None for one that is only supposed."""

    id: int | None
    offer_id: int
    kind: OfferKind
    quantity: int
    agreed_cents: int | None
    anchor_on: date | None
    starts_on: date
    ends_on: date | None
    promotions: tuple[DatedPromotion, ...] = ()
    served: Period | None = None
    """The only days on which it was served, where that is supposed."""


@dataclass(frozen=True, slots=True)
class History:
    """What a contract consisted of, by date; `suspensions` are the days on which its services were cut."""

    items: tuple[Item, ...]
    ends_on: date | None
    suspensions: tuple[Period, ...]


async def read(session: AsyncSession, agreement: Agreement, *, known_at: datetime | None) -> History:
    """The history of a contract as it was known at an instant; None: as it is known now."""
    contract = agreement.contract
    events = await _events(session, agreement)
    known = [event for event in events if known_at is None or event.recorded_at <= known_at]
    told = [] if known_at is None else await _orders_since(session, agreement, known_at)
    item_ends, promotion_ends = (_ends_before(told, name, known_at) for name in ("ended", "promotions"))
    knowledge = _Knowledge(events, known, item_ends, promotion_ends)
    ends_on = contract.ends_on if knowledge.knows_end() else None
    items = [_item(agreement, item, knowledge) for item in agreement.items if knowledge.knows(item.id, _BEGIN)]
    return History(tuple(items), ends_on, _suspensions(known))


@dataclass(frozen=True, slots=True)
class _Knowledge:
    """All events, those that were known, and the last days that orders which came later took away."""

    events: Sequence[ContractEvent]
    known: Sequence[ContractEvent]
    item_ends: Mapping[int, date | None]
    promotion_ends: Mapping[int, date | None]

    def knows(self, item_id: int, kinds: Iterable[ContractEventKind]) -> bool:
        """Whether what happened to an item was recorded by then."""
        same = [event for event in self.events if event.contract_item_id == item_id and event.kind in kinds]
        return _is_known(self.known, same)

    def knows_end(self) -> bool:
        """Whether the end of the contract was recorded by then."""
        return _is_known(self.known, [event for event in self.events if event.kind in _END_OF_CONTRACT])

    def end_of(self, item: ContractItem, contract_ends_on: date | None) -> date | None:
        """The last day of an item (not included) as it was known."""
        if item.id in self.item_ends:
            return self.item_ends[item.id]
        ended = [
            event
            for event in self.events
            if (event.kind is ContractEventKind.OPTION_ENDED and event.contract_item_id == item.id)
            or (
                event.kind is ContractEventKind.OFFER_CHANGED
                and item.kind is OfferKind.OFFER
                and event.effective_on == item.ends_on
                and event.contract_item_id != item.id
            )
            or (event.kind in _END_OF_CONTRACT and item.ends_on == contract_ends_on)
        ]
        return item.ends_on if _is_known(self.known, ended) else None


def _is_known(known: Sequence[ContractEvent], which: Sequence[ContractEvent]) -> bool:
    """Whether one of these events was recorded by then; what no event tells was known from the start."""
    return not which or any(event in known for event in which)


def _item(agreement: Agreement, item: ContractItem, knowledge: _Knowledge) -> Item:
    granted = (ContractEventKind.PROMOTION_GRANTED,)
    promotions = agreement.promotions_of(item) if knowledge.knows(item.id, granted) else []
    return Item(
        id=item.id,
        offer_id=item.offer_id,
        kind=item.kind,
        quantity=item.quantity,
        agreed_cents=item.agreed_amount_cents,
        anchor_on=item.anchor_on,
        starts_on=item.starts_on,
        ends_on=knowledge.end_of(item, agreement.contract.ends_on),
        promotions=tuple(_promotion(each, knowledge.promotion_ends) for each in promotions),
    )


def _promotion(row: Promotion, ends: Mapping[int, date | None]) -> DatedPromotion:
    dated = DatedPromotion(row.label, row.discount_cents, row.starts_on, row.ends_on)
    return replace(dated, ends_on=ends[row.id]) if row.id in ends else dated


def _suspensions(known: Iterable[ContractEvent]) -> tuple[Period, ...]:
    """The days on which the services were cut; a cut that lasts has no last day yet."""
    cuts: list[Period] = []
    since: date | None = None
    for event in known:
        if event.kind is ContractEventKind.SUSPENDED:
            since = since or event.effective_on
        elif event.kind is ContractEventKind.REACTIVATED and since is not None:
            cuts.append(Period(since, max(since, event.effective_on)))
            since = None
    return (*cuts, Period(since, date.max)) if since else tuple(cuts)


def _ends_before(orders: Iterable[ChangeOrder], name: str, known_at: datetime | None) -> dict[int, date | None]:
    """The last days that rows had before orders of which nothing was known yet, the newest first, gave them others."""
    ends: dict[int, date | None] = {}
    for order in orders:
        for row_id, ends_on in _kept(order, name, known_at).items():
            ends[int(row_id)] = date.fromisoformat(ends_on) if ends_on else None
    return ends


def _kept(order: ChangeOrder, name: str, known_at: datetime | None) -> dict[str, str | None]:
    """What an order keeps of the days before it, without those that it announced when it was given."""
    assert known_at is not None, "orders are looked for since an instant"
    kept, scheduled = order.applied or {}, (order.applied or {}).get("scheduled", {}).get(name, {})
    was_announced = order.requested_at <= known_at
    applied = kept.get(name, {}) if order.applied_at and order.applied_at > known_at else {}
    if was_announced:
        return {row_id: ends_on for row_id, ends_on in applied.items() if row_id not in scheduled}
    return {**applied, **scheduled}


async def _events(session: AsyncSession, agreement: Agreement) -> list[ContractEvent]:
    row, contract = ContractEvent, agreement.contract
    wanted: Select[ContractEvent] = (
        select(row)
        .where(row.subscriber_id == contract.subscriber_id, row.contract_id == contract.id)
        .order_by(row.effective_on, row.recorded_at, row.id)
    )
    return list((await session.execute(wanted)).scalars())


async def _orders_since(session: AsyncSession, agreement: Agreement, known_at: datetime) -> list[ChangeOrder]:
    """The orders that were given or carried out after an instant, the newest first."""
    row, contract = ChangeOrder, agreement.contract
    wanted = (
        select(row)
        .where(row.subscriber_id == contract.subscriber_id, row.contract_id == contract.id)
        .where(or_(row.requested_at > known_at, row.applied_at > known_at))
        .order_by(row.requested_at.desc(), row.id.desc())
    )
    return list((await session.execute(wanted)).scalars())
