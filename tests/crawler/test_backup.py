"""A backup that was tried: what it holds makes a DATA_DIR that answers every question as the old one did."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from storage.data_dir import DataDir
from tests.kit.erased import Outlet, left_of
from tests.kit.loopback import Loopback
from tests.kit.running import LATER, column, crawl_replayed, rows, scrapy

VIEWS = "SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal AND view_name <> 'dictionary'"


def answers(data_dir: Path) -> dict[str, list[str]]:
    """Every row of every public view."""
    with duckdb.connect(str(data_dir / "news.duckdb"), read_only=True) as connection:
        names = [name for (name,) in connection.execute(VIEWS).fetchall()]
        return {name: sorted(map(repr, connection.execute(f"FROM {name}").fetchall())) for name in names}


def test_what_is_restored_answers_alike(kept: DataDir, tmp_path: Path) -> None:
    """Row for row in every public view; a crawl goes on from there, and nothing is ill."""
    (kept.root / "kabar.toml").write_text("LOCK_WAIT_S = 50\n", "utf-8")
    scrapy("backup", tmp_path / "backup", DATA_DIR=kept.root).succeeded()
    before = answers(kept.root)
    assert sum(map(len, before.values())) > 100
    other = tmp_path / "other"
    scrapy("doctor", "--restore", tmp_path / "backup", DATA_DIR=other).succeeded()
    assert answers(other) == before
    assert (other / "kabar.toml").read_text("utf-8") == "LOCK_WAIT_S = 50\n"
    scrapy("doctor", "--segments", DATA_DIR=other).succeeded()
    for data_dir in (kept.root, other):
        crawl_replayed("expresi", data_dir, LATER).run().succeeded()
    state = "SELECT article_id, version, text FROM article_versions ORDER BY ALL"
    assert rows(other, state) == rows(kept.root, state)


@pytest.mark.heavy
def test_a_second_run_copies_what_is_new(kept: DataDir, tmp_path: Path) -> None:
    """Segments that are there already stay as they are; a pruned one stays in the backup."""
    backup = tmp_path / "backup"
    scrapy("backup", backup, DATA_DIR=kept.root).succeeded()
    stamps = {path: path.stat().st_ino for path in backup.glob("segments/*/*.warc.gz")}
    assert len(stamps) == 3
    crawl_replayed("expresi", kept.root, LATER).run().succeeded()
    scrapy("prune", "expresi", "--before", "2024-11-21", DATA_DIR=kept.root).succeeded()
    done = scrapy("backup", backup, DATA_DIR=kept.root)
    assert done.code == 0 and "in the backup alone" in done.err
    assert all(path.stat().st_ino == inode for path, inode in stamps.items())


@pytest.mark.heavy
def test_what_was_forgotten_leaves_the_backup_with_its_next_run(server: Loopback, tmp_path: Path) -> None:
    """From its database, its ledger and its segments, and from a segment that only the backup has."""
    outlet = Outlet.make(server, tmp_path, "listing", "rss")
    outlet.site.crawl().run().succeeded()
    backup = tmp_path / "backup"
    outlet.site.command("backup", backup).run().succeeded()
    (segment,) = (backup / "segments" / outlet.site.name).glob("*.warc.gz")
    shutil.copyfile(segment, segment.with_name("20200101T000000-00000000.warc.gz"))
    assert left_of(backup)
    old = Path(shutil.copytree(backup, tmp_path / "old"))
    outlet.site.command("forget", outlet.url, "--reason", "x").run().succeeded()
    outlet.site.command("backup", backup).run()
    assert left_of(backup) == []
    other = tmp_path / "other"
    other.mkdir()
    for name in ("tombstones.jsonl", "tombstones.key"):
        shutil.copyfile(outlet.site.data_dir / name, other / name)
    (old / "segments" / outlet.site.name / "20200101T000000-00000000.warc.gz").unlink()
    done = outlet.site.command("doctor", "--restore", old, DATA_DIR=other).run()
    assert done.code == 0 and "1 articles of the backup were forgotten after it" in done.err
    assert left_of(other) == []
    assert rows(other, "SELECT source, reason FROM forgotten") == [(outlet.site.name, "x")]


@pytest.mark.heavy
def test_tombstones_of_another_archive_are_refused(kept: DataDir, tmp_path: Path) -> None:
    """Nobody could tell what they stand for."""
    scrapy(
        "forget",
        column(kept.root, "SELECT min(article_id) FROM articles")[0],
        "--reason",
        "x",
        DATA_DIR=kept.root,
    )
    scrapy("backup", tmp_path / "backup", DATA_DIR=kept.root).succeeded()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "tombstones.key").write_text("ab" * 32)
    done = scrapy("doctor", "--restore", tmp_path / "backup", DATA_DIR=tmp_path / "other")
    assert done.is_traceback_free and done.code != 0 and "of another one" in done.err
    assert not (tmp_path / "other" / "store.duckdb").exists()


@pytest.mark.parametrize("what", ["inside", "stranger", "other", "unfinished", "full", "none"])
def test_bad_input_is_one_line(crawled: Path, tmp_path: Path, what: str) -> None:
    """A folder in the DATA_DIR, one with something else, another's backup, none that was finished, a DATA_DIR that is in use."""
    backup, empty = tmp_path / "backup", tmp_path / "empty"
    match what:
        case "inside":
            scrapy("backup", crawled / "backup", DATA_DIR=crawled).refused(2, "lies in the DATA_DIR")
        case "stranger":
            backup.mkdir()
            (backup / "letter.txt").write_text("x")
            scrapy("backup", backup, DATA_DIR=crawled).refused(2, "something else")
        case "other":
            backup.mkdir()
            (backup / "kabar-backup.json").write_text('{"from": "/srv/kabar", "finished": true}')
            scrapy("backup", backup, DATA_DIR=crawled).refused(2, "is the backup of /srv/kabar")
        case "unfinished":
            backup.mkdir()
            (backup / "kabar-backup.json").write_text('{"from": "/srv/kabar", "finished": false}')
            scrapy("doctor", "--restore", backup, DATA_DIR=empty).refused(2, "is not finished")
        case "full":
            scrapy("backup", backup, DATA_DIR=crawled).succeeded()
            scrapy("doctor", "--restore", backup, DATA_DIR=crawled).refused(2, "holds something")
            assert column(crawled, "SELECT count(*) FROM articles")[0] > 0
        case "none":
            scrapy("doctor", "--restore", tmp_path / "nowhere", DATA_DIR=empty).refused(2, "no such folder")
            scrapy("backup", backup, DATA_DIR=empty).refused(2, "nothing to back up")
