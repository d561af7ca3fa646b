"""`scrapy reprocess`: archived pages by other rules than those that read them."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler.reprocess import difference
from storage.data_dir import DataDir
from storage.store import settle_publication
from tests.conftest import Crawled
from tests.kit.factories import STORY
from tests.kit.killing import Kills, moments, wait_for
from tests.kit.running import CHECKOUT, Command, clean_environment, column, command, rows

DROPPED = "^BMKG akan memperbarui"
URL = "https://expresi.co/bmkg-minta-nelayan-kaltim-waspada-gelombang-tinggi/"
REPORT = "expresi: 1 pages read again; 1 articles {would}reprocessed, 9 unchanged, 0 {would}new, 0 refused and kept"


@pytest.fixture
def data_dir(recorded: Crawled, tmp_path: Path) -> Path:
    """A DATA_DIR of one's own with the recorded outlets in it."""
    copied = recorded.copy(tmp_path / "data")
    settle_publication(DataDir(copied), 5)  # a copied file is another file
    return copied


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder in which Expresi has a rule more."""
    folder = tmp_path / "sources"
    folder.mkdir()
    shutil.copy(CHECKOUT / "crawler" / "sources" / "expresi.toml", folder)
    with (folder / "expresi.toml").open("a") as file:
        file.write(f'[[rules]]\ndrop_lines = ["{DROPPED}"]\n')
    return folder


def again(data_dir: Path, *arguments: str, **settings: Any) -> Command:
    return command("reprocess", *arguments, DATA_DIR=data_dir, READ_WORKERS=1, **settings)


def state(data_dir: Path) -> dict[str, tuple[int, int]]:
    """Which files the databases are, and when they were last written."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in data_dir.glob("*.duckdb")}


def test_what_is_lost_is_passed_over(data_dir: Path, sources: Path) -> None:
    """The articles of a segment that is gone stay; nothing is said to be read of it."""
    for path in (data_dir / "segments/expresi").glob("*.warc.gz"):
        path.unlink()
    before = rows(data_dir, "SELECT * FROM article_versions ORDER BY ALL")
    done = again(data_dir, "expresi", SOURCE_DIRS=sources).run().succeeded()
    assert done.out == "nothing to read again: today's rules read all of it\n"
    assert rows(data_dir, "SELECT * FROM article_versions ORDER BY ALL") == before


def test_todays_rules_have_read_everything(data_dir: Path) -> None:
    """Nothing is read after a crawl."""
    done = again(data_dir).run().succeeded()
    assert done.out == "nothing to read again: today's rules read all of it\n"


def test_a_dry_run_shows_what_would_change_and_changes_nothing(data_dir: Path, sources: Path) -> None:
    """Field by field, with the lines that differ."""
    before = state(data_dir)
    done = again(data_dir, "--dry-run", "expresi", SOURCE_DIRS=sources).run().succeeded()
    lines = done.out.splitlines()
    assert lines[0] == REPORT.format(would="would be ")
    assert lines[1:3] == ["  text: differs in 1", f"    {URL}"]
    assert lines[3].startswith("      -BMKG akan memperbarui prakiraan")
    assert state(data_dir) == before


@pytest.mark.heavy
def test_a_dry_run_leaves_what_waits(data_dir: Path, sources: Path, tmp_path: Path) -> None:
    """Segments that a kill left are the next command's."""
    (path,) = (data_dir / "segments" / "expresi").glob("*.warc.gz")
    waiting = path.with_name("20990101T000000-0a1b2c3d.warc.gz")
    shutil.copy(path, waiting)
    before = state(data_dir)
    again(data_dir, "--dry-run", SOURCE_DIRS=sources).run().succeeded()
    assert state(data_dir) == before


@pytest.mark.heavy
def test_pages_of_a_host_meet_the_source_that_was_written_for_it(tmp_path: Path) -> None:
    """They were ingested without rules, and are read by them, under the source's name."""
    page = (
        "<html><head><title>Dermaga Diperbaiki</title><meta property='og:type' content='article'></head><body>"
        f"<article><h1>Dermaga Diperbaiki</h1><div class='entry-content'><p>{STORY}</p><p>Hubungi 0811.</p></div>"
        "</article></body></html>"
    )
    (tmp_path / "berita.html").write_text(page, encoding="utf-8")
    data_dir, url = tmp_path / "data", "https://warta.example/dermaga/"
    command("ingest", tmp_path / "berita.html", "--url", url, DATA_DIR=data_dir).run().succeeded()
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "warta.toml").write_text(
        'title = "Warta"\nhome = "https://warta.example/"\nprovince = "64"\ntimezone = "Asia/Makassar"\n'
        'region = "Bontang"\nplatform = "generic"\n[[rules]]\ndrop_lines = ["^Hubungi"]\n'
    )
    for name in ("warta", "warta.example"):
        done = again(data_dir, "--dry-run", name, SOURCE_DIRS=tmp_path / "sources").run().succeeded()
        assert done.out.startswith("warta: 1 pages read again; 1 articles would be reprocessed")
    again(data_dir, SOURCE_DIRS=tmp_path / "sources").run().succeeded()
    found = rows(data_dir, "SELECT source, url, contains(text, 'Hubungi'), version FROM articles")
    assert found == [("warta", url, False, 2)]


