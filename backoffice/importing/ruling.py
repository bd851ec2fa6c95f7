"""Reads the rule of one field: a column, several, or a constant, with the options that its type allows."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

import phonenumbers

from backoffice.importing.errors import nearest
from backoffice.importing.literals import NotLiteral, literal
from backoffice.importing.rules import Blank, Case, Frame, Rule, Value
from backoffice.importing.tables import Table
from backoffice.importing.targets import Target, Type

Word = TypeVar("Word", bound=StrEnum)

_WORDS = {Type.TEXT, Type.CODE}
_NUMBERS = {Type.INTEGER, Type.AMOUNT}
_MOMENTS = {Type.DATE, Type.INSTANT}
_ALL = set(Type)
# Each option with the types for which it means something; on another it would be a wish silently not granted.
_OPTIONS: Mapping[str, set[Type]] = {
    "column": _ALL,
    "columns": _ALL,
    "constant": _ALL,
    "blank": _ALL,
    "table": _ALL,
    "others": {Type.TEXT},
    "pattern": _MOMENTS,
    "decimal": {Type.AMOUNT},
    "thousands": {Type.AMOUNT},
    "unit": {Type.AMOUNT},
    "case": _WORDS,
    "pad_left": {Type.TEXT},
    "prefix": {Type.TEXT},
    "matches": _ALL - {Type.BOOLEAN},
    "months_before": {Type.DATE},
    "region": {Type.PHONE},
    "agrees_with": _MOMENTS | _NUMBERS | _WORDS,
}
_ISO = {Type.DATE: ("%Y-%m-%d",), Type.INSTANT: ("%Y-%m-%dT%H:%M:%S%z",)}


class RuleReader:
    """Reads rules of one mapping; `tables` are its named value tables."""

    def __init__(self, *, tables: Mapping[str, Mapping[str, Any]], frame: Frame) -> None:
        self._tables = tables
        self._frame = frame

    def read(self, parent: Table, key: str, target: Target) -> Rule:
        """The rule under `key`; a text alone is the name of a column. Raises BadMapping."""
        raw = parent.raw(key)
        if isinstance(raw, str):
            raw = {"column": raw}
        if not isinstance(raw, dict):
            parent.fail(key, f"{raw!r} is no rule; write the name of a column, or {{ constant = … }}.")
        told = Table(raw, path=parent.place(key), file_name=parent.file_name)
        told.only(_OPTIONS)
        for option in told.left():
            if target.kind not in _OPTIONS[option]:
                told.fail(option, f"does not apply to a field of type {target.kind}.")
        return self._constant(told, target) if "constant" in told else self._columns(told, target)

    def _constant(self, told: Table, target: Target) -> Rule:
        value = self._literal(told, "constant", told.raw("constant"), target)
        for option in told.left():
            told.fail(option, "does not go with a constant; remove one of the two.")
        return Rule(path=told.path, target=target, constant=value)

    def _columns(self, told: Table, target: Target) -> Rule:
        columns = told.texts("columns") or ((one,) if (one := told.optional("column", str)) else ())
        if not columns or "column" in told:
            told.fail("column", "write either column, columns or constant.")
        agrees_with = self.read(told, "agrees_with", target) if "agrees_with" in told else None
        pad_length, pad_with = _padding(told)
        return Rule(
            path=told.path,
            target=target,
            columns=columns,
            blank=_word(told, "blank", Blank) or _usual_blank(target),
            table=self._table(told, target),
            keeps_others=_is(told, "others", "keep"),
            patterns=told.texts("pattern") or _ISO.get(target.kind, ()),
            decimal=_separator(told, "decimal", ".,") or ".",
            thousands=_separator(told, "thousands", " .,'") or "",
            is_in_cents=_is(told, "unit", "cents"),
            case=_word(told, "case", Case),
            pad_length=pad_length,
            pad_with=pad_with,
            prefix=told.optional("prefix", str) or "",
            matches=_pattern(told),
            is_months_before=told.optional("months_before", bool) or False,
            region=_region(told),
            agrees_with=agrees_with,
        )

    def _table(self, told: Table, target: Target) -> Mapping[str, Value] | None:
        raw = told.raw("table")
        if isinstance(raw, str):
            if raw not in self._tables:
                told.fail("table", f"there is no [tables.{raw}]; {nearest(raw, self._tables)}")
            raw = self._tables[raw]
        if raw is None and target.kind is Type.BOOLEAN:
            told.fail("table", 'is missing; say which texts are true and false, as { "Yes" = true, "No" = false }.')
        if raw is not None and not isinstance(raw, dict):
            told.fail("table", f"{raw!r} is no table; write {{ TEXT = VALUE, … }} or the name of one under [tables].")
        return None if raw is None else {text: self._literal(told, text, value, target) for text, value in raw.items()}

    def _literal(self, told: Table, key: str, written: object, target: Target) -> Value:
        try:
            return literal(written, target, self._frame)
        except NotLiteral as wrong:
            told.fail(key, f"{wrong}.")


def _usual_blank(target: Target) -> Blank:
    return Blank.REFUSE if target.is_required and not target.is_often_blank else Blank.NONE


def _word(told: Table, key: str, words: type[Word]) -> Word | None:
    written = told.optional(key, str)
    if written is not None and written not in set(words):
        told.fail(key, f"{written!r} is not known; {nearest(written, words)}")
    return None if written is None else words(written)


def _is(told: Table, key: str, only: str) -> bool:
    written = told.optional(key, str)
    if written not in (None, only):
        told.fail(key, f'{written!r} is not known; the only value is "{only}".')
    return written == only


def _separator(told: Table, key: str, allowed: str) -> str | None:
    written = told.optional(key, str)
    if written is not None and (len(written) != 1 or written not in allowed):
        told.fail(key, f"{written!r} is not one of {' '.join(repr(mark) for mark in allowed)}.")
    return written


def _padding(told: Table) -> tuple[int, str]:
    padding = told.table("pad_left") if "pad_left" in told else None
    if padding is None:
        return 0, "0"
    padding.only({"length", "with"})
    length, filler = padding.take("length", int), padding.optional("with", str) or "0"
    if len(filler) != 1 or not 0 < length <= 40:
        told.fail("pad_left", "needs a length from 1 to 40 and one character.")
    return length, filler


def _pattern(told: Table) -> re.Pattern[str] | None:
    written = told.optional("matches", str)
    try:
        return None if written is None else re.compile(written)
    except re.error as broken:
        told.fail("matches", f"{written!r} is no regular expression ({broken}).")


def _region(told: Table) -> str:
    written = told.optional("region", str) or "FR"
    if written not in phonenumbers.SUPPORTED_REGIONS:
        told.fail("region", f"{written!r} is no region; write two letters such as FR.")
    return written
