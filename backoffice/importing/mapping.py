"""Reads and checks a mapping: TOML in, frozen dataclasses out; every error names the key and the nearest valid name."""

import codecs
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backoffice.billing.periods import civil_day
from backoffice.importing import tables
from backoffice.importing.declarations import read_expected, read_offers, read_totals
from backoffice.importing.literals import NotLiteral, rate
from backoffice.importing.rules import Blank, Frame, ImportMapping, Layout, Section
from backoffice.importing.ruling import RuleReader
from backoffice.importing.tables import Table
from backoffice.importing.targets import NOUNS, WHEN

_ROOT = {"source", "key", "as_of", "zone", "file", "tables", "offer", "totals", "expect", *NOUNS}
_FILE = {"encoding", "fallback", "delimiter", "quote", "ignore"}
_SOURCE_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


def load(path: Path, *, at: datetime, zone: str) -> ImportMapping:
    """The mapping in a TOML file; `zone` is the installation's, for a mapping that states none. Raises BadMapping."""
    root = tables.parse(path)
    root.only(_ROOT)
    clock = _zone(root, zone)
    frame = Frame(_as_of(root, at, clock), clock)
    rules = RuleReader(tables=_value_tables(root), frame=frame)
    sections = tuple(section for noun in NOUNS for section in _sections(root, noun, rules))
    _check_nouns(root, {section.noun for section in sections})
    totals = read_totals(root, frame, {section.noun for section in sections})
    return ImportMapping(
        file_name=path.name,
        source=_source(root),
        key=_key(root),
        frame=frame,
        layout=_layout(root.table("file")),
        sections=sections,
        offers=read_offers(root, frame),
        totals=totals,
        expected=read_expected(root, totals),
    )


def _as_of(root: Table, at: datetime, zone: ZoneInfo) -> date:
    as_of = root.take("as_of", date)
    if as_of > civil_day(at, zone.key):
        root.fail("as_of", f"{as_of} lies ahead; write the day on which the file was taken from the old system.")
    return as_of


def _zone(root: Table, default: str) -> ZoneInfo:
    name = root.optional("zone", str) or default
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        root.fail("zone", f"{name!r} is no time zone; use a name such as Europe/Paris.")


def _source(root: Table) -> str:
    source = root.take("source", str)
    if not 1 <= len(source) <= 40 or not set(source) <= _SOURCE_CHARACTERS:
        root.fail("source", f"{source!r} is no name; write 1 to 40 small letters, digits, - or _.")
    return source


def _key(root: Table) -> tuple[str, ...]:
    columns = root.texts("key")
    if not columns:
        root.fail("key", "is missing; name the column, or the list of columns, that tells the rows apart.")
    return columns


def _value_tables(root: Table) -> Mapping[str, Mapping[str, Any]]:
    told = root.table("tables")
    return {name: told.take(name, dict) for name in told.left()}


def _layout(told: Table) -> Layout:
    told.only(_FILE)
    return Layout(
        encoding=_encoding(told, "encoding") or "auto",
        fallback=_encoding(told, "fallback"),
        delimiter=_mark(told, "delimiter", ","),
        quote=_mark(told, "quote", '"'),
        ignored=frozenset(told.texts("ignore")),
    )


def _encoding(told: Table, key: str) -> str | None:
    name = told.optional(key, str)
    if name is None or name == "auto":
        return name
    try:
        return codecs.lookup(name).name
    except LookupError:
        told.fail(key, f"{name!r} is no encoding; write utf-8, cp1252, utf-16, or auto.")


def _mark(told: Table, key: str, default: str) -> str:
    mark = told.optional(key, str) or default
    if len(mark) != 1 or mark in "\r\n\0":
        told.fail(key, f'{mark!r} is not one character; write such as ";", or "\\t" for a tabulator.')
    return mark


def _sections(root: Table, noun: str, rules: RuleReader) -> Iterator[Section]:
    raw, is_list = root.raw(noun), NOUNS[noun].is_list
    if raw is None:
        return
    if not isinstance(raw, list if is_list else dict):
        root.fail(noun, f"is written {f'[[{noun}]]' if is_list else f'[{noun}]'}, with its fields below.")
    for position, table in enumerate(raw if is_list else [raw], start=1):
        path = f"{noun}[{position}]" if is_list else noun
        if not isinstance(table, dict):
            root.fail(noun, f"{table!r} is no table.")
        yield _section(Table(table, path=path, file_name=root.file_name), noun, rules)


def _section(told: Table, noun: str, rules: RuleReader) -> Section:
    targets = NOUNS[noun].targets
    # Every row has its subscriber, so no condition decides on that.
    known = ({*targets, "when"} - ({"when"} if noun == "subscriber" else set())) | (
        {"vat"} if noun == "statement" else set()
    )
    told.only(known)
    vat_rate = _vat(told) if noun == "statement" else None
    when = rules.read(told, "when", WHEN) if "when" in told else None
    read = {name: rules.read(told, name, target) for name, target in targets.items() if name in told}
    for name, target in targets.items():
        if target.is_required and name not in read:
            told.fail(name, "is missing; name its column, or write { constant = … }.")
        if target.is_required and noun == "subscriber" and read[name].blank is Blank.NONE:
            told.fail(name, "cannot be none; a subscriber needs it.")
    return Section(noun=noun, path=told.path, rules=read, when=when, vat_rate=vat_rate)


def _vat(told: Table) -> Decimal | None:
    try:
        return rate(told.raw("vat"))
    except NotLiteral as wrong:
        told.fail("vat", f'{wrong}; "outside" is for amounts whose VAT nobody knows any more.')


def _check_nouns(root: Table, nouns: set[str]) -> None:
    for noun in ("subscriber", *sorted(nouns)):
        if noun not in nouns:
            root.fail(noun, "is missing; every row makes a subscriber, if only an unidentified one.")
        for needed in NOUNS[noun].needs:
            if needed not in nouns:
                root.fail(noun, f"needs {needed} to be mapped as well.")
