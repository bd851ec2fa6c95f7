"""Reads what a mapping declares beside its fields: catalogue entries, totals, and what the totals must be."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from backoffice import models
from backoffice.importing.errors import nearest
from backoffice.importing.literals import NotLiteral, literal, rate
from backoffice.importing.rules import CatalogueOffer, Frame, Total, Value
from backoffice.importing.tables import Table
from backoffice.importing.targets import NOUNS, Target, Type
from backoffice.models import OfferKind, ServiceFamily

Word = TypeVar("Word", bound=StrEnum)

_PRICE = Target(Type.AMOUNT, models.PriceVersion.amount_cents, is_required=True, lowest=0)
_OFFER = {"code", "name_fr", "name_en", "kind", "family", "price", "vat", "sold_from", "sold_until"}
_COUNTED = ("rows", "refused")
"""Expected beside the totals: rows read, and rows refused for what they say."""


def read_offers(root: Table, frame: Frame) -> tuple[CatalogueOffer, ...]:
    """The entries under [[offer]], which are made when absent. Raises BadMapping."""
    listed = root.optional("offer", list) or []
    places = [Table(_dict(root, raw), path=f"offer[{n}]", file_name=root.file_name) for n, raw in enumerate(listed, 1)]
    return tuple(_offer(told, frame) for told in places)


def _dict(root: Table, raw: object) -> dict[str, object]:
    if not isinstance(raw, dict):
        root.fail("offer", "is written [[offer]], with its fields below.")
    return raw


def _offer(told: Table, frame: Frame) -> CatalogueOffer:
    told.only(_OFFER)
    return CatalogueOffer(
        code=_short(told, "code", 40),
        name_fr=_short(told, "name_fr", 120),
        name_en=_short(told, "name_en", 120),
        kind=_word(told, "kind", OfferKind),
        family=_word(told, "family", ServiceFamily),
        price_cents=_price(told, frame),
        vat_rate=_rate(told),
        sold_from=told.take("sold_from", date),
        sold_until=told.optional("sold_until", date),
    )


def _short(told: Table, key: str, longest: int) -> str:
    text = told.take(key, str)
    if not 1 <= len(text) <= longest:
        told.fail(key, f"takes 1 to {longest} characters.")
    return text


def _word(told: Table, key: str, words: type[Word]) -> Word:
    written = told.take(key, str)
    if written not in set(words):
        told.fail(key, f"{written!r} is not known; {nearest(written, words)}")
    return words(written)


def _price(told: Table, frame: Frame) -> int:
    try:
        cents = literal(told.take("price", str), _PRICE, frame)
    except NotLiteral as wrong:
        told.fail("price", f"{wrong}.")
    assert isinstance(cents, int)
    return cents


def _rate(told: Table) -> Decimal | None:
    try:
        return rate(told.raw("vat"))
    except NotLiteral as wrong:
        told.fail("vat", f"{wrong}.")


def read_totals(root: Table, frame: Frame, mapped: Iterable[str]) -> tuple[Total, ...]:
    """The totals under [totals]. Raises BadMapping."""
    told = root.table("totals")
    return tuple(_total(told, name, frame, set(mapped)) for name in told.left())


def _total(parent: Table, name: str, frame: Frame, mapped: set[str]) -> Total:
    if name in _COUNTED:
        parent.fail(name, "is counted anyway; choose another name.")
    raw = parent.take(name, dict)
    told = Table(raw, path=parent.place(name), file_name=parent.file_name)
    told.only({"count", "sum", "where"})
    noun, field = _path(told, mapped)
    where = told.table("where")
    conditions = {key: _condition(where, key, noun, frame) for key in where.left()}
    return Total(name=name, noun=noun, field=field, where=conditions)


def _path(told: Table, mapped: set[str]) -> tuple[str, str | None]:
    counted, summed = told.optional("count", str), told.optional("sum", str)
    if (counted is None) == (summed is None):
        told.fail("sum", 'write either count = "ticket" or sum = "statement.amount".')
    noun, _, field = (counted or summed or "").partition(".")
    key = "count" if counted else "sum"
    if noun not in mapped:
        told.fail(key, f"{noun!r} is not mapped here; {nearest(noun, mapped)}")
    numbers = {name for name, target in NOUNS[noun].targets.items() if target.kind in (Type.AMOUNT, Type.INTEGER)}
    if summed and field not in numbers:
        told.fail(key, f"{field!r} is no number of {noun}; {nearest(field, numbers)}")
    if counted and field:
        told.fail(key, f"counts rows; write count = {noun!r}.")
    return noun, field or None


def _condition(where: Table, key: str, noun: str, frame: Frame) -> Value:
    targets = NOUNS[noun].targets
    if key not in targets:
        where.fail(key, f"is no field of {noun}; {nearest(key, targets)}")
    try:
        return literal(where.raw(key), targets[key], frame)
    except NotLiteral as wrong:
        where.fail(key, f"{wrong}.")


def read_expected(root: Table, totals: Iterable[Total]) -> Mapping[str, int]:
    """What the file must add up to, by the name of a total or of an adjustment. Raises BadMapping."""
    told = root.table("expect")
    known = {*_COUNTED, *(total.name for total in totals)}
    # Adjustments are named by the run, such as "address[1].postcode padded": a blank tells them from totals.
    for name in told.left():
        if name not in known and " " not in name:
            told.fail(name, f"is neither a total nor an adjustment; {nearest(name, known)}")
    return {name: told.take(name, int) for name in told.left()}
