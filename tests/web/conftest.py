"""The web application in tests: real databases, a graph that says what it is told to."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from backoffice.database import Database
from backoffice.permissions import Contract
from backoffice.resolvers.context import Context
from backoffice.schema.execution import Answer
from backoffice.services.access_log import AccessLog
from backoffice.settings import Settings
from backoffice.web.app import create_app
from backoffice.web.installation import Installation
from backoffice.web.metrics import Metrics
from backoffice.web.published import Operation
from tests.graphs import PRINTER
from tests.people import VAULT, Person, add_person

ORIGIN = "http://127.0.0.1:8000"
OWN_PAGE = {"X-Backoffice": "1", "Origin": ORIGIN}
OPERATION = Operation("MyOperation", "Title", "What it tells", "query MyOperation { __typename }\n", {"first": 2})


@dataclass
class ToldGraph:
    """A graph that remembers what it was asked and answers what a test told it to."""

    contract: Contract = Contract.STAFF
    answer: Answer | Exception = field(default_factory=lambda: Answer({"data": {"__typename": "Query"}}))
    asked: list[dict[str, Any]] = field(default_factory=list)
    contexts: list[Context] = field(default_factory=list)

    async def execute(self, *, context: Context, **asked: Any) -> Answer:
        self.asked.append(asked)
        self.contexts.append(context)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class Site:
    """A running application, and a client that keeps no cookie by itself."""

    app: Starlette
    installation: Installation
    graph: ToldGraph
    client: httpx.AsyncClient

    @property
    def database(self) -> Database:
        return self.installation.database

    async def token(self, person: Person) -> str:
        """A Bearer token of this person; spends the code of the current step."""
        answered = await self.client.post("/staff/tokens", json=person.typed())
        assert answered.status_code == 200, answered.text
        return str(answered.json()["token"])

    async def cookie(self, person: Person) -> str:
        """A session cookie of this person, as a Cookie header; spends the code of the current step."""
        answered = await self.client.post("/staff/sign-in", json=person.typed(), headers=OWN_PAGE)
        assert answered.status_code == 200, answered.text
        self.client.cookies.clear()
        return answered.headers["set-cookie"].partition(";")[0]


@asynccontextmanager
async def open_site(database: Database, folder: Path, **given: Any) -> AsyncIterator[Site]:
    """An application over `database`; `given` are settings."""
    graph = ToldGraph()
    installation = Installation(
        settings=Settings(**{"data_dir": folder, "host": "127.0.0.1", "port": 8000, **given}),
        database=database,
        vault=VAULT,
        access_log=AccessLog(database),
        printer=PRINTER,
        graphs={Contract.STAFF: graph},  # type: ignore[dict-item]
        published={Contract.STAFF: [OPERATION]},
        metrics=Metrics(known_operations={"MyOperation"}),
        console=folder / "static",
    )
    app = create_app(installation)
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield Site(app, installation, graph, client)


@pytest.fixture
async def site(database: Database, tmp_path: Path) -> AsyncIterator[Site]:
    """An application, once on each engine."""
    async with open_site(database, tmp_path) as opened:
        yield opened


@pytest.fixture
async def quick_database(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated, empty database on SQLite alone, for what no engine changes."""
    path = shutil.copy(migrated_file, tmp_path / "quick.sqlite3")
    opened = Database(f"sqlite+aiosqlite:///{path}")
    yield opened
    await opened.close()


@pytest.fixture
async def quick_site(quick_database: Database, tmp_path: Path) -> AsyncIterator[Site]:
    """An application on SQLite alone, for what no engine changes."""
    async with open_site(quick_database, tmp_path) as opened:
        yield opened


@pytest.fixture
async def signed_in(quick_site: Site) -> Site:
    """The same, with a client that sends an agent's Bearer token."""
    token = await quick_site.token(await add_person(quick_site.database))
    quick_site.client.headers["Authorization"] = f"Bearer {token}"
    return quick_site


def codes(answered: httpx.Response) -> list[str]:
    """The codes of the errors of an answer."""
    return [error["code"] for error in answered.json()["errors"]]
