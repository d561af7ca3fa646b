"""What a user can get wrong: each time one clear line, the right exit code, and nothing lost."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crawler.crawl.arguments import CrawlArguments
from crawler.errors import ArgumentError
from crawler.ingest.files import held_by
from tests.conftest import Crawled
from tests.kit.outlet import article_page, now, posts
from tests.kit.running import CHECKOUT, SEEDS, SITES, Done, clean_environment, column, command, rows, together

POST = posts(now(), count=1)[0]


@pytest.fixture(scope="module")
def place(recorded: Crawled, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of broken things."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "kosong.txt").write_bytes(b"")
    (folder / "kosong.html").write_bytes(b"")
    (folder / "biner.html").write_bytes(b"\x7fELF" + random.Random(1).randbytes(4000))
    (folder / "bukan-artikel.html").write_text(
        "<html><title>Menu</title><ul><li><a href=/>Beranda</a></ul></html>"
    )
    (folder / "gambar.png").write_bytes(b"\x89PNG")
    (folder / "folder-kosong").mkdir()
    (folder / "berkas").write_text("a file where a folder should be")
    page = article_page(POST, "windows-1252").replace("Hamdan Yusuf", "Hamdan “Yusuf” – José")
    (folder / "windows.html").write_bytes(page.encode("cp1252"))
    (folder / "salah.html").write_bytes(page.replace("windows-1252", "UTF-8").encode("cp1252"))
    (segment,) = (recorded.data_dir / "segments" / "antara_kaltim").glob("*.warc.gz")
    whole = segment.read_bytes()
    (folder / "terpotong.warc.gz").write_bytes(whole[: len(whole) * 2 // 3])
    (folder / "bukan.warc.gz").write_bytes(b"<html>404</html>" * 99)
    newer = recorded.copy(folder / "newer")
    for name in ("store.duckdb", "news.duckdb"):
        (newer / name).chmod(0o644)
        with duckdb.connect(str(newer / name)) as connection:
            connection.execute("INSERT INTO kept.migrations VALUES (999, 'from_the_future', now())")
    shutil.copytree(newer, folder / "newer-before")
    (folder / "sources").mkdir()
    (folder / "sources" / "salah.toml").write_text(
        'title = "Salah"\nhome = "https://salah.example/"\ntimezon = "Asia/Makassar"\n', encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def done(place: Path) -> dict[str, Done]:
    """Every mistake, made two at a time."""
    there: dict[str, Any] = {"DATA_DIR": place / "data", "READ_WORKERS": 1}
    replay: dict[str, Any] = {"REPLAY": SITES, **there}
    return together(
        {
            "unknown source": command("crawl", "ekspresi", **replay),
            "bad date": command("crawl", "expresi", "-a", "since=17/11/2024", **replay),
            "unknown argument": command("crawl", "expresi", "-a", "sejak=2024-11-17", **replay),
            "unknown option": command("backup", "--incremental", **there),
            "bad value of an option": command("search", "banjir", "--limit", "banyak", **there),
            "bad contact": command("crawl", "expresi", CONTACT="redaksi(a)", **there),
            "bad contact of a look": command("probe", "warta.example", CONTACT="redaksi(a)", **there),
            "no recording": command("crawl", "expresi", REPLAY=place / "tidak-ada", **there),
            "bad source file": command("list", SOURCE_DIRS=place / "sources"),
            "crawl with a bad source file": command(
                "crawl", "expresi", SOURCE_DIRS=place / "sources", **replay
            ),
            "no address": command("ingest", place / "windows.html", "--url", "berita satu", **there),
            "missing path": command("ingest", place / "tidak-ada.html", **there),
            "broken files": command(
                "ingest",
                *(place / name for name in ("kosong.txt", "kosong.html", "biner.html", "bukan-artikel.html")),
                DATA_DIR=place / "broken",
            ),
            "charsets": command(
                "ingest", place / "windows.html", place / "salah.html", DATA_DIR=place / "charsets"
            ),
            "no archive": command("ingest", place / "bukan.warc.gz", DATA_DIR=place / "no-archive"),
            "truncated": command("ingest", place / "terpotong.warc.gz", DATA_DIR=place / "truncated"),
            "crawl into a newer database": command(
                "crawl", "expresi", REPLAY=SITES, DATA_DIR=place / "newer"
            ),
            "ingest into a newer database": command("ingest", SEEDS, DATA_DIR=place / "newer"),
            "question to a newer database": command("query", "select 1", DATA_DIR=place / "newer"),
            "unknown option of a search": command("search", "kerja", "--formt", "json", **there),
            "unknown option of a crawl": command("crawl", "expresi", "--limt=3", **replay),
            "a value that is none": command("search", "kerja", "--format", "xml", **there),
            "an option without its value": command("report", "--since", **there),
            "a setting without its value": command("report", "-s", "FOLLOW", **there),
            "crawl into a file": command("crawl", "expresi", REPLAY=SITES, DATA_DIR=place / "berkas"),
            "ingest under a file": command("ingest", SEEDS, DATA_DIR=place / "berkas" / "data"),
        }
    )


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("unknown source", ("ekspresi", "expresi?")),
        ("bad date", ("since=17/11/2024",)),
        ("unknown argument", ("sejak",)),
        ("unknown option", ("--incremental: no such option",)),
        ("bad value of an option", ("--limit", "banyak")),
        ("bad contact", ("CONTACT", "redaksi(a)")),
        ("bad contact of a look", ("CONTACT", "redaksi(a)")),
        ("no recording", ("REPLAY", "tidak-ada")),
        ("bad source file", ("salah", "timezon", "timezone")),
        ("crawl with a bad source file", ("salah", "timezon", "timezone")),
        ("no address", ("--url berita satu",)),
        ("missing path", ("tidak-ada.html",)),
        ("crawl into a newer database", ("newer Kabar", "999")),
        ("ingest into a newer database", ("newer Kabar", "999")),
        ("question to a newer database", ("newer Kabar", "999")),
        ("unknown option of a search", ("--formt", "'--format'?")),
        ("unknown option of a crawl", ("--limt",)),
        ("a value that is none", ("--format", "'xml'", "ris")),
        ("an option without its value", ("--since",)),
        ("a setting without its value", ("-s value",)),
        ("crawl into a file", ("berkas",)),
        ("ingest under a file", ("berkas",)),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    done: dict[str, Done], case: str, words: tuple[str, ...]
) -> None:
    """The line names what is wrong; there is no traceback and no second line."""
    done[case].refused(2, *words)


@pytest.mark.parametrize(
    "case",
    [
        "unknown source",
        "bad date",
        "unknown argument",
        "no recording",
        "unknown option",
        "bad value of an option",
    ],
)
def test_a_mistake_is_told_before_scrapy_says_its_version(done: dict[str, Done], case: str) -> None:
    """The line is all that there is to read."""
    assert done[case].err.splitlines() == done[case].complaints


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"until": "2024-02-30"}, ("until=2024-02-30",)),
        ({"since": "2024-11-20", "until": "2024-11-12"}, ("2024-11-20", "2024-11-12")),
        ({"limit": "banyak"}, ("limit=banyak",)),
        ({"limit": "0"}, ("limit=0",)),
        ({"recheck": "kemarin"}, ("recheck=kemarin",)),
    ],
)
def test_a_wrong_argument_is_named(given: dict[str, str], words: tuple[str, ...]) -> None:
    """The error is one line, which the command prints."""
    with pytest.raises(ArgumentError) as raised:
        CrawlArguments.parse(given)
    assert "\n" not in str(raised.value)
    for word in words:
        assert word in str(raised.value)


@pytest.mark.parametrize("name", ["gambar.png", "folder-kosong", "tidak-ada.html"])
def test_a_path_that_holds_no_document_is_named(place: Path, name: str) -> None:
    """A file of another kind, a folder without documents, nothing at all."""
    with pytest.raises(ArgumentError, match=name):
        held_by(place / name)


def test_what_is_no_file_is_named_and_never_waited_for(tmp_path: Path) -> None:
    """A pipe, and a link that leads nowhere, beside a document."""
    (tmp_path / "a.txt").touch()
    os.mkfifo(tmp_path / "b.html")
    (tmp_path / "c.html").symlink_to(tmp_path / "tidak-ada.html")
    held = held_by(tmp_path)
    assert [[file.name for file in files] for files in (held.files, held.others)] == [
        ["a.txt"],
        ["b.html", "c.html"],
    ]
    with pytest.raises(ArgumentError, match=r"b\.html: neither a file nor a folder"):
        held_by(tmp_path / "b.html")


def test_a_folder_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    """Beside documents that can: here it lies too deep, elsewhere it is somebody else's."""
    (tmp_path / "berita.txt").touch()
    above = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=above)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=above)
        os.close(above)
        above = below
    os.close(above)
    with pytest.raises(ArgumentError, match="dddd: cannot be read: File name too long"):
        held_by(tmp_path)


