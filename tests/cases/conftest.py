"""A desk for each case, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backoffice.database import Database
from tests.cases.desk import Desk


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    """An installation without rows, whose clock stands at `tests.factories.NOW`."""
    folder = tmp_path / "desk"
    folder.mkdir()
    opened = Desk(database, folder)
    yield opened
    await opened.close()
