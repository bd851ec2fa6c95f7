"""Fills an empty database with the fictional operator: two passes over the plans, batches of bounded size."""

import gc
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import exists, select

from backoffice.database import Database
from backoffice.demo import accounts, contracts, credentials, devices, histories, money, opening, people, tickets
from backoffice.demo.credentials import Pickings
from backoffice.demo.files import File, Operator
from backoffice.demo.identifiers import Ids
from backoffice.demo.planning import Planner
from backoffice.demo.rows import Rows
from backoffice.errors import BackofficeError
from backoffice.ids import IdMaker
from backoffice.models import Staff, Subscriber
from backoffice.vault import Vault

BATCH = 200
"""Subscribers a transaction; what waits in memory is bounded by it."""

Progress = Callable[[int, int], None]


class DemoNotEmpty(BackofficeError):
    """The database already has subscribers or staff; nothing was written."""

    code = "DEMO_NOT_EMPTY"


class DemoInterrupted(BackofficeError):
    """Writing stopped in the middle: what is there is not a whole operator."""

    code = "DEMO_INTERRUPTED"
    exit_status = 1


@dataclass(frozen=True, slots=True)
class Filled:
    """How many rows of each noun were written."""

    subscribers: int
    contracts: int
    invoices: int
    lines: int
    payments: int
    credit_notes: int
    refunds: int
    devices: int
    tickets: int


async def is_empty(database: Database) -> bool:
    """Whether the database has neither subscriber nor staff."""
    async with database.reading() as session:
        found = await session.scalar(select(exists(select(Subscriber.id)) | exists(select(Staff.id))))
    return not found


async def fill(
    database: Database,
    *,
    vault: Vault,
    subscribers: int,
    seed: int,
    on: date,
    months: int,
    zone: str,
    credentials_path: Path | None,
    progress: Progress | None = None,
) -> Filled:
    """Write `months` of history that end the day before `on` (a civil day in `zone`), the same for the same arguments.

    Raises `BadInput` or `DemoNotEmpty` before anything is written, `DemoInterrupted` when writing fails.
    """
    window = opening.window(subscribers=subscribers, on=on, months=months, zone=zone)
    if not await is_empty(database):
        raise DemoNotEmpty("The database already has subscribers or staff; the demo needs an empty one.")
    reserved = credentials.reserve(credentials_path) if credentials_path else None
    rows, pickings = Rows(), Pickings()
    try:
        planner = Planner(seed=seed, window=window, subscribers=subscribers)
        operator = await opening.operator(database, planner, vault, rows)
        await _write_files(database, planner, operator, rows, pickings, progress)
        if credentials_path and reserved:
            credentials.write(credentials_path, reserved, operator.crew.accesses, pickings)
    except Exception as failure:
        raise DemoInterrupted(
            f"The demo stopped in the middle ({type(failure).__name__}); start again from an empty database."
        ) from failure
    finally:
        if reserved:
            reserved.unlink(missing_ok=True)
    return _filled(rows.counts)


async def _write_files(
    database: Database, planner: Planner, operator: Operator, rows: Rows, pickings: Pickings, progress: Progress | None
) -> None:
    maker = IdMaker(random.Random(f"{planner.seed}:subscribers"))
    with _rare_collection() as collect:
        for start in range(0, planner.subscribers, BATCH):
            end = min(start + BATCH, planner.subscribers)
            for index in range(start, end):
                _write_file(_file(planner, operator, rows, maker, index), pickings)
            async with database.unit_of_work() as session:
                await rows.write(session)
            collect()
            if progress:
                progress(end, planner.subscribers)
    if not operator.numbering.is_used_up:
        raise AssertionError("The documents written are not those that were counted.")


@contextmanager
def _rare_collection() -> Iterator[Callable[[], int]]:
    """Collect garbage once a batch: looking through a batch of waiting rows time and again takes a fifth of the time."""
    gc.freeze()
    gc.disable()
    try:
        yield gc.collect
    finally:
        gc.enable()
        gc.unfreeze()


def _file(planner: Planner, operator: Operator, rows: Rows, maker: IdMaker, index: int) -> File:
    created_at = planner.created_at(index)
    rng = random.Random(f"{planner.seed}:{index}:rows")
    return File(
        operator=operator,
        plan=planner.plan(index),
        rows=rows,
        rng=rng,
        ids=Ids(rng),
        subscriber_id=maker.make(created_at),
        created_at=created_at,
    )


def _write_file(file: File, pickings: Pickings) -> None:
    people.write(file)
    means = accounts.write(file)
    contracts.write(file)
    devices.write(file)
    histories.write(file)
    bills = money.write(file, means)
    tickets.write(file, bills)
    pickings.pick(file, bills)


def _filled(counts: dict[str, int]) -> Filled:
    return Filled(
        subscribers=counts["subscribers"],
        contracts=counts["contracts"],
        invoices=counts["invoices"],
        lines=counts["invoice_lines"],
        payments=counts["payments"],
        credit_notes=counts["credit_notes"],
        refunds=counts["refunds"],
        devices=counts["devices"],
        tickets=counts["tickets"],
    )
