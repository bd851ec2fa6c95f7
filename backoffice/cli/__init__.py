"""The command line: `backoffice serve, work, migrate, demo, import, bill, bulk, verify, staff, credentials, schema`.

A refusal is one line on stderr, `error CODE: message`, and the exit code 2 for bad input or 1 for a failed check.
"""

import sys

import typer

from backoffice.cli import billing, bulk, data, people, proving, schema, server, working
from backoffice.errors import BackofficeError

app = typer.Typer(
    name="backoffice",
    help="The support back office of a subscription operator.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(server.serve)
app.command()(working.work)
app.command()(data.migrate)
app.command("demo")(data.fill)
app.command("import")(data.import_)
app.command()(billing.bill)
app.command()(proving.verify)
app.command()(people.credentials)
app.command("schema")(schema.show)
app.add_typer(bulk.bulk_commands, name="bulk")
app.add_typer(people.staff_commands, name="staff")


def main() -> None:
    """Run the command line and end the process with its exit code."""
    try:
        app()
    except BackofficeError as refusal:
        typer.echo(f"error {refusal.code}: {refusal.message}", err=True)
        sys.exit(refusal.exit_status)