def test_wrong_use_leaves_no_trace(done: dict[str, Done], place: Path) -> None:
    """None of the mistakes made before anything is opened has created the DATA_DIR."""
    assert len(done) > 0
    assert not (place / "data").exists()


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("kosong.txt", "empty"),
        ("kosong.html", "empty"),
        ("biner.html", "not_html"),
        ("bukan-artikel.html", "not_an_article"),
    ],
)
def test_a_file_without_an_article_is_named_with_its_reason(
    done: dict[str, Done], place: Path, file: str, reason: str
) -> None:
    """One line for each, and a row in `rejections`; the command itself did what it was asked."""
    (line,) = (line for line in done["broken files"].complaints if f"/{file}:" in line)
    assert reason in line
    assert reason in column(place / "broken", "SELECT reason FROM rejections")


def test_files_without_an_article_are_counted(done: dict[str, Done], place: Path) -> None:
    """Four rejected, none stored, no traceback."""
    assert done["broken files"].is_traceback_free
    assert len(done["broken files"].complaints) == 4
    assert "4 rejected" in done["broken files"].out
    assert column(place / "broken", "SELECT count(*) FROM rejections") == [4]
    assert column(place / "broken", "SELECT count(*) FROM articles") == [0]


def test_a_page_in_windows_1252_is_read_whatever_it_says(done: dict[str, Done], place: Path) -> None:
    """Quotes, dash and accent come out right, with a right and with a wrong declaration: one text, one row."""
    assert done["charsets"].is_traceback_free
    assert done["charsets"].code == 0
    texts = column(place / "charsets", "SELECT text FROM articles")
    assert texts
    for text in texts:
        assert "Hamdan “Yusuf” – José" in text
    assert len(set(texts)) == 1


