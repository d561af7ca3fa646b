"""A DATA_DIR of each test's own."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.connection import Store
from storage.data_dir import DataDir
from storage.store import open_store
from tests.kit import prepared


@pytest.fixture
def data_dir(tmp_path: Path) -> DataDir:
    """A DATA_DIR in which nothing was ever done."""
    return DataDir(tmp_path / "data")


@pytest.fixture
def store(data_dir: DataDir) -> Iterator[Store]:
    """An open store of it, without rows, and published."""
    shutil.copytree(prepared.empty().root, data_dir.root)
    with open_store(data_dir, wait_s=5, publish_every_s=math.inf) as opened:  # nobody reads it after the test
        yield opened
