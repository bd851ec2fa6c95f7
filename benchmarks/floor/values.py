"""Values of the answer that Python writes: ids, cursors, amounts, rates, instants."""

import base64
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Sequence[Any]
Lists = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What depends on the database: how it gives instants, and the moment of the request in the form it gives."""

    instant: Callable[[Any], Any]
    """Makes of an instant, or None, what orjson writes in ISO 8601 with an offset."""
    today: Any
    at: Any


def stored_instant(stored: str | None) -> str | None:
    """The text that SQLite holds as ISO 8601, with a fraction only where there is one."""
    if stored is None:
        return None
    seconds = f"{stored[:10]}T{stored[11:19]}"
    return f"{seconds}+00:00" if stored.endswith(".000000") else f"{seconds}{stored[19:]}+00:00"


def global_id(kind: str, owner: int, row_id: int) -> str:
    """A global id; the letters of types and digits need no URL alphabet."""
    return base64.b64encode(f"{kind}:{owner}:{row_id}".encode()).rstrip(b"=").decode()


def cursor(day: Any, row_id: int) -> str:
    """The cursor of a date (or its text) and an id."""
    return base64.urlsafe_b64encode(json.dumps([str(day), row_id]).encode()).rstrip(b"=").decode()


def decimal(cents: int) -> str:
    """An amount of cents as a decimal text."""
    sign, whole = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{whole // 100}.{whole % 100:02}"


def rate(stored: int | None) -> str | None:
    """A rate in hundredths of a percent as a decimal text: two decimals at least, four at most."""
    if stored is None:
        return None
    whole, part = divmod(stored, 10_000)
    return f"{whole}.{part // 100:02}" if stored % 100 == 0 else f"{whole}.{part:04}".rstrip("0")


def grouped(rows: Sequence[Row]) -> defaultdict[int, list[Row]]:
    """Rows by the parent's id, their last column."""
    groups: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[-1]].append(row)
    return groups
