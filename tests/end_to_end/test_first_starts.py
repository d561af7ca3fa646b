"""The first crawls of a DATA_DIR, begun at the same moment: each ends well."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.kit.running import RECORDED, SITES, Command, column, command

FOLDERS = 10
SOURCES = RECORDED[:4]


@pytest.mark.soak
def test_forty_first_crawls_at_once(tmp_path: Path) -> None:
    """Four in each of ten folders that are not there yet: all end with 0, and every folder has four rows."""
    folders = [tmp_path / f"data-{number}" for number in range(FOLDERS)]
    crawls = [
        command(
            "crawl", source, "-a", "limit=1", REPLAY=SITES, DATA_DIR=folder, READ_WORKERS=1, LOCK_WAIT_S=600,
        )
        for folder in folders
        for source in SOURCES
    ]  # fmt: skip
    patient = [Command(each.arguments, timeout_s=900) for each in crawls]
    with ThreadPoolExecutor(max_workers=len(patient)) as pool:
        for done in list(pool.map(Command.run, patient)):
            done.succeeded()
    for folder in folders:
        assert column(folder, "SELECT count(*) FROM crawls") == [len(SOURCES)]
