"""From the text of a cell to the value of a field: exact, strict, and with a reason when it cannot be done."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backoffice.importing.parsers import Unreadable as Unreadable
from backoffice.importing.parsers import parse
from backoffice.importing.rules import Blank, Case, Frame, Rule, Value

_LONGEST_LIST = 8


@dataclass(frozen=True, slots=True)
class Read:
    """A value, and what had to be done to the text to get it: "padded", "cased", "blank taken as zero"."""

    value: Value
    adjustments: tuple[str, ...] = ()


def read(rule: Rule, cells: Mapping[str, str], frame: Frame) -> Read:
    """The value that `rule` makes of a row. Raises Unreadable."""
    if not rule.columns:
        return Read(rule.constant)
    text = said(rule, cells)
    if not text and "" not in (rule.table or {}):
        return _blank(rule)
    written, adjustments = _written(rule, text) if rule.case or rule.pad_length else (text, ())
    value = _looked_up(rule, written) if rule.table is not None else None
    if rule.table is None or (rule.keeps_others and written not in rule.table):
        value = _parsed(rule, written, frame)
    if rule.agrees_with and read(rule.agrees_with, cells, frame).value != value:
        raise Unreadable(f"differs from what {' and '.join(rule.agrees_with.columns)} says")
    return Read(value, adjustments)


def said(rule: Rule, cells: Mapping[str, str]) -> str:
    """What the columns of a rule say, without the blanks around it."""
    if len(rule.columns) == 1:
        return cells[rule.columns[0]].strip()
    return " ".join(cells[column].strip() for column in rule.columns).strip()


def _blank(rule: Rule) -> Read:
    if rule.blank is Blank.ZERO:
        return Read(0, ("blank taken as zero",))
    if rule.blank is Blank.NONE:
        return Read(None)
    raise Unreadable("is blank")


def _written(rule: Rule, text: str) -> tuple[str, tuple[str, ...]]:
    cased = _cased(rule.case, text)
    padded = cased.rjust(rule.pad_length, rule.pad_with)
    done = {"cased": cased != text, "padded": padded != cased}
    return padded, tuple(name for name, was_done in done.items() if was_done)


def _cased(case: Case | None, text: str) -> str:
    match case:
        case Case.UPPER:
            return text.upper()
        case Case.LOWER:
            return text.lower()
        case Case.TITLE:
            # Not str.title(), which would write O'Brien'S.
            return re.sub(r"[^\s-]+", lambda word: word[0].capitalize(), text)
        case None:
            return text


def _looked_up(rule: Rule, text: str) -> Value:
    table = rule.table or {}
    if text in table or rule.keeps_others:
        return table.get(text)
    known = ", ".join(list(table)[:_LONGEST_LIST])
    raise Unreadable(f"is not in the value table, which knows {known}")


def _parsed(rule: Rule, text: str, frame: Frame) -> Value:
    if rule.matches and not rule.matches.fullmatch(text):
        raise Unreadable(f"does not match {rule.matches.pattern}")
    return parse(rule, text, frame)
