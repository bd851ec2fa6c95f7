"""`backoffice schema`."""

from typing import Annotated

import typer

from backoffice.permissions import Contract
from backoffice.schema import execution


def show(
    contract: Annotated[Contract, typer.Option(case_sensitive=False, help="Which face of the graph.")] = Contract.STAFF,
) -> None:
    """Print the SDL of a contract."""
    typer.echo(execution.sdl(contract).rstrip())
