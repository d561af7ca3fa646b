"""A DATA_DIR of each test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.data_dir import DataDir


@pytest.fixture
def data_dir(tmp_path: Path) -> DataDir:
    """A DATA_DIR in which nothing was ever done."""
    return DataDir(tmp_path / "data")
