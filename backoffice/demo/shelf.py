"""What the fictional operator sells: names, prices by date, VAT, channels. Data only; `catalogue` writes it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from backoffice.models import OfferKind, ServiceFamily

BRAND = "Ondoline"

TV_RATE = Decimal("0.10")
NETWORK_RATE = Decimal("0.20")
OUT_OF_SCOPE = None


@dataclass(frozen=True, slots=True)
class Part:
    """A component of a price, in cents TTC, with its VAT rate (None: outside the scope of VAT)."""

    cents: int
    rate: Decimal | None
    label_fr: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Article:
    """An offer, option, fee or deposit. `before` is its older price, in force until `months_ago` months before today."""

    code: str
    name_fr: str
    name_en: str
    kind: OfferKind
    family: ServiceFamily
    parts: tuple[Part, ...]
    months: int = 1
    commitment_months: int = 0
    has_terminal: bool = False
    is_rolling: bool = False
    slots: int = 0
    streams: int = 0
    before_cents: int | None = None
    months_ago: int = 0
    notice_days: int = 45

    @property
    def cents(self) -> int:
        """Today's price in cents TTC."""
        return sum(part.cents for part in self.parts)


def _tv(code: str, fr: str, en: str, cents: int, **more: Any) -> Article:
    part = Part(cents, TV_RATE, fr, en)
    return Article(code, fr, en, OfferKind.OFFER, ServiceFamily.TV, (part,), slots=5, streams=2, **more)


def _line(code: str, fr: str, en: str, cents: int, family: ServiceFamily, **more: Any) -> Article:
    part = Part(cents, NETWORK_RATE, fr, en)
    return Article(code, fr, en, OfferKind.OFFER, family, (part,), **more)


def _option(code: str, fr: str, en: str, cents: int, rate: Decimal, *, rolling: bool = False) -> Article:
    part = Part(cents, rate, fr, en)
    return Article(code, fr, en, OfferKind.OPTION, ServiceFamily.TV, (part,), is_rolling=rolling)


def _once(code: str, fr: str, en: str, cents: int, rate: Decimal | None, kind: OfferKind) -> Article:
    part = Part(cents, rate, fr, en)
    return Article(code, fr, en, kind, ServiceFamily.BUNDLE, (part,), months=0)


ARTICLES = (
    # Notified eleven days before it took effect, though a month is due: the rise that agents have to correct.
    _tv("TV-ESSENTIEL", "TV Essentiel", "TV Essential", 2299, before_cents=2099, months_ago=1, notice_days=11),
    _tv("PACK-CINE", "Pack Cinéma", "Cinema Pack", 3499),
    _tv("PACK-SPORT", "Pack Sport", "Sport Pack", 3999, before_cents=3799, months_ago=7),
    _tv("TOUT-INCLUS", "Tout inclus", "All Included", 7499),
    _tv("TV-ANNUEL", "TV annuelle payée d'avance", "Yearly TV, paid in advance", 29900, months=12),
    _line("NET-FIBRE", "Internet Fibre", "Fibre Internet", 3199, ServiceFamily.INTERNET, commitment_months=12),
    _line("NET-FIBRE-MAX", "Internet Fibre Max", "Fibre Internet Max", 3999, ServiceFamily.INTERNET),
    _line("TEL-FIXE", "Téléphonie fixe", "Fixed telephone", 500, ServiceFamily.FIXED),
    _line("MOB-20", "Mobile 20 Go", "Mobile 20 GB", 999, ServiceFamily.MOBILE, before_cents=1099, months_ago=10),
    Article(
        "MOB-150-TERM",
        "Mobile 150 Go avec téléphone",
        "Mobile 150 GB with a phone",
        OfferKind.OFFER,
        ServiceFamily.MOBILE,
        (Part(2499, NETWORK_RATE, "Mobile 150 Go", "Mobile 150 GB"),),
        commitment_months=24,
        has_terminal=True,
    ),
    Article(
        "CONFORT",
        "Offre Confort",
        "Comfort bundle",
        OfferKind.OFFER,
        ServiceFamily.BUNDLE,
        (
            Part(600, TV_RATE, "Télévision", "Television"),
            Part(4399, NETWORK_RATE, "Accès au réseau et téléphone", "Network access and telephone"),
        ),
        commitment_months=12,
        slots=5,
        streams=3,
    ),
    _option("OPT-PREMIUM", "Chaînes premium", "Premium channels", 2599, TV_RATE),
    _option("OPT-VOD", "Vidéo à la demande illimitée", "Unlimited video on demand", 999, NETWORK_RATE),
    _option("OPT-SPORT-MOIS", "Sport, un mois glissant", "Sport, a rolling month", 1999, TV_RATE, rolling=True),
    _option("OPT-CINE-MOIS", "Cinéma, un mois glissant", "Cinema, a rolling month", 1499, TV_RATE, rolling=True),
    _once("FRAIS-ACTIVATION", "Frais d'activation", "Activation fee", 4900, NETWORK_RATE, OfferKind.FEE),
    _once("FRAIS-REJET", "Frais de rejet de paiement", "Rejected payment fee", 750, OUT_OF_SCOPE, OfferKind.FEE),
    _once("DEPOT-DECODEUR", "Dépôt de garantie du décodeur", "Decoder deposit", 7500, OUT_OF_SCOPE, OfferKind.DEPOSIT),
)

