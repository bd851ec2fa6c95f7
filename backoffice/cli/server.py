"""`backoffice serve`."""

from typing import Annotated

import typer
from uvicorn.loops.auto import auto_loop_factory

from backoffice import migrations
from backoffice.app import compose
from backoffice.cli import running
from backoffice.database import Database
from backoffice.settings import Settings
from backoffice.web import logs, serving

# Where a browser on this machine finds a server that listens everywhere.
_OPENED_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound


def serve(
    host: Annotated[str | None, typer.Option(help="Where to listen; by default BACKOFFICE_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="By default BACKOFFICE_PORT; 0 takes any free one.")
    ] = None,
) -> None:
    """Serve the graph and the console until SIGTERM or SIGINT."""
    changed = {name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    chosen = running.load().model_copy(update=changed)
    logs.set_up()
    running.run(chosen, lambda database: _serve(chosen, database), loop_factory=auto_loop_factory())


async def _serve(chosen: Settings, database: Database) -> None:
    await migrations.require_current(database)
    listener = serving.listen(chosen.host, chosen.port)
    bound = chosen.model_copy(update={"port": listener.getsockname()[1]})
    await serving.serve(
        compose(bound, database),
        listener=listener,
        is_behind_proxy=bound.environment == "production",
        started=lambda: typer.echo(_welcome(bound)),
    )


def _welcome(bound: Settings) -> str:
    host = _OPENED_AT.get(bound.host, bound.host)
    address = bound.public_origin or f"http://{f'[{host}]' if ':' in host else host}:{bound.port}"
    path = running.credentials_path(bound)
    hint = f"; demo credentials: {path}, or 'backoffice credentials' for current codes" if path.exists() else ""
    return f"The console is at {address}/console{hint}"
