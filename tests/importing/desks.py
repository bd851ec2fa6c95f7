"""An import on a desk: a mapping and a file in a folder, and the counts of what the database then holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from backoffice import importing
from backoffice.database import Database
from backoffice.importing.mapping import load
from backoffice.importing.reading import CsvFile
from backoffice.importing.rules import ImportMapping
from backoffice.models import Base

AT = datetime(2026, 11, 21, 10, tzinfo=UTC)
ZONE = "Europe/Paris"

SUBSCRIBER = """
source = "desk"
key = "id"
as_of = 2026-10-01

[subscriber]
number = "id"
kind = { constant = "CONSUMER" }
state = { constant = "ACTIVE" }
language = { constant = "FR" }
"""

WHOLE = (
    SUBSCRIBER
    + """
[account]
number = { column = "id", prefix = "A-" }

[payment_method]
kind = { constant = "TRANSFER" }

[[holder]]
last_name = "name"

[contract]
number = { column = "id", prefix = "C-" }
offer = { constant = "DESK-FIBRE" }
state = { constant = "ACTIVE" }
starts_on = { column = "months", months_before = true }
commitment_months = { constant = 12 }

[[item]]
offer = { constant = "DESK-FIBRE" }
agreed_amount = "charge"

[statement]
number = { column = "id", prefix = "O-" }
label = { constant = "Billed before" }
amount = { column = "total", blank = "zero" }
vat = "0.20"

[[offer]]
code = "DESK-FIBRE"
name_fr = "Fibre"
name_en = "Fibre"
kind = "OFFER"
family = "INTERNET"
price = "30.00"
vat = "0.20"
sold_from = 2020-01-01

[totals]
subscribers = { count = "subscriber" }
monthly_cents = { sum = "item.agreed_amount" }
billed_cents = { sum = "statement.amount" }
"""
)

ROWS = "id,name,months,charge,total\nS1,Ada,3,29.90,89.70\nS2,Élodie,0,19.99,\nS3,Zoé,12,40.00,480.00\n"


@dataclass
class Desk:
    """A folder with `mapping.toml` and `file.csv`."""

    folder: Path

    @property
    def report(self) -> Path:
        """Where the report goes when nobody names another place."""
        return self.folder / "file.csv.refused.csv"

    def put(self, mapping: str, file: str | bytes) -> "Desk":
        """Write both files."""
        (self.folder / "mapping.toml").write_text(mapping, encoding="utf-8")
        (self.folder / "file.csv").write_bytes(file.encode() if isinstance(file, str) else file)
        return self

    def load(self) -> ImportMapping:
        """The mapping as read."""
        return load(self.folder / "mapping.toml", at=AT, zone=ZONE)

    def read(self) -> list[tuple[int, Mapping[str, str], str | None]]:
        """The rows of the file: line, cells, fault."""
        return [(row.line, row.cells, row.fault) for row in CsvFile(self.folder / "file.csv", self.load()).rows()]

    async def run(self, database: Database, **options: Any) -> importing.Outcome:
        """Import the file."""
        mapping, file = self.folder / "mapping.toml", self.folder / "file.csv"
        return await importing.run(database, mapping=mapping, file=file, **{"at": AT, "zone": ZONE} | options)

    def refusals(self) -> list[str]:
        """The lines of the report, without its header."""
        return self.report.read_text(encoding="utf-8").splitlines()[1:]


async def counts(database: Database) -> dict[str, int]:
    """How many rows each table holds, those that hold none left out."""
    found = {}
    async with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            found[table.name] = int(await session.scalar(select(func.count()).select_from(table)) or 0)
    return {name: count for name, count in found.items() if count}
