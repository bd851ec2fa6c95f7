"""What the commands share: the settings, an open database, a bar of progress, columns."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from backoffice import clock, settings
from backoffice.database import Database
from backoffice.errors import BackofficeError
from backoffice.settings import Settings

_T = TypeVar("_T")


class OnlyInDevelopment(BackofficeError):
    """The command would bring demo data or its secrets into production."""

    code = "ONLY_IN_DEVELOPMENT"


def load() -> Settings:
    """The settings of this process, with its clock set as they say; raises SettingsError."""
    chosen = settings.load()
    clock.start_at(chosen.clock)
    return chosen


def load_for_demo() -> Settings:
    """The settings of a development process; raises OnlyInDevelopment elsewhere."""
    chosen = load()
    if chosen.environment != "development":
        raise OnlyInDevelopment("This command works on demo data, which has no place in production.")
    return chosen


def credentials_path(chosen: Settings) -> Path:
    """Where the demo writes who can sign in."""
    return chosen.data_dir / "demo-credentials.json"


def run(
    chosen: Settings,
    act: Callable[[Database], Awaitable[_T]],
    *,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> _T:
    """Run `act` over an open database, which is closed whatever happens."""

    async def with_database() -> _T:
        database = Database(chosen.url)
        try:
            return await act(database)
        finally:
            await database.close()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(with_database())


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on stderr, so that stdout stays for what programs read; called with what is done of how much."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Aligned columns, never cut: a table that fits itself to a terminal would cut passwords."""
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    for row in (heads, *rows):
        typer.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
