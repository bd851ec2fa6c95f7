"""One database from its data to its table."""

from dataclasses import dataclass

from backoffice.services.access_log import AccessLog
from benchmarks.contenders import NORMAL, Graphs, Silent, Statements, contenders
from benchmarks.data import Size, Store
from benchmarks.equality import Equality, compare
from benchmarks.floor import drivers
from benchmarks.measuring import Measured, Plan, measure
from benchmarks.processes import watching
from benchmarks.table import Table, table

_MEANING = (
    "{rounds} rounds of turns one after the other, {seconds:g} s each, after one to warm up; at least {fewest:,} requests "
    "each under load. A turn's first half asks one at a time (p50, p99), its second {at_once} at once (all else)."
)
_RATIOS = (
    "×: ratios within the same round, least–median–most. Of requests a second more is better; of CPU (this process and the "
    "server's) less is, and it wavers less when the machine has other work."
)
_PROCESSOR = (
    "CPU ms a request: this process with all its threads, SQLite's work included; server CPU ms: PostgreSQL's processes, "
    "read in ticks of 10 ms. No HTTP, no sign-in."
)
_DRIVERS = (
    "The floors speak to sqlite3 and asyncpg directly, the others through SQLAlchemy as the product does. "
    "SQL: statements a request, with the access log's shared inserts."
)
_MEMORY = (
    "RSS +MB: growth of this process during the contender's turns, warming up included; the first also pays for what all "
    "share, and what was already loaded to compare the answers is not counted."
)


@dataclass(frozen=True, slots=True)
class Compared:
    """The table of a database; `is_equal` when every answer of everyone was that of the normal executor."""

    table: Table
    is_equal: bool


async def compared(store: Store, size: Size, plan: Plan, *, is_logged: bool) -> Compared:
    """Compare the answers for every subscriber, then measure."""
    database, statements = store.database, Statements()
    statements.watch(database)
    silent = Silent(database)
    log = AccessLog(database) if is_logged else silent
    graphs = Graphs.of(database)
    async with drivers.opened(database.url, statements.add) as floor, watching(database.url) as server:
        *others, normal = contenders(database, floor, graphs, silent)
        equality = await compare(others, normal, store.numbers)
        timed = contenders(database, floor, graphs, log)
        measured = await measure(timed, store.numbers, plan, statements=statements, server=server)
    title = f"{store.title}: {size.subscribers:,} subscribers, {size.months} months"
    notes = _notes(plan, graphs, equality, measured, is_logged=is_logged)
    return Compared(
        table(title, measured, equality, notes),
        is_equal=graphs.compiled.fallbacks == 0 and all(each.equal == each.asked for each in equality.values()),
    )


def _notes(
    plan: Plan, graphs: Graphs, equality: dict[str, Equality], measured: list[Measured], *, is_logged: bool
) -> list[str]:
    fewest = min(sum(turn.requests for turn in each.turns) for each in measured)
    logged = (
        "All four wait until the access log has committed who opened the file; it gathers for 5 ms, so that no latency "
        "is below that and requests that come together share a commit."
        if is_logged
        else "Without the access log, which the product never leaves out."
    )
    return [
        logged,
        _MEANING.format(rounds=plan.rounds, seconds=plan.seconds, at_once=plan.at_once, fewest=fewest),
        _RATIOS,
        _PROCESSOR,
        _DRIVERS,
        _MEMORY,
        (
            f"equal: answers whose JSON is that of {NORMAL}, for every subscriber, whatever the blanks; "
            f"{graphs.compiled.fallbacks} compiled answers fell back to {NORMAL}."
        ),
    ]
