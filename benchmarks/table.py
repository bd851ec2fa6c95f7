"""What was measured as a table of four rows, for people to read in a terminal or in Markdown."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.contenders import FLOOR_JSON, NORMAL
from benchmarks.equality import Equality
from benchmarks.measuring import Measured, Turn

_NOTHING = "–"
_TICK_SECONDS = 1e-6
_HEADS = (
    "Subscriber 360",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "CPU ms",
    "server CPU ms",
    "SQL",
    "bytes",
    "RSS +MB",
    "equal",
    f"req/s × {FLOOR_JSON}",
    f"req/s × {NORMAL}",
    f"CPU × {FLOOR_JSON}",
)


@dataclass(frozen=True, slots=True)
class Table:
    """One database: cells as text, the heads first."""

    title: str
    rows: list[tuple[str, ...]]
    notes: list[str]

    def as_text(self) -> str:
        """Aligned columns."""
        widths = [max(len(row[at]) for row in self.rows) for at in range(len(self.rows[0]))]
        lines = ["  ".join(_aligned(row, widths)).rstrip() for row in self.rows]
        return "\n".join([self.title, "", *lines, "", *self.notes])

    def as_markdown(self) -> str:
        """A Markdown table, numbers to the right."""
        rule = ("---", *("---:" for _ in self.rows[0][1:]))
        lines = ["| " + " | ".join(row) + " |" for row in (self.rows[0], rule, *self.rows[1:])]
        return "\n".join([f"## {self.title}", "", *lines, "", *(f"- {note}" for note in self.notes)])


def table(title: str, measured: Sequence[Measured], equality: dict[str, Equality], notes: Sequence[str]) -> Table:
    """The table of one database, with what is not equal among its notes."""
    by_name = {each.name: each for each in measured}
    rows = [_row(each, by_name, equality.get(each.name)) for each in measured]
    differing = [f"NOT EQUAL, {name}: {each.difference}" for name, each in equality.items() if each.difference]
    return Table(title, [_HEADS, *rows], [*differing, *notes])


def _row(of: Measured, by_name: dict[str, Measured], equality: Equality | None) -> tuple[str, ...]:
    latencies = sorted(each for turn in of.turns for each in turn.latencies)
    return (
        of.name,
        f"{statistics.median(map(_rate, of.turns)):,.0f}",
        f"{_quantile(latencies, 0.50) * 1000:.2f}",
        f"{_quantile(latencies, 0.99) * 1000:.2f}",
        _each(of.turns, lambda turn: turn.cpu_seconds * 1000, "{:.2f}"),
        _each(of.turns, lambda turn: None if turn.server_seconds is None else turn.server_seconds * 1000, "{:.2f}"),
        _each(of.turns, lambda turn: turn.statements, "{:.1f}"),
        _each(of.turns, lambda turn: turn.answered_bytes, "{:,.0f}"),
        _grown([of.warm_up, *of.turns]),
        "itself" if equality is None else f"{equality.equal:,}/{equality.asked:,}",
        _ratios(of, by_name[FLOOR_JSON], _rate),
        _ratios(of, by_name[NORMAL], _rate),
        _ratios(of, by_name[FLOOR_JSON], _cpu),
    )


def _rate(turn: Turn) -> float:
    return turn.requests / turn.seconds


def _cpu(turn: Turn) -> float:
    """Of this process and the server's, in seconds a request; a turn too short for the clock counts as one tick of it."""
    return max(turn.cpu_seconds + (turn.server_seconds or 0), _TICK_SECONDS) / turn.requests


def _quantile(ordered: Sequence[float], part: float) -> float:
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def _each(turns: Sequence[Turn], amount: Callable[[Turn], float | None], form: str) -> str:
    """The amount of all turns for each of their requests."""
    amounts = [amount(turn) for turn in turns]
    known = [each for each in amounts if each is not None]
    return form.format(sum(known) / sum(turn.requests for turn in turns)) if len(known) == len(turns) else _NOTHING


def _grown(turns: Sequence[Turn]) -> str:
    known = [turn.grown_bytes for turn in turns if turn.grown_bytes is not None]
    return f"{sum(known) / 2**20:.1f}" if len(known) == len(turns) else _NOTHING


def _ratios(of: Measured, other: Measured, amount: Callable[[Turn], float]) -> str:
    """An amount beside another's in the same round: the least, the median, the most."""
    if of is other:
        return "1"
    ratios = sorted(amount(one) / amount(two) for one, two in zip(of.turns, other.turns, strict=True))
    return "–".join(f"{each:.2f}" for each in (ratios[0], statistics.median(ratios), ratios[-1]))


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(row, widths, strict=True)
    return [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
