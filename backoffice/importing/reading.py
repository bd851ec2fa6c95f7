"""Reads a CSV file row by row: encodings, byte-order marks, and the physical line on which each row starts."""

import codecs
import csv
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from backoffice.importing.errors import BadCsv, BadEncoding, BadFile, nearest
from backoffice.importing.rules import ImportMapping, Layout

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CHUNK = 1 << 20
_REST = "*"


@dataclass(frozen=True, slots=True)
class RawRow:
    """The cells of a row by column; `fault` says why they cannot be told apart, and then there are none."""

    line: int
    cells: Mapping[str, str]
    fault: str | None = None


class CsvFile:
    """A file with its encoding and header, checked once; `rows` can be read as often as one likes."""

    def __init__(self, path: Path, mapping: ImportMapping) -> None:
        """Raises BadFile, BadEncoding, BadCsv for what no row can be read from."""
        self.path = path
        self._layout = mapping.layout
        self._encoding = _encoding(path, mapping)
        with closing(self._records()) as records:
            self.header = _header(next(records, (1, []))[1])
        _check_columns(self.header, mapping)

    def rows(self) -> Iterator[RawRow]:
        """Every row after the header; blank lines are none. Raises BadCsv and BadEncoding with the line."""
        records = self._records()
        next(records)
        for line, cells in records:
            yield _row(line, cells, self.header)

    def _records(self) -> Generator[tuple[int, list[str]], None, None]:
        try:
            with self.path.open(encoding=self._encoding, newline="") as file:
                yield from _numbered(file, self._layout)
        except OSError as gone:
            raise _unreadable(self.path, gone) from gone
        except UnicodeError as foreign:
            raise BadEncoding(
                f"{self.path.name}{_bad_line(self.path, self._encoding)} is not {self._encoding}; state the encoding "
                'of the file under [file] in the mapping, such as encoding = "cp1252".'
            ) from foreign


def _numbered(file: TextIO, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    # A cell may hold line breaks: a row starts on the line after the one on which the last row ended.
    reader = csv.reader(file, delimiter=layout.delimiter, quotechar=layout.quote, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as broken:
            raise BadCsv(
                f"Line {line} is no well-formed CSV: {broken}. Correct the line, or the quote mark."
            ) from broken
        if cells is None:
            return
        if cells:
            yield line, cells


def _header(cells: list[str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in cells)
    if not names:
        raise BadCsv("The file is empty; it needs a line with the names of its columns.")
    for position, name in enumerate(names, start=1):
        if not name:
            raise BadCsv(f"Column {position} of the header has no name; name it, or remove the column.")
        if name in names[: position - 1]:
            raise BadCsv(f"The header names the column {name!r} twice; rename one of the two.")
    return names


def _check_columns(header: Sequence[str], mapping: ImportMapping) -> None:
    """Every column is mapped or ignored on purpose, so that nothing is lost by a slip."""
    used = {"key": mapping.key} | {rule.path: rule.columns for rule in mapping.rules()}
    for path, columns in used.items():
        for column in columns:
            if column not in header:
                raise BadCsv(
                    f"{mapping.file_name}: {path}: the file has no column {column!r}; {nearest(column, header)}"
                )
    ignored = mapping.layout.ignored
    left = set(header) - {column for columns in used.values() for column in columns} - ignored
    if left and _REST not in ignored:
        raise BadCsv(
            f"{mapping.file_name} says nothing of the column{'s' * (len(left) > 1)} {', '.join(sorted(left))}; "
            "map them, or list them under [file] as ignore."
        )


def _row(line: int, cells: list[str], header: Sequence[str]) -> RawRow:
    if len(cells) != len(header):
        return RawRow(line, {}, f"has {len(cells)} cells, the header has {len(header)}")
    if any("\0" in cell for cell in cells):
        return RawRow(line, {}, "has a NUL character")
    return RawRow(line, dict(zip(header, cells, strict=True)))


def _encoding(path: Path, mapping: ImportMapping) -> str:
    stated, fallback = mapping.layout.encoding, mapping.layout.fallback
    try:
        with path.open("rb") as file:
            start = file.read(4)
            marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
            if stated != "auto" and marked and codecs.lookup(marked).name.split("-sig")[0] != stated:
                raise BadEncoding(f"{path.name} begins with the mark of {marked}, and the mapping says {stated}.")
            if marked or stated != "auto":
                return marked or stated
            return fallback if fallback and not _is_utf8(path) else "utf-8"
    except OSError as missing:
        raise _unreadable(path, missing) from missing


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _bad_line(path: Path, encoding: str) -> str:
    if encoding.startswith(("utf-16", "utf-32")):
        return ""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return f", line {number},"
    return ""


def _unreadable(path: Path, error: OSError) -> BadFile:
    return BadFile(f"{path} cannot be read ({error.strerror}); check its path and that it is a file.")