def test_of_a_truncated_warc_the_whole_records_are_used(
    recorded: Crawled, done: dict[str, Done], place: Path
) -> None:
    """The cut file is named in one line, exit code 1; every whole page before the cut is a row."""
    done["truncated"].refused(1, "terpotong.warc.gz", "cut")
    same = "SELECT article_id, text FROM articles WHERE source = 'antara_kaltim' ORDER BY 1"
    used = rows(place / "truncated", same)
    assert len(used) > 2
    assert set(used) < set(rows(recorded.data_dir, same))


def test_a_newer_database_is_left_alone(done: dict[str, Done], place: Path) -> None:
    """Nothing was fetched for it, nothing written into it."""
    assert len(done) > 0
    for name in ("store.duckdb", "news.duckdb", "ledger.sqlite"):
        assert (place / "newer" / name).read_bytes() == (place / "newer-before" / name).read_bytes()
    segments = [sorted(folder.rglob("*.warc.gz*")) for folder in (place / "newer", place / "newer-before")]
    assert len(segments[0]) == len(segments[1])


# --- the machine -----------------------------------------------------------------------------------


def make(folder: Path, python: str) -> subprocess.CompletedProcess[str]:
    """`make install` in an empty folder, with a `python3` of our own making."""
    shutil.copy(CHECKOUT / "Makefile", folder)
    for name in ("requirements.txt", "requirements-build.txt"):
        (folder / name).touch()
    fake = folder / "python3"
    fake.write_text(f"#!/bin/sh\n{python}\n", encoding="utf-8")
    fake.chmod(0o755)
    return subprocess.run(
        ["make", "install", f"PYTHON={fake}"],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("kabar: "))
    return line


def test_a_python_too_old_is_named(tmp_path: Path) -> None:
    """`make` says which Python it found and which it needs, in one line."""
    done = make(tmp_path, 'case "$1" in -V) echo Python 3.9.2;; *) exit 1;; esac')
    assert done.returncode == 2
    assert "3.11" in complaint(done)
    assert "3.9.2" in complaint(done)


def test_a_missing_venv_is_named(tmp_path: Path) -> None:
    """`make` says which package to install, in one line."""
    done = make(tmp_path, 'case "$*" in *venv*) exit 1;; *) exit 0;; esac')
    assert done.returncode == 2
    assert "python3-venv" in complaint(done)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    """A DATA_DIR that the user may not write is one line too."""
    locked = tmp_path / "terkunci"
    locked.mkdir(mode=0o555)
    command("ingest", SEEDS, DATA_DIR=locked / "data").run().refused(2, "terkunci")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_sources_are_shown_where_the_ledger_may_not_be_written(recorded: Crawled, tmp_path: Path) -> None:
    """To an analyst who may read the DATA_DIR of somebody else: a line says what is left out."""
    data_dir = recorded.copy(tmp_path / "data")
    data_dir.chmod(0o555)
    (data_dir / "ledger.sqlite").chmod(0o444)
    shown = command("sources", "expresi", DATA_DIR=data_dir).run()
    data_dir.chmod(0o755)
    shown.refused(0, "cannot be written", "left out")
    assert "its outcome\tdone" in shown.out


def test_what_is_no_warc_is_told(done: dict[str, Done]) -> None:
    """A page of an error that somebody saved under an archive's name."""
    done["no archive"].refused(1, "bukan.warc.gz", "byte 0", "no WARC record")
