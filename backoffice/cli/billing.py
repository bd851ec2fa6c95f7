"""`backoffice bill`."""

from datetime import datetime
from typing import Annotated

import typer

from backoffice import clock, migrations
from backoffice.cli import running
from backoffice.database import Database
from backoffice.errors import BackofficeError
from backoffice.services import amounts, billing_runs
from backoffice.services.billing_runs import Outcome

_NAMED = 20


class ContractsLeftOut(BackofficeError):
    """The day was billed, but for contracts that cannot be billed as they are."""

    code = "CONTRACTS_LEFT_OUT"
    exit_status = 1


def bill(
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The day to bill.")],
    batch: Annotated[
        int, typer.Option(min=1, max=2_000, help="How many subscribers a transaction.")
    ] = billing_runs.BATCH,
) -> None:
    """Issue the invoices that are due on a day; stopped in the middle, the same command goes on where it stopped."""
    chosen = running.load()

    async def act(database: Database) -> Outcome:
        await migrations.require_current(database)
        with running.progress("Billing") as progress:
            return await billing_runs.run(
                database,
                on=on.date(),
                at=clock.now(),
                today=clock.today(chosen.time_zone),
                batch=batch,
                now=clock.now,
                progress=lambda invoices, _cents: progress(invoices, None),
            )

    _tell(running.run(chosen, act), chosen.currency)


def _tell(outcome: Outcome, currency: str) -> None:
    typer.echo(f"Billed {outcome.on}: {outcome.invoices:,} invoices, {amounts.written(outcome.ttc_cents)} {currency}.")
    for each in outcome.unbillable[:_NAMED]:
        typer.echo(f"left out: contract {each.contract}: {each.code}: {each.message}", err=True)
    if outcome.unbillable:
        raise ContractsLeftOut(f"{len(outcome.unbillable)} contracts could not be billed; the first are named above.")
