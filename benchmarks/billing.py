"""`python -m benchmarks.billing`: how long a billing run takes and how much memory, killed in the middle and resumed.

Fills a database with contracts that are all due on one day, runs `backoffice bill` in a process of its own, kills it with
SIGKILL when a share is done, runs it again, and proves with SQL and with `backoffice verify` that nothing was billed twice.
"""

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from backoffice import migrations
from backoffice.database import Database
from backoffice.errors import BackofficeError
from backoffice.models import BillingRun, Invoice, InvoiceLine
from benchmarks import contracts, processes, servers
from benchmarks.data import AT, ON

_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Run:
    """One process of the command: how long it ran, how many invoices it issued, how it ended."""

    seconds: float
    invoices: int
    exit_status: int

    def __str__(self) -> str:
        rate = self.invoices / self.seconds
        return f"{self.invoices:,} invoices in {self.seconds:.1f} s, {rate:.0f} a second, exit {self.exit_status}"


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line: 0 when everybody was billed exactly once, 1 when not, 2 when it could not be done."""
    chosen = _parser().parse_args(words)
    print(processes.machine(), end="\n\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="backoffice-billing-", dir=chosen.folder) as made:
        folder = Path(made)
        try:
            if chosen.database == "sqlite":
                return asyncio.run(_measure(f"sqlite+aiosqlite:///{folder / 'billing.sqlite3'}", folder, chosen))
            with servers.server(chosen.postgresql, folder / "postgresql") as url:
                return asyncio.run(_measure(url, folder, chosen))
        except BackofficeError as refusal:
            print(refusal.message, file=sys.stderr)
            return 2


async def _measure(url: str, folder: Path, chosen: argparse.Namespace) -> int:
    database = Database(url)
    try:
        await migrations.upgrade(database)
        await _filled(database, chosen.contracts)
        environment = _environment(url, folder)
        killed = await _run(database, environment, chosen, stop_at=int(chosen.contracts * chosen.kill_at))
        print(f"killed at {chosen.kill_at:.0%}: {killed}", flush=True)
        resumed = await _run(database, environment, chosen, stop_at=None)
        print(f"resumed: {resumed}", flush=True)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print(f"peak memory of a process: {peak / 1024:.0f} MiB", flush=True)
        is_once = await _is_billed_once(database, chosen.contracts)
    finally:
        await database.close()
    return 0 if is_once and _is_proven(environment) and resumed.exit_status == 0 else 1


async def _filled(database: Database, how_many: int) -> None:
    begun = time.monotonic()
    await contracts.fill(database, how_many, progress=lambda _done: None)
    print(f"filled {how_many:,} contracts in {time.monotonic() - begun:.1f} s", flush=True)


async def _run(
    database: Database, environment: dict[str, str], chosen: argparse.Namespace, *, stop_at: int | None
) -> Run:
    """Run the command until it ends, or until `stop_at` invoices stand in its run."""
    before, begun = await _issued(database), time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "backoffice", "bill", "--on", ON.isoformat(), "--batch", str(chosen.batch)),
        env=environment,
    )
    waiting = asyncio.create_task(process.wait())
    while not waiting.done():
        if stop_at is not None and await _issued(database) >= stop_at:
            process.kill()
            break
        await asyncio.wait([waiting], timeout=_POLL_SECONDS)
    status = await waiting
    return Run(time.monotonic() - begun, await _issued(database) - before, status)


async def _issued(database: Database) -> int:
    async with database.reading() as session:
        return int(await session.scalar(select(func.sum(BillingRun.invoices))) or 0)


async def _is_billed_once(database: Database, how_many: int) -> bool:
    """Whether every contract has one invoice, and no item two lines that begin on one day."""
    line = InvoiceLine
    async with database.snapshot() as session:
        invoices = await session.scalar(select(func.count()).select_from(Invoice)) or 0
        accounts = await session.scalar(select(func.count(Invoice.billing_account_id.distinct()))) or 0
        twice = await session.execute(
            select(line.subscriber_id)
            .where(line.contract_item_id.is_not(None))
            .group_by(line.subscriber_id, line.contract_item_id, line.starts_on)
            .having(func.count() > 1)
            .limit(1)
        )
        is_once = invoices == accounts == how_many and twice.first() is None
    print(f"{invoices:,} invoices of {accounts:,} accounts: {'each once' if is_once else 'NOT each once'}", flush=True)
    return is_once


def _is_proven(environment: dict[str, str]) -> bool:
    begun = time.monotonic()
    status = subprocess.run([sys.executable, "-m", "backoffice", "verify"], env=environment, check=False).returncode
    print(f"verify: exit {status} after {time.monotonic() - begun:.1f} s", flush=True)
    return status == 0


def _environment(url: str, folder: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BACKOFFICE_")}
    given = {"BACKOFFICE_DATABASE_URL": url, "BACKOFFICE_DATA_DIR": str(folder), "BACKOFFICE_CLOCK": AT.isoformat()}
    return {**inherited, **given}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.billing", description=__doc__)
    parser.add_argument("--contracts", type=int, default=5_000, help="how many (default: 5000)")
    parser.add_argument("--batch", type=int, default=200, help="subscribers a transaction (default: 200)")
    parser.add_argument(
        "--kill-at", type=float, default=0.5, help="the share that is done when it is killed (default: 0.5)"
    )
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--postgresql", metavar="URL", help="an empty database on a server of yours")
    parser.add_argument("--folder", type=Path, help="where the database is made, and removed at the end")
    return parser


if __name__ == "__main__":
    sys.exit(main())
