"""The report of refused rows: a CSV with line, column, value and reason, put in its place only when it is whole."""

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from backoffice.importing.errors import BadFile
from backoffice.importing.parts import Problem

_COLUMNS = ("line", "column", "value", "reason")
_LONGEST = 40
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def default_path(file: Path) -> Path:
    """Where the report goes unless it is told otherwise: beside the file."""
    return file.with_name(f"{file.name}.refused.csv")


class Report:
    """Collects the problems of one pass; readable by its owner alone, since it quotes an operator's records."""

    def __init__(self, path: Path, *, is_asked_for: bool) -> None:
        self.path = path
        self.problems = 0
        # A report of an earlier run must not outlive a run that refused nothing.
        self._is_wanted = is_asked_for or path.exists()
        self._unfinished = path.with_name(f".{path.name}.{os.getpid()}")

    def __enter__(self) -> Self:
        try:
            handle = os.open(self._unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as refused:
            raise BadFile(
                f"The report {self.path} cannot be written ({refused.strerror}); name another place with --report."
            ) from refused
        self._file = os.fdopen(handle, "w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(_COLUMNS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is None and (self.problems or self._is_wanted):
            self._unfinished.replace(self.path)
        else:
            self._unfinished.unlink()

    @property
    def written_path(self) -> Path | None:
        """Where the report is to be found, None when nothing was refused and nobody asked for one."""
        return self.path if self.problems or self._is_wanted else None

    def add(self, problems: Iterable[Problem]) -> None:
        """Write problems down."""
        for problem in problems:
            self.problems += 1
            self._writer.writerow((problem.line, problem.column, _shown(problem.value), problem.reason))


def _shown(value: str) -> str:
    short = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
    # A spreadsheet would run it.
    return f"'{short}" if short.startswith(_FORMULA) else short
