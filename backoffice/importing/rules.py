"""A mapping once it has been read: frozen data, every value already of the type of its field."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from backoffice.importing.targets import Target
from backoffice.models import OfferKind, ServiceFamily


class PhoneNumber(NamedTuple):
    """A number as it was typed, and its E.164 form."""

    typed: str
    number: str


Value = str | int | date | datetime | PhoneNumber | None


@dataclass(frozen=True, slots=True)
class Frame:
    """What values are read against: the day on which the file was true, and the zone of its clock times."""

    as_of: date
    zone: ZoneInfo


class Blank(StrEnum):
    """What an empty cell means."""

    REFUSE = "refuse"
    NONE = "none"
    ZERO = "zero"


class Case(StrEnum):
    """How letters are written; TITLE capitalises every word."""

    UPPER = "upper"
    LOWER = "lower"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field gets its value: from `columns` (joined by a blank), or from `constant` when there are none."""

    path: str
    target: Target
    columns: tuple[str, ...] = ()
    constant: Value = None
    blank: Blank = Blank.REFUSE
    table: Mapping[str, Value] | None = None
    keeps_others: bool = False
    """A text that is not in the table stands for itself."""
    patterns: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
    is_in_cents: bool = False
    case: Case | None = None
    pad_length: int = 0
    pad_with: str = "0"
    prefix: str = ""
    matches: re.Pattern[str] | None = None
    is_months_before: bool = False
    region: str = "FR"
    agrees_with: "Rule | None" = None
    """Another reading of the same fact in the same file; a row in which the two differ is refused."""


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the mapping: one noun, its rules by field, and the condition under which a row has it."""

    noun: str
    path: str
    rules: Mapping[str, Rule]
    when: Rule | None = None
    vat_rate: Decimal | None = None
    """Of a statement; None: outside the scope of VAT."""


@dataclass(frozen=True, slots=True)
class CatalogueOffer:
    """An entry of the catalogue that is made when it is absent. No rate: outside the scope of VAT."""

    code: str
    name_fr: str
    name_en: str
    kind: OfferKind
    family: ServiceFamily
    price_cents: int
    vat_rate: Decimal | None
    sold_from: date
    sold_until: date | None


@dataclass(frozen=True, slots=True)
class Total:
    """What is added up: rows of a noun, or one field of them, where other fields have given values."""

    name: str
    noun: str
    field: str | None
    where: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the file is written."""

    encoding: str = "auto"
    fallback: str | None = None
    delimiter: str = ","
    quote: str = '"'
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """A whole mapping; `key` are the columns that tell its rows apart, for ever."""

    file_name: str
    source: str
    key: tuple[str, ...]
    frame: Frame
    layout: Layout
    sections: tuple[Section, ...]
    offers: tuple[CatalogueOffer, ...] = ()
    totals: tuple[Total, ...] = ()
    expected: Mapping[str, int] = field(default_factory=dict)

    def rules(self) -> Iterator[Rule]:
        """Every rule, those of conditions and of second readings included."""
        for section in self.sections:
            for rule in (*section.rules.values(), *((section.when,) if section.when else ())):
                yield rule
                if rule.agrees_with:
                    yield rule.agrees_with
