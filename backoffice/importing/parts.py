"""What a row says once it has been read, and why it is refused when it is."""

from collections.abc import Mapping
from dataclasses import dataclass

from backoffice.importing.rules import Section, Value


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is refused: which columns, what they say (withheld when that is personal), and the reason."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """What a row says about one section: the values of its fields."""

    noun: str
    section: Section
    values: Mapping[str, Value]

    def columns(self, *fields: str) -> str:
        """The columns that fill these fields, for a report."""
        rules = [self.section.rules[field] for field in fields if field in self.section.rules]
        return ", ".join(dict.fromkeys(column for rule in rules for column in rule.columns))
