"""`python -m benchmarks`: Subscriber 360 by the compiled and by the normal executor, beside SQL written by hand."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from uvicorn.loops.auto import auto_loop_factory

from backoffice.errors import BackofficeError
from benchmarks import data, processes, servers
from benchmarks.comparing import Compared, compared
from benchmarks.data import Size, Store
from benchmarks.measuring import Plan


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line: 0 when all answers were equal, 1 when not, 2 when it could not be done."""
    chosen = _parser().parse_args(words)
    print(processes.machine(), end="\n\n", flush=True)
    # The loop that the product's server runs on.
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        try:
            results = runner.run(_run(chosen))
        except BackofficeError as refusal:
            print(refusal.message, file=sys.stderr)
            return 2
    if chosen.markdown:
        tables = "\n\n".join(result.table.as_markdown() for result in results)
        chosen.markdown.write_text(f"{processes.machine()}\n\n{tables}\n", encoding="utf-8")
    return 0 if all(result.is_equal for result in results) else 1


async def _run(chosen: argparse.Namespace) -> list[Compared]:
    size = Size(chosen.subscribers, chosen.months)
    results: list[Compared] = []
    with _folder(chosen.folder) as folder:
        if chosen.database in {"sqlite", "both"}:
            async with data.sqlite(folder, size) as store:
                results.append(await _shown(store, size, chosen))
        if chosen.database in {"postgresql", "both"}:
            try:
                results.append(await _on_postgresql(folder, size, chosen))
            except servers.NoPostgresql as missing:
                if chosen.database == "postgresql":
                    raise
                print(missing.message, file=sys.stderr)
    return results


async def _on_postgresql(folder: Path, size: Size, chosen: argparse.Namespace) -> Compared:
    with servers.server(chosen.postgresql, folder / "postgresql") as url:
        async with data.postgresql(url, size, keep=chosen.folder is not None) as store:
            return await _shown(store, size, chosen)


async def _shown(store: Store, size: Size, chosen: argparse.Namespace) -> Compared:
    plan = Plan(rounds=chosen.rounds, seconds=chosen.seconds, at_once=chosen.at_once)
    result = await compared(store, size, plan, is_logged=not chosen.without_access_log)
    print(result.table.as_text(), end="\n\n", flush=True)
    return result


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="backoffice-benchmark-") as made:
        yield Path(made)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--subscribers", type=_at_least(2), default=300, help="how many (default: 300)")
    parser.add_argument("--months", type=_at_least(1), default=14, help="months of bills (default: 14)")
    parser.add_argument("--rounds", type=_at_least(1), default=5, help="rounds that count (default: 5)")
    parser.add_argument("--seconds", type=float, default=2.0, help="seconds of a contender's turn (default: 2)")
    parser.add_argument("--at-once", type=_at_least(1), default=32, help="requests at once (default: 32)")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--postgresql", metavar="URL", help="a server on which databases may be made and dropped")
    parser.add_argument("--folder", type=Path, help="keep the databases here, and use those that are there")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="also write the tables there")
    parser.add_argument("--without-access-log", action="store_true", help="to see what the access log costs")
    return parser


def _at_least(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if number < least:
            raise argparse.ArgumentTypeError(f"at least {least}")
        return number

    return read


if __name__ == "__main__":
    sys.exit(main())
