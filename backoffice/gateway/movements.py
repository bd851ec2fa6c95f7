"""The sandbox's own books: what was asked of it, what it decided, and what really moved."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from backoffice.gateway.protocol import Answer, Outcome

_BUSY_SECONDS = 10
_TABLES = """
    CREATE TABLE IF NOT EXISTS movements (
        key TEXT PRIMARY KEY, kind TEXT NOT NULL, source TEXT NOT NULL, amount_cents INTEGER NOT NULL,
        currency TEXT NOT NULL, reference TEXT NOT NULL UNIQUE, outcome TEXT NOT NULL, code TEXT, at TEXT NOT NULL,
        settles_at TEXT, settles_as TEXT, settles_code TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS movements_of_source ON movements (source);
    CREATE TABLE IF NOT EXISTS lost_requests (key TEXT PRIMARY KEY) STRICT;
    CREATE TABLE IF NOT EXISTS effects (
        serial INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, amount_cents INTEGER NOT NULL,
        currency TEXT NOT NULL, reference TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT;
"""


class Kind(StrEnum):
    """Which way the money goes."""

    CHARGE = "CHARGE"
    REFUND = "REFUND"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked; `source` is the token of a charge or the original reference of a refund."""

    key: str
    kind: Kind
    source: str
    amount_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What the bank says now, and what it will say instead from `settles_at` on."""

    outcome: Outcome
    code: str | None
    settles_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """Money that really moved: one for each movement that was accepted, in the order in which they were."""

    key: str
    kind: Kind
    amount_cents: int
    currency: str
    reference: str
    at: datetime


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A transaction on the file at `path`, committed when the block ends and undone when it raises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as books:
        books.execute("PRAGMA journal_mode = WAL")
        # A bank that said yes must know it after a power cut.
        books.execute("PRAGMA synchronous = FULL")
        books.executescript(_TABLES)
        books.execute("BEGIN IMMEDIATE")
        with books:
            yield books


def known(books: sqlite3.Connection, key: str) -> tuple[Request, Answer] | None:
    """What was asked under a key, and what the bank says to it by now."""
    row = books.execute(
        "SELECT key, kind, source, amount_cents, currency, outcome, reference, code, at FROM movements WHERE key = ?",
        (key,),
    ).fetchone()
    if row is None:
        return None
    asked = Request(row[0], Kind(row[1]), row[2], row[3], row[4])
    return asked, Answer(Outcome(row[5]), row[6], row[7], datetime.fromisoformat(row[8]))


def lose(books: sqlite3.Connection, key: str) -> bool:
    """Lose the request on the way; False when one was lost before, so that the next arrives."""
    return books.execute("INSERT OR IGNORE INTO lost_requests VALUES (?)", (key,)).rowcount == 1


def token_of(books: sqlite3.Connection, reference: str) -> str | None:
    """The token that a charge was made with; None when the charge is not known here."""
    row = books.execute(
        "SELECT source FROM movements WHERE reference = ? AND kind = ?", (reference, Kind.CHARGE)
    ).fetchone()
    return None if row is None else str(row[0])


def standing_cents(books: sqlite3.Connection, reference: str) -> int:
    """What of a charge has not gone back and is not on its way back."""
    [standing] = books.execute(
        """
        SELECT COALESCE(SUM(CASE kind WHEN 'CHARGE' THEN amount_cents ELSE -amount_cents END), 0) FROM movements
        WHERE reference = :charge AND kind = 'CHARGE' AND outcome = 'ACCEPTED'
           OR source = :charge AND kind = 'REFUND' AND outcome IN ('ACCEPTED', 'PENDING')
        """,
        {"charge": reference},
    ).fetchone()
    return int(standing)


def write(books: sqlite3.Connection, asked: Request, decision: Decision, at: datetime) -> Answer:
    """Keep the request with the first answer; one that settles later is PENDING until then."""
    is_late = decision.settles_at is not None
    answer = Answer(
        outcome=Outcome.PENDING if is_late else decision.outcome,
        reference=f"sb_{hashlib.sha256(asked.key.encode()).hexdigest()[:24]}",
        code=None if is_late else decision.code,
        at=at,
    )
    later = (_text(decision.settles_at), decision.outcome, decision.code) if decision.settles_at else (None,) * 3
    books.execute(
        "INSERT INTO movements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(asked.key, asked.kind, asked.source, asked.amount_cents, asked.currency),
            *(answer.reference, answer.outcome, answer.code, _text(at), *later),
        ),
    )
    if answer.outcome is Outcome.ACCEPTED:
        _move(books, asked.key)
    return answer


def settle(books: sqlite3.Connection, at: datetime) -> None:
    """Decide what was to be decided by `at`."""
    due = books.execute(
        "SELECT key, settles_as FROM movements WHERE settles_at <= ? ORDER BY settles_at, key", (_text(at),)
    ).fetchall()
    for key, outcome in due:
        books.execute(
            "UPDATE movements SET outcome = settles_as, code = settles_code, at = settles_at, settles_at = NULL WHERE key = ?",
            (key,),
        )
        if outcome == Outcome.ACCEPTED:
            _move(books, key)


def effects(books: sqlite3.Connection) -> list[Effect]:
    """What moved, oldest first."""
    rows = books.execute("SELECT key, kind, amount_cents, currency, reference, at FROM effects ORDER BY serial")
    return [Effect(row[0], Kind(row[1]), row[2], row[3], row[4], datetime.fromisoformat(row[5])) for row in rows]


def _text(at: datetime) -> str:
    """An instant as a text that sorts as instants do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _move(books: sqlite3.Connection, key: str) -> None:
    books.execute(
        "INSERT INTO effects (key, kind, amount_cents, currency, reference, at)"
        " SELECT key, kind, amount_cents, currency, reference, at FROM movements WHERE key = ?",
        (key,),
    )
