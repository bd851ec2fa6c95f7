"""`backoffice verify`."""

import typer

from backoffice import migrations
from backoffice.cli import running
from backoffice.database import Database
from backoffice.errors import BackofficeError
from backoffice.services import verification

_NAMED = 20


class BooksDiffer(BackofficeError):
    """Something in the books does not add up."""

    code = "BOOKS_DIFFER"
    exit_status = 1


def verify() -> None:
    """Recompute the books: ledger, bookings, balances, totals, credits, numbers, derivations, files, approvals, trail."""
    running.run(running.load(), _verify)
    typer.echo(
        "The books are proven: ledger, bookings, balances, totals, credits, numbers, derivations, files, approvals, trail."
    )


async def _verify(database: Database) -> None:
    await migrations.require_current(database)
    found, named = 0, []
    async with database.snapshot() as session:
        async for fault in verification.faults(session):
            found += 1
            if found <= _NAMED:
                named.append(fault)
    # Not before: whoever reads slowly would keep the snapshot open.
    for fault in named:
        typer.echo(f"{fault.check}: {fault.subject}: {fault.message}", err=True)
    if found:
        raise BooksDiffer(f"{found} faults were found; the first is named first.")
