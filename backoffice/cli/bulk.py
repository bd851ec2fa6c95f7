"""`backoffice bulk`."""

from typing import Annotated

import typer

from backoffice import clock, migrations
from backoffice.cli import running
from backoffice.database import Database
from backoffice.errors import BackofficeError, NotFound
from backoffice.ids import GlobalId
from backoffice.services import amounts, bulk_runs
from backoffice.services.bulk_runs import Outcome

_NAMED = 20

bulk_commands = typer.Typer(help="Corrections of many invoices at once.", no_args_is_help=True)


class CreditsLeftOut(BackofficeError):
    """The list was run, but for credits whose figures moved since it was approved."""

    code = "CREDITS_LEFT_OUT"
    exit_status = 1


@bulk_commands.command("run")
def run(
    correction: Annotated[str, typer.Argument(metavar="ID", help="The global id of an approved bulk correction.")],
) -> None:
    """Issue every credit of an approved list, once; stopped in the middle, the same command goes on where it stopped."""
    chosen, correction_id = running.load(), _id_of(correction)

    async def act(database: Database) -> Outcome:
        await migrations.require_current(database)
        with running.progress("Crediting") as progress:
            return await bulk_runs.run(
                database,
                correction_id=correction_id,
                now=clock.now,
                today=clock.today(chosen.time_zone),
                progress=progress,
            )

    outcome = running.run(chosen, act)
    total = amounts.written(outcome.total_cents)
    typer.echo(f"Credited {outcome.credited:,}: {total} {chosen.currency}; {outcome.refunded:,} are paid back.")
    for credit in outcome.left_out[:_NAMED]:
        line = GlobalId("InvoiceLine", credit.subscriber_id, credit.invoice_line_id).encode()
        typer.echo(f"left out: line {line}: {amounts.written(credit.amount_cents)} no longer stands", err=True)
    if outcome.left_out:
        raise CreditsLeftOut(
            f"{len(outcome.left_out)} credits were left out; plan a correction for what remains of them."
        )


def _id_of(text: str) -> int:
    given = GlobalId.decode(text)
    if given is None or given.type_name != "BulkCorrection":
        raise NotFound("There is no such bulk correction; give the id that the graph shows.")
    return given.id
