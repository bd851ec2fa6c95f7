"""How each of the two databases makes the JSON of the floor."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.floor.values import cursor, global_id

# A quotation mark within a text of the data is escaped, so that no text can look like this.
_MARKED = re.compile(r'"~(\w+):([\d-]+):(\d+)"')


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one database makes JSON; each function takes SQL and gives SQL."""

    object: str
    """The name of the function that makes an object of keys and values."""
    id: Callable[[str, str, str], str]
    """A global id of a type's name, the subscriber's half of the key, and the row's."""
    cursor: Callable[[str, str], str]
    """The cursor of a date and an id."""
    decimal: Callable[[str], str]
    """An amount of cents as a decimal text."""
    rate: Callable[[str], str]
    """A rate in hundredths of a percent as a decimal text."""
    instant: Callable[[str], str]
    """An instant in ISO 8601 with its offset."""
    flag: Callable[[str], str]
    """A condition as true or false."""
    all: Callable[[str], str]
    """The array of the one column `j` of a query, in its order."""
    one: Callable[[str], str]
    """The one column of a query's one row, or null."""


def _sqlite_instant(column: str) -> str:
    """The stored text `2026-11-21 09:00:00.000000` as ISO 8601, with a fraction only where there is one."""
    fraction = f"CASE substr({column}, 20) WHEN '.000000' THEN '' ELSE substr({column}, 20) END"
    return f"replace(substr({column}, 1, 19), ' ', 'T') || {fraction} || '+00:00'"


def _sqlite_decimal(cents: str) -> str:
    return f"printf('%s%d.%02d', iif({cents} < 0, '-', ''), abs({cents}) / 100, abs({cents}) % 100)"


def _sqlite_rate(column: str) -> str:
    """Two decimals at least, four at most."""
    long = f"rtrim(printf('%d.%04d', {column} / 10000, {column} % 10000), '0')"
    short = f"printf('%d.%02d', {column} / 10000, {column} % 10000 / 100)"
    return f"CASE WHEN {column} % 100 = 0 THEN {short} WHEN {column} IS NOT NULL THEN {long} END"


SQLITE = Dialect(
    object="json_object",
    id=lambda kind, subscriber, row: f"'~{kind}:' || {subscriber} || ':' || {row}",
    cursor=lambda day, row: f"'~cursor:' || {day} || ':' || {row}",
    decimal=_sqlite_decimal,
    rate=_sqlite_rate,
    instant=_sqlite_instant,
    flag=lambda condition: f"json(iif({condition}, 'true', 'false'))",
    all=lambda query: f"json((SELECT json_group_array(json(q.j)) FROM ({query}) q))",
    one=lambda query: f"json(({query}))",
)


def finished(text: str) -> str:
    """What SQLite made, with its marks turned into ids and cursors: it has no base64.

    A function of ours within the statement would cost more: every call waits for the interpreter's lock.
    """
    return _MARKED.sub(_encoded, text)


def _encoded(mark: re.Match[str]) -> str:
    kind, first, row_id = mark.groups()
    made = cursor(first, int(row_id)) if kind == "cursor" else global_id(kind, int(first), int(row_id))
    return f'"{made}"'


def _base64(text: str) -> str:
    """Without line breaks, as long as the text has 57 bytes at most; the letters used never need the URL alphabet."""
    return f"rtrim(encode(convert_to({text}, 'UTF8'), 'base64'), '=')"


def _postgresql_instant(column: str) -> str:
    utc = f"{column} AT TIME ZONE 'UTC'"
    seconds, fraction = f"""to_char({utc}, 'YYYY-MM-DD"T"HH24:MI:SS')""", f"to_char({utc}, '.US')"
    return f"{seconds} || replace({fraction}, '.000000', '') || '+00:00'"


def _postgresql_rate(column: str) -> str:
    rate = f"{column}::numeric / 10000"
    return f"CASE WHEN {column} % 100 = 0 THEN round({rate}, 2) ELSE trim_scale({rate}) END::text"


POSTGRESQL = Dialect(
    object="json_build_object",
    id=lambda kind, subscriber, row: _base64(f"'{kind}:' || {subscriber} || ':' || {row}"),
    cursor=lambda day, row: _base64(f"""'["' || {day} || '", ' || {row} || ']'"""),
    decimal=lambda cents: f"round({cents}::numeric / 100, 2)::text",
    rate=_postgresql_rate,
    instant=_postgresql_instant,
    flag=lambda condition: condition,
    all=lambda query: f"(SELECT coalesce(json_agg(q.j), '[]') FROM ({query}) q)",
    one=lambda query: f"({query})",
)
