"""A contract as it stands, with its items, prices and promotions: what every change of it starts from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.items import BilledItem, Component, DatedPrice, DatedPromotion
from backoffice.billing.money import allocate
from backoffice.billing.periods import Period, billing_period
from backoffice.errors import BackofficeError, NotFound
from backoffice.models import (
    BilledBy,
    BillingAccount,
    Contract,
    ContractItem,
    ContractState,
    Offer,
    OfferKind,
    PriceComponent,
    PriceVersion,
    Promotion,
)

R = TypeVar("R", ContractItem, Promotion)

RECURRING = (OfferKind.OFFER, OfferKind.OPTION)
"""Items that are charged period by period."""


class ContractNotOpen(BackofficeError):
    """The contract is in a state in which this cannot be done."""

    code = "CONTRACT_NOT_OPEN"

    def __init__(self, state: ContractState, advice: str) -> None:
        super().__init__(f"The contract is {state.lower()}: {advice}.", field="contractId")
        self.state = state


@dataclass(frozen=True, slots=True)
class Price:
    """The versions of an offer's price, with the rows that they were read from by their reference."""

    dated: tuple[DatedPrice, ...]
    rows: Mapping[str, PriceVersion]

    def on(self, day: date) -> PriceVersion | None:
        """The version in force on a day."""
        valid = [row for row in self.rows.values() if row.starts_on <= day and (not row.ends_on or day < row.ends_on)]
        return max(valid, key=lambda row: row.starts_on, default=None)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A contract, who pays it, and everything it consists of."""

    contract: Contract
    account: BillingAccount
    items: Sequence[ContractItem]
    promotions: Sequence[Promotion]
    offers: Mapping[int, Offer]
    prices: Mapping[int, Price]

    @property
    def is_ours_to_bill(self) -> bool:
        """Whether the operator bills it; a partner's bill is the partner's to change."""
        return self.contract.billed_by is BilledBy.OPERATOR

    @property
    def offer_item(self) -> ContractItem:
        """The offer's item that goes furthest: the one in force, or the last that was.

        An item without a day never was in force: the change that began it was taken back, or followed on the same day.
        """
        offers = [item for item in self.items if item.kind is OfferKind.OFFER]
        return max(offers, key=lambda item: (item.ends_on is None or item.starts_on < item.ends_on, item.starts_on))

    def item(self, item_id: int) -> ContractItem | None:
        """One item by its id."""
        return next((item for item in self.items if item.id == item_id), None)

    def in_force(self, on: date, kinds: Iterable[OfferKind] = RECURRING) -> list[ContractItem]:
        """The items in force on a day."""
        return [item for item in self.items if item.kind in kinds and is_in_force(item, on)]

    def promotions_of(self, item: ContractItem) -> list[Promotion]:
        """The promotions on an item, the earliest first."""
        return [promotion for promotion in self.promotions if promotion.contract_item_id == item.id]

    def period_on(self, day: date) -> Period:
        """The billing period of the contract that a day is in."""
        return billing_period(anchor_on=self.contract.anchor_on, months=self.contract.period_months, on=day)

    def billed(self, item: ContractItem) -> BilledItem:
        """An item with its dated prices and promotions, as the arithmetic takes it."""
        return billed_item(
            self.offers[item.offer_id],
            self.prices[item.offer_id],
            agreed_cents=item.agreed_amount_cents,
            quantity=item.quantity,
            promotions=self.promotions_of(item),
        )


def is_in_force(item: ContractItem, on: date) -> bool:
    """Whether a day is one of an item's."""
    return item.starts_on <= on and (item.ends_on is None or on < item.ends_on)


def billed_item(
    offer: Offer,
    price: Price,
    *,
    agreed_cents: int | None = None,
    quantity: int = 1,
    promotions: Sequence[Promotion] = (),
) -> BilledItem:
    """An offer with its dated prices, as the arithmetic takes it; an agreed price stands for the catalogue's."""
    prices = price.dated
    if agreed_cents is not None:
        prices = tuple(_agreed(dated, agreed_cents) for dated in prices)
    return BilledItem(
        key=offer.code,
        prices=prices,
        promotions=tuple(
            DatedPromotion(each.label, each.discount_cents, each.starts_on, each.ends_on) for each in promotions
        ),
        quantity=quantity,
    )


async def read(session: AsyncSession, *, subscriber_id: int, contract_id: int, wanted: Iterable[int] = ()) -> Agreement:
    """The contract as it stands now, with the prices of its offers and of those `wanted`. Raises NotFound."""
    key = {"subscriber_id": subscriber_id, "id": contract_id}
    contract = await session.get(Contract, key, populate_existing=True)
    if contract is None:
        raise NotFound("There is no such contract; check the id.", field="contractId")
    account = await session.get_one(
        BillingAccount, {"subscriber_id": subscriber_id, "id": contract.billing_account_id}, populate_existing=True
    )
    items = await _rows(session, ContractItem, contract)
    offers = await _offers(session, {item.offer_id for item in items} | {contract.offer_id, *wanted})
    return Agreement(
        contract=contract,
        account=account,
        items=items,
        promotions=await _rows(session, Promotion, contract),
        offers=offers,
        prices=await _prices(session, offers),
    )


def require_state(agreement: Agreement, *states: ContractState, advice: str) -> None:
    """Raise ContractNotOpen unless the contract is in one of these states; `advice` says what to do instead."""
    if agreement.contract.state not in states:
        raise ContractNotOpen(agreement.contract.state, advice)


def _agreed(dated: DatedPrice, cents: int) -> DatedPrice:
    """The agreed price in place of the catalogue's, shared out over the same components."""
    shares = allocate(cents, [component.cents for component in dated.components])
    components = tuple(
        replace(component, cents=share) for component, share in zip(dated.components, shares, strict=True)
    )
    return replace(dated, components=components)


async def _rows(session: AsyncSession, model: type[R], contract: Contract) -> list[R]:
    found = await session.execute(
        select(model)
        .where(model.subscriber_id == contract.subscriber_id, model.contract_id == contract.id)
        .order_by(model.starts_on, model.id)
        .execution_options(populate_existing=True)
    )
    return list(found.scalars())


async def _offers(session: AsyncSession, ids: set[int]) -> dict[int, Offer]:
    found = await session.execute(select(Offer).where(Offer.id.in_(ids)))
    return {offer.id: offer for offer in found.scalars()}


async def _prices(session: AsyncSession, offers: Mapping[int, Offer]) -> dict[int, Price]:
    version, component = PriceVersion, PriceComponent
    found = await session.execute(
        select(version, component)
        .join(component, component.price_version_id == version.id)
        .where(version.offer_id.in_(offers))
        .order_by(version.starts_on, component.position)
    )
    parts: dict[PriceVersion, list[PriceComponent]] = {}
    for row, part in found:
        parts.setdefault(row, []).append(part)
    return {offer.id: _price(offer, parts) for offer in offers.values()}


def _price(offer: Offer, parts: Mapping[PriceVersion, Sequence[PriceComponent]]) -> Price:
    rows = {f"{offer.code} {row.starts_on}": row for row in parts if row.offer_id == offer.id}
    dated = tuple(
        DatedPrice(
            reference, row.starts_on, row.ends_on, tuple(_component(offer, part, parts[row]) for part in parts[row])
        )
        for reference, row in rows.items()
    )
    return Price(dated, rows)


def _component(offer: Offer, part: PriceComponent, parts: Sequence[PriceComponent]) -> Component:
    label = offer.name_fr if len(parts) == 1 else f"{offer.name_fr} – {part.label_fr}"
    return Component(label, part.amount_cents, part.vat_rate)