CHANNELS = (
    ("OND-1", f"{BRAND} Un", "Généraliste", ("TV-ESSENTIEL", "PACK-CINE", "PACK-SPORT", "TOUT-INCLUS", "CONFORT")),
    ("OND-INFO", f"{BRAND} Info", "Information", ("TV-ESSENTIEL", "PACK-CINE", "PACK-SPORT", "TOUT-INCLUS", "CONFORT")),
    ("OND-JEUNES", f"{BRAND} Jeunes", "Jeunesse", ("TV-ESSENTIEL", "PACK-CINE", "TOUT-INCLUS", "TV-ANNUEL", "CONFORT")),
    ("OND-REGION", f"{BRAND} Régions", "Information", ("TV-ESSENTIEL", "TOUT-INCLUS", "TV-ANNUEL", "CONFORT")),
    ("OND-CINE-1", f"{BRAND} Ciné Première", "Cinéma", ("PACK-CINE", "TOUT-INCLUS", "OPT-CINE-MOIS")),
    ("OND-CINE-2", f"{BRAND} Ciné Patrimoine", "Cinéma", ("PACK-CINE", "TOUT-INCLUS", "OPT-CINE-MOIS")),
    ("OND-SERIES", f"{BRAND} Séries", "Séries", ("PACK-CINE", "TOUT-INCLUS", "OPT-PREMIUM")),
    ("OND-SPORT-1", f"{BRAND} Sport 1", "Sport", ("PACK-SPORT", "TOUT-INCLUS", "OPT-SPORT-MOIS")),
    ("OND-SPORT-2", f"{BRAND} Sport 2", "Sport", ("PACK-SPORT", "TOUT-INCLUS", "OPT-SPORT-MOIS")),
    ("OND-VOILE", f"{BRAND} Voile et Mer", "Sport", ("PACK-SPORT",)),
    ("OND-DOC", f"{BRAND} Découverte", "Documentaire", ("TOUT-INCLUS", "TV-ANNUEL", "OPT-PREMIUM")),
    ("OND-MUSIQUE", f"{BRAND} Musique", "Musique", ("TOUT-INCLUS", "OPT-PREMIUM", "CONFORT")),
)

PARTNERS = (
    ("CORVANE", "Réseaux Corvane"),
    ("HALBERT", "Boutiques Halbert"),
    ("ALTIMER", "Altimer Télécom"),
)

LEFT = (("OND-VOILE", "PACK-SPORT"), ("OND-REGION", "TV-ANNUEL"))
"""Channels that an offer has lost lately."""
