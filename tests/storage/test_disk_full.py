"""A disk without room, and one that may only be read: one clear line, and what was committed is whole."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from crawler.ledger.ledger import Ledger
from pipelines.article import Link
from storage import integrity, schema
from storage.archive import SegmentWriter
from storage.archive.reader import read_segment
from storage.archive.recover import recover
from storage.batch import Batch
from storage.data_dir import DataDir, DataDirError, DiskFull, NoMemory, unwritable
from storage.merge import merge
from storage.publish import open_published
from storage.store import open_store, settle_publication
from tests.kit.disks import fill, small_disk
from tests.kit.factories import MORNING, article, every_day, page, prose

WAIT_S = 20.0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes."""
    with small_disk(tmp_path / "disk") as folder:
        yield folder


@pytest.fixture
def kept(disk: Path) -> DataDir:
    """A DATA_DIR on it, with one article, published."""
    found = DataDir(disk / "data")
    with open_store(found, WAIT_S) as store:
        merge(store, Batch("warta/1.warc.gz", (article(),)))
    return found


def many(number: int = 60) -> Batch:
    """A batch that needs some megabytes."""
    articles = [
        article(f"https://wartapesisir.example/{seed}/", prose(seed, 12_000), title=prose(seed, 8))
        for seed in range(number)
    ]
    return Batch("warta/2.warc.gz", tuple(articles))


def merged(kept: DataDir, batch: Batch) -> None:
    with open_store(kept, WAIT_S) as store:
        merge(store, batch)


def count(kept: DataDir) -> int:
    with closing(open_published(kept)) as connection:
        return int(connection.execute("SELECT count(*) FROM articles").fetchall()[0][0])


@pytest.mark.parametrize(
    "spare_kib",
    [
        pytest.param(0, marks=pytest.mark.heavy),
        *(pytest.param(kib, marks=pytest.mark.soak) for kib in (16, 256, 1024, 3072)),
    ],
    ids=lambda kib: f"{kib} KiB left",
)
def test_a_merge_without_room_costs_nothing(kept: DataDir, spare_kib: int) -> None:
    """One line; what was published stays; with room the same merge brings everything, once."""
    filler = fill(kept.root.parent, spare_kib << 10)
    with pytest.raises(DiskFull, match="is full: make room"):
        merged(kept, many())
    assert count(kept) == 1
    assert not list(kept.root.glob("*.new"))
    filler.unlink()
    merged(kept, many())
    assert count(kept) == 61
    assert integrity.fault(kept.store) is None


def test_a_publish_without_room_is_made_good(kept: DataDir) -> None:
    """The merge is committed, the old copy stays whole, no half copy is left; the next command publishes."""
    filler = fill(kept.root.parent, 2 << 20)
    with pytest.raises(DiskFull):
        merged(kept, Batch("warta/2.warc.gz", (article("https://wartapesisir.example/pasar/", prose(1)),)))
    assert count(kept) == 1
    assert integrity.fault(kept.published) is None
    assert not list(kept.root.glob("*.new"))
    filler.unlink()
    settle_publication(kept, WAIT_S)
    assert count(kept) == 2


