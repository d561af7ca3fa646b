"""What no segment holds is taken over from an old file: the rows of runs, and of requests that got no answer."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from storage.batch import Batch, Fetch
from storage.crawls import CrawlRow, note_crawls
from storage.data_dir import DataDir
from storage.merge import merge
from storage.salvage import take_over_missing
from storage.store import open_store
from tests.kit import prepared
from tests.kit.factories import MORNING


def test_rows_that_a_copy_lacks_are_taken_over_once(tmp_path: Path) -> None:
    """Each run and each vain request that the old file has and the new one has not; of a file that is none, nothing."""
    old, made = DataDir(tmp_path / "old"), DataDir(tmp_path / "made")
    shutil.copytree(prepared.empty().root, old.root)

    def run(number: int) -> None:
        at = MORNING + timedelta(hours=number)
        with open_store(old, 5) as store:
            merge(store, Batch(fetches=(Fetch("https://x.example/", "expresi", at, None, None, "failed"),)))
            with store.transaction():
                note_crawls(store, [CrawlRow(f"{number}", "expresi", at, at, "done")])

    run(0)
    shutil.copytree(old.root, made.root)
    run(1)
    with open_store(made, 5) as store:
        assert take_over_missing(store, old.store) == 2
        assert take_over_missing(store, old.store) == 0
        assert take_over_missing(store, tmp_path / "none") is None
        for table in ("crawls", "fetches"):
            assert store.connection.execute(f"SELECT count(*) FROM kept.{table}").fetchall() == [(2,)]
