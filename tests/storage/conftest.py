"""A DATA_DIR of each test's own."""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """A DATA_DIR whose store has no rows, made once. Nobody writes there."""
    made = DataDir(tmp_path_factory.mktemp("empty") / "data")
    with open_store(made, wait_s=5):
        return made


@pytest.fixture
def store(data_dir: DataDir, empty: DataDir) -> Iterator[Store]:
    """An open store of it, without rows: a copy, for making one takes longer than most of what is tested."""
    shutil.copytree(empty.root, data_dir.root)
    with open_store(data_dir, wait_s=5) as opened:
        yield opened
