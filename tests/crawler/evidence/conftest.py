"""An outlet with edits, lists and further pages: what the tests of evidence begin with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storage.data_dir import DataDir
from tests.kit.running import SITES, crawl_replayed

SINCE = ("-a", "since=2024-11-01")


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DATA_DIR after two crawls, which nobody changes."""
    made = tmp_path_factory.mktemp("evidence") / "data"
    for source in ("expresi", "chanetujuh"):
        assert crawl_replayed(source, made, SITES, *SINCE).run().code == 0
    return made


@pytest.fixture
def kept(tmp_path: Path, crawled: Path) -> DataDir:
    """A copy of it."""
    shutil.copytree(crawled, tmp_path / "data")
    return DataDir(tmp_path / "data")
