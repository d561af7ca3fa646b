"""A crawl on a disk that fills up, or may only be read: one line, and with room again everything is there."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Crawled
from tests.kit.disks import fill, small_disk
from tests.kit.running import LATER, SITES, column, crawl_replayed, scrapy

NEW = "SELECT count(*) FROM article_versions WHERE source = 'expresi'"

pytestmark = pytest.mark.heavy  # each case crawls, breaks and mends a DATA_DIR of its own


@pytest.fixture
def data_dir(recorded: Crawled, tmp_path: Path) -> Iterator[Path]:
    """What the first crawls left, on a disk of its own."""
    with small_disk(tmp_path / "disk", "48m") as disk:
        yield Path(shutil.copytree(recorded.data_dir, disk / "data"))


@pytest.mark.parametrize(
    "spare_kib", [0, pytest.param(64, marks=pytest.mark.soak)], ids=lambda kib: f"{kib} KiB left"
)
def test_a_crawl_on_a_full_disk_loses_nothing(data_dir: Path, spare_kib: int) -> None:
    """It says so in one line; the next one, with room, ends as a crawl that never met a full disk."""
    filler = fill(data_dir.parent, spare_kib << 10)
    crawl_replayed("expresi", data_dir, LATER).run().refused(1, "is full: make room")
    assert column(data_dir, NEW) == [10]
    filler.unlink()
    crawl_replayed("expresi", data_dir, LATER).run().succeeded()
    assert column(data_dir, NEW) == [11]
    scrapy(
        "doctor", "--mend", "--segments", DATA_DIR=data_dir
    )  # the disk is small: that alone needs attention
    told = scrapy("doctor", "--segments", DATA_DIR=data_dir).out.splitlines()[1:]
    assert {line.split("\t")[1] for line in told if not line.startswith("ok")} == {"disk"}


@pytest.mark.parametrize("words", [["ingest"], ["doctor", "--mend"]], ids=" ".join)
def test_other_commands_say_it_too(data_dir: Path, words: list[str]) -> None:
    """A publish is due and finds no room: one line, the copy stays."""
    (data_dir / "published.json").unlink()
    fill(data_dir.parent)
    done = scrapy(*words, DATA_DIR=data_dir)
    assert done.is_traceback_free, done.err
    assert done.code == 1 and "is full: make room" in done.err
    assert column(data_dir, NEW) == [10]


def test_a_feed_that_finds_no_room_needs_attention(tmp_path: Path) -> None:
    """The articles are in the database all the same."""
    done = crawl_replayed("expresi", tmp_path / "data", SITES, "-O", "/dev/full:jsonl").run()
    assert (done.code, done.complaints) == (
        1,
        ["kabar: the feed could not be written to its end; the log says why, the database has all"],
    )
    assert column(tmp_path / "data", NEW) == [10]


def test_a_crawl_on_a_disk_that_may_only_be_read_says_so(data_dir: Path) -> None:
    """Exit code 2 and one line; what is there can still be asked."""
    subprocess.run(["mount", "-o", "remount,ro", str(data_dir.parent)], check=True)
    crawl_replayed("expresi", data_dir, LATER).run().refused(2, "cannot be written: Read-only file system")
    assert column(data_dir, NEW) == [10]


def test_what_only_asks_is_answered_where_nothing_may_be_written(data_dir: Path) -> None:
    """Though a publish is due, which needs a place: from what was published last, and one line says so."""
    (data_dir / "published.json").unlink()
    subprocess.run(["mount", "-o", "remount,ro", str(data_dir.parent)], check=True)
    asked = scrapy("query", "--format", "csv", NEW, DATA_DIR=data_dir)
    asked.refused(0, "cannot be written: Read-only file system", "last published copy")
    assert asked.out.splitlines()[1:] == ["10"]
    listed = scrapy("lines", "expresi", "--least", "1", DATA_DIR=data_dir)
    listed.refused(0, "last published copy")
    assert "https://expresi.co/" in listed.out


def test_what_waits_on_a_disk_that_is_nearly_full_is_said_by_all(data_dir: Path) -> None:
    """There is room for the crawl's segment and not for the merge, nor for the ledger's log: no command breaks over it."""
    fill(data_dir.parent, 300 << 10)
    crawl_replayed("expresi", data_dir, LATER).run().refused(1, "is full: make room")
    for words in (["ingest"], ["doctor", "--mend"]):
        done = scrapy(*words, DATA_DIR=data_dir)
        assert done.is_traceback_free, done.err
        assert done.code == 1, done.err
    asked = scrapy("query", "--format", "csv", NEW, DATA_DIR=data_dir)
    assert asked.is_traceback_free, asked.err
    assert (asked.code, asked.out.splitlines()[1:]) == (0, ["10"]), asked.err
