"""What the tests of jobs share."""

from pathlib import Path

import pytest

from backoffice.database import Database
from tests.jobs.banking import Desk


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    """A desk over an empty database and a bank without movements."""
    return Desk(database, tmp_path / "gateway-sandbox.sqlite3")
