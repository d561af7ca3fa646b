"""A merger over an empty DATA_DIR."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.catalogue.load import load_catalogue
from crawler.processing.merger import Merger
from crawler.processing.workers import Readers
from storage.data_dir import DataDir
from tests.kit.factories import store_options


@pytest.fixture
def data_dir(tmp_path: Path) -> DataDir:
    return DataDir(tmp_path / "data")


@pytest.fixture
def merger(data_dir: DataDir, readers: Readers) -> Merger:
    return Merger(data_dir, load_catalogue(), readers, store_options(wait_s=0.3))
