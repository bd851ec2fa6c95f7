"""What every maker of records knows: the import, the row, and the ids that its parts have been given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from backoffice.ids import new_id
from backoffice.importing.catalogue import StoredOffer
from backoffice.importing.parts import Part
from backoffice.importing.rows import Row
from backoffice.importing.rules import ImportMapping
from backoffice.models import Base

Record = tuple[type[Base], dict[str, Any]]
AUTHOR = "import"


@dataclass(frozen=True, slots=True)
class Setting:
    """One import: its mapping, the catalogue, the file's name, and the instant at which it runs."""

    mapping: ImportMapping
    offers: Mapping[str, StoredOffer]
    file_name: str
    at: datetime

    @property
    def as_of(self) -> date:
        """The day on which the file was true."""
        return self.mapping.frame.as_of

    @property
    def as_of_instant(self) -> datetime:
        """The first instant of that day."""
        return datetime.combine(self.as_of, time(), self.mapping.frame.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Making:
    """One row in the making; `ids` are those of the first part of each noun."""

    setting: Setting
    row: Row
    ids: Mapping[str, int]

    @property
    def subscriber_id(self) -> int:
        """The subscriber that all records of this row belong to."""
        return self.id_of("subscriber")

    @property
    def main_id(self) -> int:
        """What the row is about: its ticket, when that is all it brings of an unidentified contact."""
        is_contact = "ticket" in self.ids and "account" not in self.ids
        return self.id_of("ticket" if is_contact else "subscriber")

    def part(self, noun: str) -> Part | None:
        """The first part of a noun."""
        return next((part for part in self.row.parts if part.noun == noun), None)

    def id_of(self, noun: str) -> int:
        """The id of the first part of a noun, which the row is known to have."""
        return self.ids[noun]

    def optional_id(self, noun: str) -> int | None:
        """As `id_of`, or None."""
        return self.ids.get(noun)

    def new_id(self) -> int:
        """An id for a record that is no part of its own."""
        return new_id(self.setting.at)
