"""One reading process for all tests that only need some, and a DATA_DIR of three outlets."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crawler.processing.workers import Readers
from storage.data_dir import DataDir
from tests.kit.running import SITES, crawl_replayed

SINCE = ("-a", "since=2024-11-01")


@pytest.fixture(scope="session")
def readers() -> Iterator[Readers]:
    with closing(Readers(1)) as opened:
        yield opened


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DATA_DIR after two crawls, which nobody changes."""
    made = tmp_path_factory.mktemp("evidence") / "data"
    for source in ("expresi", "chanetujuh", "portalborneo"):
        assert crawl_replayed(source, made, SITES, *SINCE).run().code == 0
    return made


@pytest.fixture
def kept(tmp_path: Path, crawled: Path) -> DataDir:
    """A copy of it."""
    shutil.copytree(crawled, tmp_path / "data")
    return DataDir(tmp_path / "data")
