"""One filled demo for all tests of this folder, and how to read it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, create_engine, select

from backoffice import demo, migrations
from backoffice.database import Database
from backoffice.models import Base
from backoffice.vault import Vault

ON = date(2026, 11, 21)
VAULT = Vault([b"a key for tests of the demo operator"])


@dataclass(frozen=True, eq=False)
class Filled:
    """A filled database: its counts, its rows by table, its credentials."""

    path: Path
    counts: demo.Filled
    progress: list[tuple[int, int]]

    @cache  # noqa: B019 - one object lives as long as the session
    def rows(self, table: str) -> Sequence[Row[Any]]:
        """Every row of a table, in the order of its primary key."""
        engine = create_engine(f"sqlite:///{self.path}")
        columns = Base.metadata.tables[table]
        with engine.connect() as connection:
            found = connection.execute(select(columns).order_by(*columns.primary_key.columns)).all()
        engine.dispose()
        return found

    def by_id(self, table: str) -> dict[tuple[int, int], Row[Any]]:
        """The rows of a subscriber's table by their key."""
        return {(row.subscriber_id, row.id): row for row in self.rows(table)}

    def of(self, subscriber_id: int, table: str) -> list[Row[Any]]:
        """The rows of one subscriber."""
        return [row for row in self.rows(table) if row.subscriber_id == subscriber_id]

    @property
    def credentials(self) -> dict[str, Any]:
        """What the file of credentials holds."""
        return dict(json.loads(credentials_of(self.path).read_text()))


def credentials_of(path: Path) -> Path:
    """Where `make` puts the credentials of a database."""
    return path.with_name(f"{path.stem}-credentials.json")


def make(path: Path, *, subscribers: int = 60, seed: int = 3, months: int = 14, on: date = ON) -> Filled:
    """Migrate and fill a new SQLite database."""
    progress: list[tuple[int, int]] = []

    async def run() -> demo.Filled:
        database = Database(f"sqlite+aiosqlite:///{path}")
        try:
            await migrations.upgrade(database)
            return await demo.fill(
                database,
                vault=VAULT,
                subscribers=subscribers,
                seed=seed,
                on=on,
                months=months,
                zone="Europe/Paris",
                credentials_path=credentials_of(path),
                progress=lambda done, total: progress.append((done, total)),
            )
        finally:
            await database.close()

    return Filled(path, asyncio.run(run()), progress)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A demo of 60 subscribers and 14 months."""
    return make(tmp_path_factory.mktemp("demo") / "demo.sqlite3")
