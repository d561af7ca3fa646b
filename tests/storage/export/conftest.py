"""A record that is exported, filled once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storage.data_dir import DataDir
from tests.storage.export.record import fill


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    """Nobody writes there."""
    return fill(DataDir(tmp_path_factory.mktemp("record") / "data"))


@pytest.fixture
def own_record(record: DataDir, tmp_path: Path) -> DataDir:
    """The same, to be written into."""
    return DataDir(Path(shutil.copytree(record.root, tmp_path / "data")))
