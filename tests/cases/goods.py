"""What the operator of the cases sells: each article with its price in cents, VAT included, by VAT rate."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import models
from backoffice.ids import GlobalId
from backoffice.models import OfferKind, PriceBasis, ServiceFamily
from tests.factories import new_id

Parts = tuple[tuple[str, int, Decimal | None], ...]
"""Label, cents and VAT rate (None: outside the scope of VAT) of each part of a price."""

SOLD_FROM = date(2020, 1, 1)

_TV, _NETWORK = Decimal("0.10"), Decimal("0.20")


@dataclass(frozen=True)
class Article:
    """What is sold."""

    kind: OfferKind
    family: ServiceFamily
    parts: Parts
    facts: dict[str, Any]
    months: int = 1


def _tv(name: str, cents: int, **facts: Any) -> Article:
    known = {"device_slots": 5, "simultaneous_streams": 2}
    return Article(OfferKind.OFFER, ServiceFamily.TV, ((name, cents, _TV),), {**known, **facts})


def _line(name: str, cents: int, family: ServiceFamily, **facts: Any) -> Article:
    return Article(OfferKind.OFFER, family, ((name, cents, _NETWORK),), facts)


def _option(name: str, cents: int, rate: Decimal = _TV, **facts: Any) -> Article:
    return Article(OfferKind.OPTION, ServiceFamily.TV, ((name, cents, rate),), facts)


def _once(name: str, cents: int, rate: Decimal | None, kind: OfferKind = OfferKind.FEE) -> Article:
    return Article(kind, ServiceFamily.BUNDLE, ((name, cents, rate),), {}, months=0)


GOODS: dict[str, Article] = {
    "TV-ESSENTIEL": _tv("TV Essentiel", 2299),
    "PACK-CINE": _tv("Pack Cinéma", 3499),
    "PACK-SPORT": _tv("Pack Sport", 3999),
    "TOUT-INCLUS": _tv("Tout inclus", 7499),
    "TV-ANNUEL": Article(OfferKind.OFFER, ServiceFamily.TV, (("TV annuelle", 29900, _TV),), {}, months=12),
    "NET-FIBRE": _line("Internet Fibre", 3199, ServiceFamily.INTERNET),
    "TEL-FIXE": _line("Téléphonie fixe", 500, ServiceFamily.FIXED),
    "MOB-20": _line("Mobile 20 Go", 999, ServiceFamily.MOBILE),
    "MOB-150-TERM": _line(
        "Mobile 150 Go avec téléphone",
        2499,
        ServiceFamily.MOBILE,
        commitment_months=24,
        has_subsidised_terminal=True,
    ),
    "CONFORT": Article(
        OfferKind.OFFER,
        ServiceFamily.BUNDLE,
        (("Confort – télévision", 600, _TV), ("Confort – accès au réseau", 4399, _NETWORK)),
        {"device_slots": 5, "simultaneous_streams": 3},
    ),
    "OPT-PREMIUM": _option("Chaînes premium", 2599),
    "OPT-SPORT-MOIS": _option("Sport, un mois glissant", 1999, is_rolling_month=True),
    "OPT-CINE-MOIS": _option("Cinéma, un mois glissant", 1499, is_rolling_month=True),
    "OPT-VOD": _option("Vidéo à la demande illimitée", 999, _NETWORK),
    "FRAIS-ACTIVATION": _once("Frais d'activation", 4900, _NETWORK),
    "FRAIS-REJET": _once("Frais de rejet de paiement", 750, None),
    "DEPOT-DECODEUR": _once("Dépôt de garantie du décodeur", 7500, None, OfferKind.DEPOSIT),
}


@dataclass(frozen=True)
class Good:
    """An article on sale, with one of its prices."""

    offer: models.Offer
    price: models.PriceVersion
    parts: Parts

    @property
    def reference(self) -> str:
        """The name of the price in derivations."""
        return f"{self.offer.code} {self.price.starts_on}"


async def sell(session: AsyncSession, code: str, *, cents: int | None = None, **price: Any) -> Good:
    """Put an article on sale, at its price or at `cents`; `price` are facts of the price version."""
    article = GOODS[code]
    name = article.parts[0][0] if len(article.parts) == 1 else article.parts[0][0].partition(" – ")[0]
    offer = models.Offer(
        id=new_id(),
        code=code,
        name_fr=name,
        name_en=name,
        kind=article.kind,
        family=article.family,
        sold_from=SOLD_FROM,
        **article.facts,
    )
    session.add(offer)
    await session.flush()
    return await reprice(session, offer, cents=cents, **price)


async def reprice(session: AsyncSession, offer: models.Offer, *, cents: int | None = None, **price: Any) -> Good:
    """Give an offer on sale another price version."""
    article = GOODS[offer.code]
    parts = article.parts if cents is None else ((article.parts[0][0], cents, article.parts[0][2]),)
    known = {"starts_on": SOLD_FROM, "basis": PriceBasis.TTC, "months": article.months}
    total = sum(part_cents for _, part_cents, _ in parts)
    version = models.PriceVersion(**{"id": new_id(), "offer_id": offer.id, "amount_cents": total, **known, **price})
    session.add(version)
    await session.flush()
    for position, (label, part_cents, rate) in enumerate(parts):
        session.add(
            models.PriceComponent(
                id=new_id(),
                price_version_id=version.id,
                position=position,
                label_fr=label,
                label_en=label,
                amount_cents=part_cents,
                vat_rate=rate,
            )
        )
    await session.flush()
    return Good(offer, version, parts)


def offer_id(good: Good) -> str:
    """The id of what is sold in the graph."""
    return GlobalId("Offer", 0, good.offer.id).encode()
