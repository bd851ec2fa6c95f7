"""What an import did, in numbers and in lines to print."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_CENTS = "_cents"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run. Totals are cents where their name ends in `_cents`, else counts.

    `totals` is what the whole file says, `refused_totals` the part of it in refused rows, `written_totals` what this
    run wrote, and `database_totals` what the database then holds of this source.
    """

    is_dry_run: bool
    read: int
    written: int
    unchanged: int
    refused: int
    expected_refused: int
    totals: Mapping[str, int]
    refused_totals: Mapping[str, int]
    written_totals: Mapping[str, int]
    database_totals_before: Mapping[str, int]
    database_totals: Mapping[str, int]
    adjustments: Mapping[str, int]
    report: Path | None

    @property
    def is_reconciled(self) -> bool:
        """Whether every row is accounted for, and the database grew by exactly what was written."""
        return self.read == self.written + self.unchanged + self.refused and not self.differences

    @property
    def differences(self) -> Mapping[str, int]:
        """By how much the database grew more than what was written, for the totals where it did."""
        if self.is_dry_run:
            return {}
        grown = {name: now - self.database_totals_before[name] for name, now in self.database_totals.items()}
        return {name: grown[name] - told for name, told in self.written_totals.items() if grown[name] != told}

    @property
    def exit_status(self) -> int:
        """0 when all is accounted for and no row was refused beyond those that the mapping expects; else 1."""
        return 0 if self.is_reconciled and self.refused <= self.expected_refused else 1

    def lines(self) -> list[str]:
        """What to print."""
        return [*self._rows(), *self._adjustments(), *self._totals(), *self._end()]

    def _rows(self) -> list[str]:
        verb = "would be written" if self.is_dry_run else "written"
        counts = {"read": self.read, verb: self.written, "unchanged": self.unchanged, "refused": self.refused}
        return ["rows: " + ", ".join(f"{count:,} {what}" for what, count in counts.items())]

    def _adjustments(self) -> list[str]:
        return [f"{name}: {count:,}" for name, count in sorted(self.adjustments.items())]

    def _totals(self) -> list[str]:
        if not self.totals:
            return []
        table: list[tuple[str, ...]] = [("total", "in the file", "refused", "in the database")]
        for name, told in self.totals.items():
            cells = (told, self.refused_totals[name], self.database_totals[name])
            table.append((name, *(_written(name, cell) for cell in cells)))
        widths = [max(len(row[column]) for row in table) for column in range(4)]
        return ["  ".join(_aligned(row, widths)) for row in table]

    def _end(self) -> list[str]:
        lines = [f"refused rows are listed in {self.report}"] if self.report and self.refused else []
        for name, difference in self.differences.items():
            lines.append(f"{name} does not agree: the database is off by {_written(name, difference)}")
        if self.is_dry_run:
            return [*lines, "dry run: nothing was written"]
        return [*lines, "reconciled" if self.is_reconciled else "NOT RECONCILED: check the totals above"]


def _aligned(row: tuple[str, ...], widths: list[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]


def _written(name: str, number: int) -> str:
    if not name.endswith(_CENTS):
        return f"{number:,}"
    whole, cents = divmod(abs(number), 100)
    return f"{'-' if number < 0 else ''}{whole:,}.{cents:02d}"
