"""Checks a row before anything is written: every value, what values say together, and keys that come twice."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from backoffice.importing.consistency import Finding, findings
from backoffice.importing.identities import Identity, identities
from backoffice.importing.parts import Part, Problem
from backoffice.importing.reading import RawRow
from backoffice.importing.rules import Frame, ImportMapping, Rule, Section, Value
from backoffice.importing.values import Unreadable, read, said
from backoffice.models import DirectoryKind, OfferKind

_LONGEST_KEY = 150


@dataclass(frozen=True)
class Row:
    """A row that has been read; one with problems writes nothing at all."""

    line: int
    key: str
    parts: tuple[Part, ...] = ()
    problems: tuple[Problem, ...] = ()
    adjustments: tuple[str, ...] = ()
    identities: tuple[Identity, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Tells whether a row that comes again says the same, under this mapping."""
        told = [
            f"{part.section.path}.{field}={value!s}"
            for part in self.parts
            for field, value in sorted(part.values.items())
        ]
        rates = [f"{part.section.path}.vat={part.section.vat_rate}" for part in self.parts]
        return hashlib.sha256("\n".join(told + rates).encode()).hexdigest()[:40]


class Checker:
    """Checks the rows of one pass over the file, and remembers the keys that it has seen: about 200 bytes a row."""

    def __init__(self, mapping: ImportMapping, offers: Mapping[str, OfferKind]) -> None:
        self._mapping = mapping
        self._offers = offers
        self._lines: dict[tuple[DirectoryKind, str], int] = {}

    def check(self, raw: RawRow) -> Row:
        """The row with its values, and with every problem that it has."""
        if raw.fault:
            return Row(raw.line, "", problems=(Problem(raw.line, "", "", raw.fault),))
        row = self._read(raw)
        found = [*self._of_key(row), *findings(row.parts, self._offers)]
        if not row.problems and not found:
            row = replace(row, identities=tuple(identities(row.parts)))
            found = [*self._twice(row)]
        return replace(row, problems=row.problems + tuple(Problem(row.line, *finding) for finding in found))

    def _read(self, raw: RawRow) -> Row:
        parts: list[Part] = []
        problems: list[Problem] = []
        adjustments: list[str] = []
        for section in self._mapping.sections:
            part, wrong, adjusted = _part(section, raw, self._mapping.frame)
            problems += wrong
            adjustments += adjusted
            # A statement over nothing is no statement.
            if part and not (part.noun == "statement" and part.values.get("amount") == 0):
                parts.append(part)
        key = "|".join(_escaped(raw.cells[column].strip()) for column in self._mapping.key)
        return Row(raw.line, key, tuple(parts), tuple(problems), tuple(adjustments))

    def _of_key(self, row: Row) -> Iterator[Finding]:
        columns = ", ".join(self._mapping.key)
        if not row.key.strip("|") or len(row.key) > _LONGEST_KEY:
            yield columns, "", f"is no key: a key takes 1 to {_LONGEST_KEY} characters"
            return
        first = self._lines.setdefault((DirectoryKind.IMPORT, row.key), row.line)
        if first != row.line:
            yield columns, row.key, f"is the key of line {first} already"

    def _twice(self, row: Row) -> Iterator[Finding]:
        own = [identity for identity in row.identities if identity.is_owned_by_one]
        for identity in own:
            first = self._lines.setdefault((identity.kind, identity.key), row.line)
            if first != row.line:
                yield identity.columns, identity.key, f"is used on line {first} already"


def _escaped(text: str) -> str:
    # So that ("a|", "b") and ("a", "|b") are two keys.
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _part(section: Section, raw: RawRow, frame: Frame) -> tuple[Part | None, list[Problem], list[str]]:
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    adjustments: list[str] = []
    if section.when:
        is_there, problems = _is_there(section.when, raw, frame)
        if not is_there:
            return None, problems, []
    for field, rule in section.rules.items():
        try:
            found = read(rule, raw.cells, frame)
        except Unreadable as wrong:
            problems.append(_problem(rule, raw, wrong))
            continue
        values[field] = found.value
        adjustments += [f"{rule.path} {adjustment}" for adjustment in found.adjustments]
    part = Part(section.noun, section, values)
    lacking = [
        field for field, rule in section.rules.items() if rule.target.is_required and values.get(field, 0) is None
    ]
    if lacking and section.noun != "subscriber":
        return None, [*problems, *_left_over(part, lacking[0], raw)], []
    return part, problems, adjustments


def _left_over(part: Part, lacking: str, raw: RawRow) -> Iterator[Problem]:
    # Without its name a row has no holder; but a first name alone is a slip, not an absence.
    given = [field for field, value in part.values.items() if part.section.rules[field].target.is_personal and value]
    if part.columns(*given):
        yield Problem(raw.line, part.columns(lacking), "", f"is blank, but {part.columns(*given)} is not")


def _is_there(when: Rule, raw: RawRow, frame: Frame) -> tuple[bool, list[Problem]]:
    try:
        return bool(read(when, raw.cells, frame).value), []
    except Unreadable as wrong:
        return False, [_problem(when, raw, wrong)]


def _problem(rule: Rule, raw: RawRow, wrong: Unreadable) -> Problem:
    text = said(rule, raw.cells)
    # Nobody needs a name or an address to find the line again.
    shown = f"({len(text)} characters)" if rule.target.is_personal else text
    return Problem(raw.line, ", ".join(rule.columns), shown, wrong.reason)
