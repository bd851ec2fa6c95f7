"""`backoffice bill`."""

from datetime import date, datetime
from typing import Annotated

import typer

from backoffice import clock, migrations
from backoffice.cli import running
from backoffice.database import Database
from backoffice.errors import BackofficeError
from backoffice.services import (
    alerts,
    amounts,
    billing_runs,
    change_orders,
    due_collections,
    dunning,
    final_credits,
)
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
    today = clock.today(chosen.time_zone)

    async def act(database: Database) -> Outcome:
        await migrations.require_current(database)
        if on.date() <= today:
            # A change counts from its day on, so the invoices of that day must know it.
            changed = await change_orders.apply_due(database, on=on.date(), at=clock.now(), today=today)
            typer.echo(f"Changes of contracts: {changed:,} applied.")
        with running.progress("Billing") as progress:
            outcome = await billing_runs.run(
                database,
                on=on.date(),
                today=today,
                now=clock.now,
                batch=batch,
                progress=lambda invoices: progress(invoices, None),
            )
        _tell(outcome, chosen.currency)
        # Charges, reminders and suspensions belong to their own day: a day that is caught up on has none.
        if on.date() == today:
            await _follow_up(database, today)
        return outcome

    outcome = running.run(chosen, act)
    if outcome.unbillable:
        raise ContractsLeftOut(f"{len(outcome.unbillable)} contracts could not be billed; the first are named above.")


async def _follow_up(database: Database, today: date) -> None:
    at = clock.now()
    last = await final_credits.issue(database, on=today, at=at)
    charges = await due_collections.ask(database, on=today, at=at)
    steps = await dunning.take_steps(database, on=today, at=at)
    mails = await alerts.ask(database, on=today, at=at)
    typer.echo(
        f"Last credits: {last.notes:,} notes, {last.left:,} left. Collections: {charges:,} charges. "
        f"Dunning: {steps:,} steps. Alerts: {mails:,} mails."
    )


def _tell(outcome: Outcome, currency: str) -> None:
    typer.echo(f"Billed {outcome.on}: {outcome.invoices:,} invoices, {amounts.written(outcome.ttc_cents)} {currency}.")
    for each in outcome.unbillable[:_NAMED]:
        typer.echo(f"left out: contract {each.contract}: {each.code}: {each.message}", err=True)
