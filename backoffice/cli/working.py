"""`backoffice work`."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from backoffice import app, migrations
from backoffice.cli import running
from backoffice.database import Database
from backoffice.jobs.worker import beside
from backoffice.settings import Settings
from backoffice.web import logs


def work(
    once: Annotated[bool, typer.Option("--once", help="Carry out what is due now, and end.")] = False,
    revive: Annotated[bool, typer.Option("--revive", help="First make due again what was given up.")] = False,
) -> None:
    """Work the outbox off until SIGTERM or SIGINT: what `serve` does beside its requests, in a process of its own."""
    chosen = running.load()
    logs.set_up()
    running.run(chosen, lambda database: _work(chosen, database, once=once, revive=revive))


async def _work(chosen: Settings, database: Database, *, once: bool, revive: bool) -> None:
    await migrations.require_current(database)
    worker = app.make_worker(chosen, database)
    if revive:
        typer.echo(f"Messages made due again: {await worker.revive()}.")
    if once:
        typer.echo(f"Attempts made: {await worker.drain()}.")
        return
    with _stopping() as stopped:
        async with beside(worker):
            typer.echo("Working; SIGTERM or SIGINT ends it.")
            await stopped.wait()


@contextmanager
def _stopping() -> Iterator[asyncio.Event]:
    """An event that a signal sets, instead of ending the process in the middle of something."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    numbers = signal.SIGINT, signal.SIGTERM
    before = {number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set)) for number in numbers}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
