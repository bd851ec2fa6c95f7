"""What values that are right one by one say together: the rules across the fields of a row."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from backoffice.importing.parts import Part
from backoffice.importing.targets import NOUNS
from backoffice.models import ContractState, OfferKind, SubscriberKind

Finding = tuple[str, str, str]
"""Columns, what they say, and the reason for a refusal."""


def findings(parts: Sequence[Part], offers: Mapping[str, OfferKind]) -> Iterator[Finding]:
    """Every contradiction in a row; `offers` is the catalogue with what the mapping adds to it."""
    nouns = {part.noun for part in parts}
    for part in parts:
        yield from _needs(part, nouns)
        if part.noun == "subscriber":
            yield from _subscriber(part)
        if part.noun in ("contract", "item"):
            yield from _period(part)
            yield from _offer(part, offers)


def _needs(part: Part, nouns: set[str]) -> Iterator[Finding]:
    for needed in NOUNS[part.noun].needs:
        if needed not in nouns:
            yield "", "", f"has a {part.noun} but no {needed}"


def _subscriber(part: Part) -> Iterator[Finding]:
    if "kind" not in part.values or ("number" in part.section.rules and "number" not in part.values):
        return  # refused already, for what the cell says
    is_unidentified, is_numbered = part.values["kind"] == SubscriberKind.UNIDENTIFIED, part.values.get("number")
    if is_unidentified and is_numbered:
        yield part.columns("number", "kind"), "", "has a number but is UNIDENTIFIED"
    if not is_unidentified and not is_numbered:
        yield part.columns("number", "kind"), "", "has no number, which only an UNIDENTIFIED contact may lack"


def _period(part: Part) -> Iterator[Finding]:
    starts_on, ends_on = part.values.get("starts_on"), part.values.get("ends_on")
    if isinstance(starts_on, date) and isinstance(ends_on, date) and ends_on < starts_on:
        yield part.columns("starts_on", "ends_on"), "", "ends before it starts"
    if part.values.get("state") == ContractState.TERMINATED and ends_on is None:
        yield part.columns("state", "ends_on"), "", "is TERMINATED without a date on which it ended"


def _offer(part: Part, offers: Mapping[str, OfferKind]) -> Iterator[Finding]:
    code = part.values.get("offer")
    if code is None:
        return
    if str(code) not in offers:
        yield part.columns("offer"), str(code), "is no offer of the catalogue or of the mapping"
    elif part.noun == "contract" and offers[str(code)] is not OfferKind.OFFER:
        yield part.columns("offer"), str(code), f"is no offer but a kind {offers[str(code)]}"
