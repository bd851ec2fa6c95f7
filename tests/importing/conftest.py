"""The desk on which imports are tried."""

from pathlib import Path

import pytest

from .desks import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An empty desk."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return Desk(folder)
