"""Measures contenders in turns, A B C D A B C D …, so that what disturbs the machine disturbs them all."""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.contenders import Contender, Statements
from benchmarks.processes import ServerCpu, resident_bytes, spent


@dataclass(frozen=True, slots=True)
class Plan:
    """How to measure: `rounds` after one to warm up, `seconds` a turn, `at_once` requests in its loaded half."""

    rounds: int
    seconds: float
    at_once: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a contender. All but `latencies` and `grown_bytes` are of the loaded half."""

    requests: int
    seconds: float
    cpu_seconds: float
    """Processor time of this process, all threads: with SQLite, the database's work too."""
    server_seconds: float | None
    """Processor time of PostgreSQL's processes; None when it cannot be seen."""
    statements: int
    answered_bytes: int
    latencies: list[float]
    """Seconds of each request while nothing else was asked."""
    grown_bytes: int | None
    """How much more memory the process holds after the turn."""


@dataclass(slots=True)
class Measured:
    """The turns of a contender; the first only warmed up, and counts for memory alone."""

    name: str
    turns: list[Turn]
    warm_up: Turn


async def measure(
    contenders: Sequence[Contender], numbers: Sequence[str], plan: Plan, *, statements: Statements, server: ServerCpu
) -> list[Measured]:
    """Give each contender its turns; each goes through the same numbers in the same order, again and again."""
    cycles = [itertools.cycle(numbers) for _ in contenders]
    rounds: list[list[Turn]] = []
    for _ in range(plan.rounds + 1):
        turns = [
            await _turn(contender, cycle, plan, statements, server)
            for contender, cycle in zip(contenders, cycles, strict=True)
        ]
        rounds.append(turns)
    by_contender = zip(contenders, zip(*rounds, strict=True), strict=True)
    return [Measured(contender.name, list(turns[1:]), turns[0]) for contender, turns in by_contender]


async def _turn(
    contender: Contender, numbers: Iterator[str], plan: Plan, statements: Statements, server: ServerCpu
) -> Turn:
    held = resident_bytes()
    latencies = await _alone(contender, numbers, plan.seconds / 2)
    sent, server_cpu = statements.count, await server.seconds()
    cpu, begun = time.process_time(), time.perf_counter()
    sizes = await _loaded(contender, numbers, plan.at_once, begun + plan.seconds / 2)
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu
    now_held = resident_bytes()
    return Turn(
        requests=len(sizes),
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        server_seconds=spent(server_cpu, await server.seconds()),
        statements=statements.count - sent,
        answered_bytes=sum(sizes),
        latencies=latencies,
        grown_bytes=None if held is None or now_held is None else now_held - held,
    )


async def _alone(contender: Contender, numbers: Iterator[str], seconds: float) -> list[float]:
    """One request after the other, and one at least; the seconds that each took."""
    taken: list[float] = []
    begun = time.perf_counter()
    end = begun + seconds
    while not taken or begun < end:
        await contender.answer(next(numbers))
        done = time.perf_counter()
        taken.append(done - begun)
        begun = done
    return taken


async def _loaded(contender: Contender, numbers: Iterator[str], at_once: int, end: float) -> list[int]:
    """So many requests at once, and each of them once at least, else none begun after `end`; the bytes of each answer."""
    sizes: list[int] = []

    async def ask() -> None:
        sizes.append(len(await contender.answer(next(numbers))))
        while time.perf_counter() < end:
            sizes.append(len(await contender.answer(next(numbers))))

    await asyncio.gather(*(ask() for _ in range(at_once)))
    return sizes
