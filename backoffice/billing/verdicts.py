"""What was billed of an item against what its history gives: a verdict, and the sentence that tells it."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from backoffice.billing import formats
from backoffice.billing.formats import format_for


class Verdict(StrEnum):
    """How what was billed of an item compares with its replay.

    CHAIN: cents of rounding between the lines that were issued one on the other and the parts of the replay; what was
    issued stands. WITHOUT_SERVICE: billed in advance, before the services were cut.
    """

    SAME = "SAME"
    CHAIN = "CHAIN"
    CREDITED = "CREDITED"
    WITHOUT_SERVICE = "WITHOUT_SERVICE"
    BILLED_MORE = "BILLED_MORE"
    BILLED_LESS = "BILLED_LESS"
    NOT_BILLED = "NOT_BILLED"


@dataclass(frozen=True, slots=True)
class Billed:
    """What lines and charges bill of an item, in cents: `lines` of them; `credited_cents` were taken back since."""

    cents: int
    lines: int
    credited_cents: int = 0


def judge(billed: Billed, replayed_cents: int, *, parts: int, served_throughout_cents: int) -> Verdict:
    """Compare what was billed with the replay's cents in so many parts, and with those had nothing been cut.

    Each line and each part is off by half a cent at most, so a chain and its segments differ by no more.
    """
    most_cents = (billed.lines + parts) // 2 if billed.lines > 1 else 0
    excess_cents = billed.cents - replayed_cents
    if not excess_cents:
        return Verdict.SAME
    if not billed.lines:
        return Verdict.NOT_BILLED
    if abs(excess_cents) <= most_cents:
        return Verdict.CHAIN
    if billed.credited_cents and abs(excess_cents - billed.credited_cents) <= most_cents:
        return Verdict.CREDITED
    if billed.cents == served_throughout_cents:
        return Verdict.WITHOUT_SERVICE
    return Verdict.BILLED_MORE if excess_cents > 0 else Verdict.BILLED_LESS


def explain(
    verdict: Verdict, *, label: str, billed_cents: int, replayed_cents: int, locale: str, currency: str = "EUR"
) -> str:
    """The verdict as one sentence in French ("fr") or English ("en"). Raises `UnknownLocale`."""
    written = format_for(locale)
    billed, replayed, effect = (
        formats.amount(Fraction(cents), written, currency)
        for cents in (billed_cents, replayed_cents, abs(billed_cents - replayed_cents))
    )
    return _PHRASES[written.language][verdict].format(label=label, billed=billed, replayed=replayed, effect=effect)


_PHRASES = {
    "en": {
        Verdict.SAME: "{label}: billed as its history gives it, {billed}.",
        Verdict.CHAIN: "{label}: {billed} were billed line upon line, the parts give {replayed}; the {effect} between are "
        "rounding, and what was issued stands.",
        Verdict.CREDITED: "{label}: {billed} were billed instead of {replayed}; the {effect} too much were credited since.",
        Verdict.WITHOUT_SERVICE: "{label}: {billed} were billed in advance; without the days on which the services were "
        "cut it would be {replayed}.",
        Verdict.BILLED_MORE: "{label}: {billed} were billed, its history gives {replayed}: {effect} too much.",
        Verdict.BILLED_LESS: "{label}: {billed} were billed, its history gives {replayed}: {effect} too little.",
        Verdict.NOT_BILLED: "{label}: nothing was billed of it, its history gives {replayed}.",
    },
    "fr": {
        Verdict.SAME: "{label} : facturé comme le donne son historique, {billed}.",
        Verdict.CHAIN: "{label} : {billed} ont été facturés ligne après ligne, les parties donnent {replayed} ; l'écart de "
        "{effect} vient des arrondis, et ce qui est émis fait foi.",
        Verdict.CREDITED: "{label} : {billed} ont été facturés au lieu de {replayed} ; les {effect} de trop ont été crédités "
        "depuis.",
        Verdict.WITHOUT_SERVICE: "{label} : {billed} ont été facturés d'avance ; sans les jours de coupure, ce serait "
        "{replayed}.",
        Verdict.BILLED_MORE: "{label} : {billed} ont été facturés, son historique donne {replayed} : {effect} de trop.",
        Verdict.BILLED_LESS: "{label} : {billed} ont été facturés, son historique donne {replayed} : {effect} de moins.",
        Verdict.NOT_BILLED: "{label} : rien n'a été facturé, son historique donne {replayed}.",
    },
}
