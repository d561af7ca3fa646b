"""A DATA_DIR that others may write to: what a link of theirs leads to is never written, cut or removed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from crawler.ledger.ledger import Ledger
from storage.archive.recover import recover
from storage.batch import Batch
from storage.data_dir import DataDir, DataDirError
from storage.merge import merge
from storage.store import open_store
from tests.kit.factories import article

PLANTED = (
    "published.json.new",
    "published.new",
    "kabar.sql.new",
    "kabar.new",
    "news.duckdb.new",
    "news.duckdb.wal",
    "store.duckdb.new",
    "store.duckdb.new.wal",
    "store.duckdb.tmp",
    "ledger.sqlite.new",
    "ledger.sqlite.new-wal",
    "ledger.sqlite.new-journal",
    "tmp/spill",
)
"""Names that a file of ours has while it is made."""
LOCKS = ("store.lock", "locks/store.queue", "locks/warta.lock")


@pytest.fixture
def data_dir(tmp_path: Path) -> DataDir:
    made = DataDir(tmp_path / "data")
    made.create()
    return made


@pytest.mark.parametrize("name", PLANTED)
def test_a_file_that_is_made_is_our_own(data_dir: DataDir, tmp_path: Path, name: str) -> None:
    """All of it is made: store, copy, note, init file and ledger; what somebody linked there is as it was."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (data_dir.root / name).symlink_to(victim)
    with open_store(data_dir, wait_s=5) as store:
        merge(store, Batch(articles=(article(),)))
    with closing(Ledger(data_dir.ledger)):
        pass
    for made in (
        data_dir.store,
        data_dir.published,
        data_dir.publication,
        data_dir.init_file,
        data_dir.ledger,
    ):
        assert made.is_file() and not made.is_symlink(), made
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_that_is_a_link_is_refused(data_dir: DataDir, tmp_path: Path, name: str) -> None:
    """In one line: nothing is locked by what lies elsewhere, and our number is not written there."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (data_dir.root / name).symlink_to(victim)
    with pytest.raises(DataDirError, match=name), data_dir.source_lock("warta"), data_dir.exclusive_store(5):
        pass
    assert victim.read_text() == "precious"


def test_a_leftover_segment_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    """It would be cut to its whole records."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    planted = tmp_path / "20240102T030405-planted.warc.gz.open"
    planted.symlink_to(victim)
    assert recover(planted) is None
    assert planted.is_symlink() and victim.read_bytes() == b"precious"