@pytest.mark.soak
def test_who_interrupts_it_hears_what_was_done(data_dir: Path, sources: Path) -> None:
    """Ctrl-C ends it with one line and its exit code; the next run goes on."""
    given = again(data_dir, SOURCE_DIRS=sources)
    with subprocess.Popen(
        [sys.executable, "-m", "scrapy", *given.arguments],
        cwd=given.cwd,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        locked = data_dir / "store.lock"
        before = locked.stat().st_mtime_ns
        wait_for(lambda: locked.stat().st_mtime_ns != before or running.poll() is not None)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert "Traceback" not in err
    assert running.returncode in (0, 130)
    again(data_dir, SOURCE_DIRS=sources).run().succeeded()
    assert again(data_dir, SOURCE_DIRS=sources).run().out.startswith("nothing to read again")


def test_what_reads_differently_is_a_version_and_the_second_run_finds_nothing(
    data_dir: Path, sources: Path
) -> None:
    """Analysts see at once that the outlet has edited nothing."""
    done = again(data_dir, SOURCE_DIRS=sources).run().succeeded()
    assert done.out.splitlines()[0] == REPORT.format(would="")
    found = rows(data_dir, "SELECT url, version FROM article_versions WHERE version_reason <> 'published'")
    assert found == [(URL, 2)]
    assert not column(
        data_dir, "SELECT contains(text, 'BMKG akan memperbarui') FROM articles WHERE url = ?", URL
    )[0]
    assert again(data_dir, SOURCE_DIRS=sources).run().out.startswith("nothing to read again")


@pytest.mark.parametrize("seed", [1])
@pytest.mark.soak
def test_a_run_that_is_killed_is_finished_by_the_next(
    data_dir: Path, sources: Path, tmp_path: Path, seed: int
) -> None:
    """Before, in and after the transaction: one version more, once."""
    for name in ("antara_kaltim", "suarakaltim", "portalborneo", "chanetujuh"):
        text = (CHECKOUT / "crawler" / "sources" / f"{name}.toml").read_text(encoding="utf-8")
        (sources / f"{name}.toml").write_text(text.replace("brands = [", 'brands = ["X", '), encoding="utf-8")
    kills = Kills(data_dir, tmp_path / "log")
    kinds = (("scratch", 1, 1), ("store log", 1, 2_000), ("store", 1, 1))
    done = kills.until_done(again(data_dir, SOURCE_DIRS=sources), moments(seed, 3, kinds)).succeeded()
    assert kills.made, done.err
    found = rows(data_dir, "SELECT url, version FROM article_versions WHERE version_reason <> 'published'")
    assert found == [(URL, 2)]
    assert again(data_dir, SOURCE_DIRS=sources).run().out.startswith("nothing to read again")


@pytest.mark.heavy
def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    """An unknown name is wrong use; a known source without pages, and an empty place, are nothing to do."""
    again(tmp_path / "none", "expressi").run().refused(2, "expressi", "expresi")
    for names in (["expresi"], []):
        done = again(tmp_path / "none", *names).run().succeeded()
        assert done.out.startswith("nothing to read again")
    assert not (tmp_path / "none").exists()


DIFFERENCES = [
    ("satu\ndua", "satu", ["-dua"]),
    (["Sari"], [], ["-Sari", "+"]),
    (None, "Bontang", ["+Bontang"]),
    ("Bontang", None, ["-Bontang"]),
    (False, True, ["-False", "+True"]),
    ("\n".join("abcdefghij"), None, [*(f"-{each}" for each in "abcdefgh"), "… 2 more lines"]),
]


@pytest.mark.parametrize(("before", "after", "lines"), DIFFERENCES)
def test_a_difference_is_told_by_lines(before: object, after: object, lines: list[str]) -> None:
    """Of texts, lists and truths; a long one is cut."""
    assert difference(before, after) == lines
