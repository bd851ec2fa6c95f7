"""Labels of issued lines in another language than the one in which they were billed.

A line keeps the text under which it was issued. Where that text is the catalogue's, the catalogue also has it in the other
language; any other text is printed as it was issued.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import InvoiceLine, Language, Offer, PriceComponent, PriceVersion

_BEGINNINGS = (
    ("Avoir au prorata – ", "Credit pro rata – "),
    ("Prorata – ", "Pro rata – "),
    ("Complément – ", "Additional charge – "),
)


@dataclass(frozen=True, slots=True)
class Labels:
    """What is known of the texts of the catalogue, by offer: each text and its translation."""

    beginnings: Mapping[str, str]
    texts: Mapping[int, Mapping[str, str]]

    def of(self, label: str, offer_id: int | None) -> str:
        """The label in the language of the document."""
        if offer_id is None:
            return label
        beginning = next((each for each in self.beginnings if label.startswith(each)), "")
        translated = self.texts.get(offer_id, {}).get(label.removeprefix(beginning))
        return label if translated is None else self.beginnings.get(beginning, "") + translated


async def read(session: AsyncSession, lines: Iterable[InvoiceLine], language: Language) -> Labels:
    """The labels of these lines and of their credits in a language."""
    ids = {line.offer_id for line in lines if line.offer_id is not None}
    offers = (await session.scalars(select(Offer).where(Offer.id.in_(ids)))).all()
    parts = await session.execute(
        select(PriceVersion.offer_id, PriceComponent.label_fr, PriceComponent.label_en)
        .join(PriceComponent, PriceComponent.price_version_id == PriceVersion.id)
        .where(PriceVersion.offer_id.in_(ids))
    )
    texts = {offer.id: dict([_pair(offer.name_fr, offer.name_en, language)]) for offer in offers}
    names = {offer.id: offer for offer in offers}
    for offer_id, french, english in parts:
        offer = names[offer_id]
        whole = _pair(f"{offer.name_fr} – {french}", f"{offer.name_en} – {english}", language)
        texts[offer_id] |= dict([whole])
    return Labels(dict(_pair(*beginning, language) for beginning in _BEGINNINGS), texts)


def _pair(french: str, english: str, language: Language) -> tuple[str, str]:
    """A text in the other language, and in this one."""
    return (french, english) if language is Language.EN else (english, french)
