"""A DATA_DIR of each test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.connection import Store
from storage.data_dir import DataDir
from storage.store import open_store


@pytest.fixture
def data_dir(tmp_path: Path) -> DataDir:
    """A DATA_DIR in which nothing was ever done."""
    return DataDir(tmp_path / "data")


@pytest.fixture
def store(data_dir: DataDir) -> Iterator[Store]:
    """An open store of it."""
    with open_store(data_dir, wait_s=5) as opened:
        yield opened
