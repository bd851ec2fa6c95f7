"""The catalogue as an import sees it: what is there, and the entries that a mapping adds when they are absent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import new_id
from backoffice.importing.rules import CatalogueOffer
from backoffice.models import Offer, OfferKind, PriceBasis, PriceComponent, PriceVersion


@dataclass(frozen=True, slots=True)
class StoredOffer:
    """An entry of the catalogue: its id, and what kind of thing it is."""

    id: int
    kind: OfferKind


async def stored(session: AsyncSession) -> Mapping[str, StoredOffer]:
    """The whole catalogue by code; it has hundreds of entries, not millions."""
    rows = await session.execute(select(Offer.code, Offer.id, Offer.kind))
    return {code: StoredOffer(offer_id, kind) for code, offer_id, kind in rows}


async def add_missing(session: AsyncSession, offers: Iterable[CatalogueOffer], *, at: datetime) -> None:
    """Insert the entries whose code is not there yet, each with one price; what is there is left as it is."""
    known = await stored(session)
    for offer in offers:
        if offer.code in known:
            continue
        offer_id, price_id = new_id(at), new_id(at)
        await session.execute(insert(Offer).values(_offer(offer_id, offer)))
        await session.execute(insert(PriceVersion).values(_price(price_id, offer_id, offer)))
        await session.execute(insert(PriceComponent).values(_component(new_id(at), price_id, offer)))


def _offer(offer_id: int, offer: CatalogueOffer) -> dict[str, object]:
    return {
        "id": offer_id,
        "code": offer.code,
        "name_fr": offer.name_fr,
        "name_en": offer.name_en,
        "kind": offer.kind,
        "family": offer.family,
        "sold_from": offer.sold_from,
        "sold_until": offer.sold_until,
    }


def _price(price_id: int, offer_id: int, offer: CatalogueOffer) -> dict[str, object]:
    is_paid_once = offer.kind in (OfferKind.FEE, OfferKind.DEPOSIT)
    return {
        "id": price_id,
        "offer_id": offer_id,
        "starts_on": offer.sold_from,
        "amount_cents": offer.price_cents,
        "basis": PriceBasis.TTC,
        "months": 0 if is_paid_once else 1,
    }


def _component(component_id: int, price_id: int, offer: CatalogueOffer) -> dict[str, object]:
    return {
        "id": component_id,
        "price_version_id": price_id,
        "position": 0,
        "label_fr": offer.name_fr,
        "label_en": offer.name_en,
        "amount_cents": offer.price_cents,
        "vat_rate": offer.vat_rate,
    }
