"""A backup, and a restore, that are killed wherever they may be: what is there is whole or is refused, and the next run finishes it."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

from storage.data_dir import DataDir
from tests.crawler.test_backup import answers
from tests.kit import dying, prepared
from tests.kit.dying import BACKING_UP, MOST_FILES, RESTORING
from tests.kit.running import CHECKOUT, LATER, clean_environment, command, crawl_replayed, rows, scrapy

FIRST_RUN_ONLY = {f"file {number} is copied, and not in its place" for number in range(3, MOST_FILES + 1)}
"""A later run finds fewer files that have changed."""
QUICK = {"all is copied, and the database not in its place", "all is copied but the database"}
NEXT = (("query", "SELECT 1"), ("crawl", "expresi"), ("doctor",), ("forget", "--list"), ("backup", "/proc/x"))
STATE = "SELECT article_id, version, text FROM article_versions ORDER BY ALL"


def points(of: Mapping[str, object], *first: pytest.MarkDecorator) -> Iterator[object]:
    for point in of:
        yield pytest.param(point, id=point, marks=first if point in QUICK else (pytest.mark.soak,))


def killed(point: str, data_dir: Path, *arguments: str | Path) -> None:
    """Run a command that dies at that point."""
    words = command(*arguments, DATA_DIR=data_dir).arguments
    died, _, err = prepared.run(words, CHECKOUT, clean_environment(), 120, partial(dying.main, point))
    assert died == -signal.SIGKILL, err


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, crawled: Path) -> Path:
    """A finished backup of a DATA_DIR, and beside it the DATA_DIR as it was backed up, and after one more crawl."""
    folder = tmp_path_factory.mktemp("backed_up")
    shutil.copytree(crawled, folder / "data")
    scrapy("backup", folder / "backup", DATA_DIR=folder / "data").succeeded()
    shutil.copytree(folder / "data", folder / "as_it_was")
    crawl_replayed("expresi", folder / "data", LATER).run().succeeded()
    return folder


@pytest.mark.parametrize(
    "point", list(points({each: 1 for each in BACKING_UP if each not in FIRST_RUN_ONLY}, pytest.mark.heavy))
)
def test_a_backup_that_is_killed_stays_whole(before: Path, tmp_path: Path, point: str) -> None:
    """It restores to a record that lacks nothing of the run before and is not ill; the next run finishes it."""
    backup, data_dir = tmp_path / "backup", before / "data"
    shutil.copytree(before / "backup", backup, copy_function=shutil.copy2)
    killed(point, data_dir, "backup", backup)
    other = tmp_path / "other"
    scrapy("doctor", "--restore", backup, DATA_DIR=other).succeeded()
    assert {*rows(before / "as_it_was", STATE)} <= {*rows(other, STATE)}
    scrapy("doctor", "--segments", DATA_DIR=other).succeeded()
    scrapy("backup", backup, DATA_DIR=data_dir).succeeded()
    assert not list(backup.rglob("*.new"))
    last = tmp_path / "last"
    scrapy("doctor", "--restore", backup, DATA_DIR=last).succeeded()
    assert answers(last) == answers(data_dir)


@pytest.mark.parametrize("point", [pytest.param(each, marks=pytest.mark.soak) for each in BACKING_UP])
def test_a_first_backup_that_is_killed_is_refused(before: Path, tmp_path: Path, point: str) -> None:
    """Until the next run has finished it."""
    backup = tmp_path / "backup"
    killed(point, before / "data", "backup", backup)
    scrapy("doctor", "--restore", backup, DATA_DIR=tmp_path / "other").refused(2, "is not finished")
    scrapy("backup", backup, DATA_DIR=before / "data").succeeded()
    scrapy("doctor", "--restore", backup, DATA_DIR=tmp_path / "other").succeeded()
    assert answers(tmp_path / "other") == answers(before / "data")


@pytest.mark.parametrize("point", list(points(RESTORING)))
@pytest.mark.heavy
def test_a_restore_that_is_killed_is_gone_on_with(before: Path, tmp_path: Path, point: str) -> None:
    """Whatever command comes next says what to do, and does nothing; another backup is not mixed in."""
    backup, other = before / "backup", tmp_path / "other"
    killed(point, other, "doctor", "--restore", backup)
    for number in range(2):
        words = NEXT[(len(point) + number) % len(NEXT)]
        told = scrapy(*words, DATA_DIR=other)
        told.refused(2, "is restored in part", f"scrapy doctor --restore {backup}")
    shutil.copytree(backup, tmp_path / "copy")
    scrapy("doctor", "--restore", tmp_path / "copy", DATA_DIR=other).refused(2, f"--restore {backup}")
    scrapy("doctor", "--restore", backup, DATA_DIR=other).succeeded()
    assert DataDir(other).restored_from() is None
    assert answers(other) == answers(before / "as_it_was")
