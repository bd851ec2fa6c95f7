"""`backoffice migrate`, `demo` and `import`: what brings tables and records into the database."""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from backoffice import clock, demo, importing, migrations
from backoffice.cli import running
from backoffice.database import Database
from backoffice.settings import Settings
from backoffice.vault import Vault


def migrate(
    down: Annotated[str | None, typer.Option(metavar="REVISION", help='Go down to a revision, or to "base".')] = None,
    check: Annotated[bool, typer.Option("--check", help="Only tell whether the database is current.")] = False,
) -> None:
    """Bring the database to the tables that this version needs."""
    if check and down is not None:
        raise typer.BadParameter("--check changes nothing, --down does: choose one of them.")
    if check:
        running.run(running.load(), _check)
    elif down is not None:
        running.run(running.load(), lambda database: migrations.downgrade(database, down))
    else:
        running.run(running.load(), migrations.upgrade)


def fill(
    subscribers: Annotated[int, typer.Option(min=1, help="How many subscribers to make.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed and day make the same operator.")] = 1,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The demo's today; by default today.")
    ] = None,
    months: Annotated[int, typer.Option(min=1, help="How many months of bills.")] = 14,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing unless the database is empty.")] = False,
) -> None:
    """Fill the database with a fictional operator; never in production."""
    chosen = running.load_for_demo()
    day = clock.today(chosen.time_zone) if on is None else on.date()

    async def act(database: Database) -> None:
        await migrations.require_current(database)
        if if_empty and not await demo.is_empty(database):
            typer.echo("The database is not empty: nothing was done.")
            return
        await _fill(chosen, database, subscribers=subscribers, seed=seed, on=day, months=months)

    running.run(chosen, act)


def import_(
    mapping: Annotated[Path, typer.Argument(help="What the columns of the file mean (TOML).")],
    file: Annotated[Path, typer.Argument(help="The operator's records (CSV).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, and write nothing.")] = False,
    report: Annotated[Path | None, typer.Option(help="Where to write what became of each row.")] = None,
) -> None:
    """Import an operator's own records."""
    chosen = running.load()

    async def act(database: Database) -> importing.Outcome:
        await migrations.require_current(database)
        with running.progress("Importing") as progress:
            return await importing.run(
                database,
                mapping=mapping,
                file=file,
                at=clock.now(),
                zone=chosen.time_zone,
                dry_run=dry_run,
                report=report,
                progress=lambda done: progress(done, None),
            )

    outcome = running.run(chosen, act)
    for line in outcome.lines():
        typer.echo(line)
    raise typer.Exit(outcome.exit_status)


async def _check(database: Database) -> None:
    await migrations.require_current(database)
    await migrations.check(database)
    typer.echo("The database is current.")


async def _fill(chosen: Settings, database: Database, *, subscribers: int, seed: int, on: date, months: int) -> None:
    path = running.credentials_path(chosen)
    with running.progress("Filling") as progress:
        filled = await demo.fill(
            database,
            vault=Vault(chosen.keys),
            subscribers=subscribers,
            seed=seed,
            on=on,
            months=months,
            zone=chosen.time_zone,
            credentials_path=path,
            progress=progress,
        )
    counts = ", ".join(f"{count:,} {noun.replace('_', ' ')}" for noun, count in asdict(filled).items())
    typer.echo(f"Filled: {counts}. Who can sign in stands in {path}.")