def test_an_upgrade_without_room_for_its_backup_does_not_begin(
    kept: DataDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store stays as it was; with room the upgrade goes through."""
    newer = Path(shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations"))
    (newer / "9001_remarks.sql").write_text("ALTER TABLE kept.versions ADD COLUMN remark VARCHAR;")
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    before = integrity.schema_of(kept.store)
    filler = fill(kept.root.parent, 1 << 20)
    with pytest.raises(DiskFull):
        merged(kept, Batch())
    assert integrity.schema_of(kept.store) == before
    assert not list(kept.root.glob("*.before-*"))
    filler.unlink()
    merged(kept, Batch())
    assert integrity.schema_of(kept.store) == 9001


@pytest.mark.parametrize("how", [DataDir.create, lambda kept: kept.claim("live")], ids=["create", "claim"])
def test_a_full_disk_is_said_before_a_crawl(kept: DataDir, how: Callable[[DataDir], None]) -> None:
    """Either it can begin, or one line says why not."""
    fill(kept.root.parent)
    try:
        how(kept)
    except DiskFull as error:
        assert "\n" not in str(error)


def test_a_segment_without_room_keeps_what_is_whole(kept: DataDir) -> None:
    """Behind a page that found no room nothing is torn: all earlier ones are read, and later ones fit again."""
    writer = SegmentWriter(kept.segments, "warta", MORNING)
    body = os.urandom(200_000)
    writer.append(page("https://wartapesisir.example/1/", body))
    filler = fill(kept.root.parent, 100_000)
    with pytest.raises(OSError, match="No space left"):
        writer.append(page("https://wartapesisir.example/2/", body))
    filler.unlink()
    writer.append(page("https://wartapesisir.example/3/", body))
    name = writer.close()
    assert name is not None
    urls = [record.page.url for record in read_segment(kept.segments / name)]
    assert urls == ["https://wartapesisir.example/1/", "https://wartapesisir.example/3/"]


def test_a_segment_that_found_no_room_at_all_is_cleared_away(kept: DataDir) -> None:
    """A writer that could not even begin leaves nothing that `recover` would not remove."""
    fill(kept.root.parent)
    with pytest.raises(OSError, match="No space left"):
        SegmentWriter(kept.segments, "warta", MORNING)
    left = list(kept.segments.glob("*/*.open"))
    assert [recover(path) for path in left] == [None] * len(left)
    assert not list(kept.segments.glob("*/*"))


def test_a_ledger_without_room_loses_nothing(kept: DataDir) -> None:
    """SQLite's error is told as what it is; what was committed stays."""
    link = Link("https://wartapesisir.example/1/", "warta", "rss")
    with closing(Ledger(kept.ledger)) as ledger:
        ledger.record("warta", [link], every_day(), MORNING)
        filler = fill(kept.root.parent)
        more = [
            Link(f"https://wartapesisir.example/{number}/", "warta", "rss", prose(number))
            for number in range(500)
        ]
        with pytest.raises(sqlite3.OperationalError) as caught:
            ledger.record("warta", more, every_day(), MORNING)
        assert isinstance(unwritable(kept.root, caught.value), DiskFull)
        filler.unlink()
        assert ledger.counts("warta") == {"pending": 1}
        ledger.record("warta", more, every_day(), MORNING)
        assert ledger.counts("warta") == {"pending": 500}


def test_a_disk_that_may_only_be_read_is_said(kept: DataDir, disk: Path) -> None:
    """Writing is refused in one line; reading goes on."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(DataDirError, match="cannot be written: Read-only file system"):
        merged(kept, many())
    with pytest.raises(DataDirError, match="cannot be written: Read-only file system"):
        kept.claim("live")
    assert count(kept) == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(28, "No space left on device"), DiskFull),
        (OSError(122, "Disk quota exceeded"), DiskFull),
        (duckdb.IOException('IO Error: Could not write file "x": No space left on device'), DiskFull),
        (sqlite3.OperationalError("database or disk is full"), DiskFull),
        (OSError(30, "Read-only file system"), DataDirError),
        (PermissionError(13, "Permission denied"), DataDirError),
        (sqlite3.OperationalError("attempt to write a readonly database"), DataDirError),
        (MemoryError(), NoMemory),
        (duckdb.OutOfMemoryException("Out of Memory Error: Failed to allocate block"), NoMemory),
        (RuntimeError("can't start new thread"), NoMemory),
        (RuntimeError("No such file or directory"), None),
        (OSError(5, "Input/output error"), None),
        (sqlite3.DatabaseError("file is not a database"), None),
        (duckdb.Error("Corrupt database file"), None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_error_of_writing_is_told_from_others(
    error: Exception, kind: type[Exception] | None, tmp_path: Path
) -> None:
    """By the system's own words, whoever hands them on."""
    told = unwritable(tmp_path, error)
    assert type(told) is (kind or type(None))
    assert told is None or str(tmp_path) in str(told)


def test_a_data_dir_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    """It was moved or deleted while it was in use."""
    gone = tmp_path / "data"
    told = unwritable(gone, FileNotFoundError(2, "No such file or directory", str(gone / "segments" / "x")))
    assert isinstance(told, DataDirError)
    assert "moved or deleted" in str(told)
