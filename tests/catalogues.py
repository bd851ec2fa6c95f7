"""Offers with dated prices, and contracts about them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import models
from backoffice.ids import GlobalId
from tests.factories import new_id

Parts = Sequence[tuple[int, Decimal | None]]
"""Components of a price: cents, and the VAT rate."""


async def create_offer(
    session: AsyncSession, name: str, *prices: tuple[date, Parts], kind: models.OfferKind = models.OfferKind.OFFER
) -> models.Offer:
    """An offer with prices from their days on, each until the next."""
    offer_id = new_id()
    offer = models.Offer(
        id=offer_id,
        code=f"O-{offer_id}",
        name_fr=name,
        name_en=name,
        kind=kind,
        family=models.ServiceFamily.TV,
        sold_from=date(2020, 1, 1),
    )
    session.add(offer)
    await session.flush()
    ends = [*(starts_on for starts_on, _ in prices[1:]), None]
    for (starts_on, parts), ends_on in zip(prices, ends, strict=True):
        await _price(session, offer, starts_on, ends_on, parts)
    return offer


def global_id(offer: models.Offer) -> str:
    """The id of an offer in the graph; it belongs to no subscriber."""
    return GlobalId("Offer", 0, offer.id).encode()


async def create_contract(
    session: AsyncSession, account: models.BillingAccount, offer: models.Offer, **given: Any
) -> tuple[models.Contract, models.ContractItem]:
    """A contract about an offer from the first of January 2025 on, billed on the first of each month."""
    starts_on = given.pop("starts_on", date(2025, 1, 1))
    known = {
        "subscriber_id": account.subscriber_id,
        "id": new_id(),
        "number": f"K{new_id()}",
        "billing_account_id": account.id,
        "offer_id": offer.id,
        "state": models.ContractState.ACTIVE,
        "concluded_on": starts_on,
        "starts_on": starts_on,
        "anchor_on": starts_on,
    }
    contract = models.Contract(**{**known, **given})
    session.add(contract)
    await session.flush()
    return contract, await create_item(session, contract, offer, starts_on=starts_on)


async def create_item(
    session: AsyncSession, contract: models.Contract, offer: models.Offer, **given: Any
) -> models.ContractItem:
    """An item of a contract."""
    known = {
        "subscriber_id": contract.subscriber_id,
        "id": new_id(),
        "contract_id": contract.id,
        "offer_id": offer.id,
        "kind": offer.kind,
        "starts_on": contract.starts_on,
    }
    row = models.ContractItem(**{**known, **given})
    session.add(row)
    await session.flush()
    return row


async def create_promotion(session: AsyncSession, item: models.ContractItem, **given: Any) -> models.Promotion:
    """Something off the price of an item for a time."""
    known = {
        "subscriber_id": item.subscriber_id,
        "id": new_id(),
        "contract_id": item.contract_id,
        "contract_item_id": item.id,
        "label": "Offre de bienvenue",
    }
    row = models.Promotion(**{**known, **given})
    session.add(row)
    await session.flush()
    return row


async def _price(
    session: AsyncSession, offer: models.Offer, starts_on: date, ends_on: date | None, parts: Parts
) -> None:
    version = models.PriceVersion(
        id=new_id(),
        offer_id=offer.id,
        starts_on=starts_on,
        ends_on=ends_on,
        amount_cents=sum(cents for cents, _ in parts),
        basis=models.PriceBasis.TTC,
    )
    session.add(version)
    await session.flush()
    session.add_all(
        models.PriceComponent(
            id=new_id(),
            price_version_id=version.id,
            position=position,
            label_fr=f"Partie {position}",
            label_en=f"Part {position}",
            amount_cents=cents,
            vat_rate=rate,
        )
        for position, (cents, rate) in enumerate(parts)
    )
    await session.flush()
