"""Prices by date as the billing engine wants them: each offer's versions with their components, read once and kept."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.items import Component, DatedPrice
from backoffice.billing.money import allocate
from backoffice.models import Language, Offer, PriceComponent, PriceVersion


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an offer's price with its components, in their order."""

    row: PriceVersion
    components: tuple[PriceComponent, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """An offer with every version of its price, oldest first."""

    offer: Offer
    versions: tuple[Version, ...]

    def months_on(self, day: date) -> int | None:
        """How many months one price covers on a day; 0 for what is paid once, None where no price is known."""
        started = [version.row for version in self.versions if version.row.starts_on <= day]
        known = started[-1:] or [version.row for version in self.versions[:1]]
        return known[0].months if known else None

    def reference(self, version: PriceVersion) -> str:
        """The name of a version in derivations."""
        return f"{self.offer.code} {version.starts_on}"

    def version(self, reference: str) -> PriceVersion:
        """The version that a derivation names."""
        return next(version.row for version in self.versions if self.reference(version.row) == reference)

    def prices(self, language: Language, agreed_cents: int | None) -> tuple[DatedPrice, ...]:
        """The versions for the engine; a price that was agreed takes the place of the catalogue's, part by part."""
        return tuple(
            DatedPrice(
                self.reference(version.row),
                version.row.starts_on,
                version.row.ends_on,
                self._components(version, language, agreed_cents),
            )
            for version in self.versions
        )

    def _components(self, version: Version, language: Language, agreed_cents: int | None) -> tuple[Component, ...]:
        amounts = [component.amount_cents for component in version.components]
        if agreed_cents is not None:
            amounts = allocate(agreed_cents, amounts if any(amounts) else [1] * len(amounts))
        return tuple(
            Component(self._label(component, language, len(amounts)), cents, component.vat_rate)
            for component, cents in zip(version.components, amounts, strict=True)
        )

    def _label(self, component: PriceComponent, language: Language, components: int) -> str:
        is_english = language is Language.EN
        name = self.offer.name_en if is_english else self.offer.name_fr
        if components == 1:
            return name
        return f"{name} – {component.label_en if is_english else component.label_fr}"


@dataclass(slots=True)
class PriceList:
    """Offers by id, read as they are needed: a version that has been billed never changes."""

    offers: dict[int, Listed] = field(default_factory=dict)

    async def read(self, session: AsyncSession, offer_ids: Collection[int]) -> None:
        """Read the offers that are not known yet."""
        missing = sorted(set(offer_ids) - set(self.offers))
        if not missing:
            return
        versions = await _versions(session, missing)
        found = await session.execute(select(Offer).where(Offer.id.in_(missing)))
        for offer in found.scalars():
            self.offers[offer.id] = Listed(offer, tuple(versions[offer.id]))


async def _versions(session: AsyncSession, offer_ids: Collection[int]) -> dict[int, list[Version]]:
    found = await session.execute(
        select(PriceVersion).where(PriceVersion.offer_id.in_(offer_ids)).order_by(PriceVersion.starts_on)
    )
    rows = list(found.scalars())
    parts = await session.execute(
        select(PriceComponent)
        .where(PriceComponent.price_version_id.in_([row.id for row in rows]))
        .order_by(PriceComponent.position)
    )
    of_version: dict[int, list[PriceComponent]] = defaultdict(list)
    for part in parts.scalars():
        of_version[part.price_version_id].append(part)
    of_offer: dict[int, list[Version]] = defaultdict(list)
    for row in rows:
        of_offer[row.offer_id].append(Version(row, tuple(of_version[row.id])))
    return of_offer
