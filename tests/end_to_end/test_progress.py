"""The line at the foot of a terminal, on a real one; and that there is nothing of it elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from storage.data_dir import DataDir
from storage.store import open_store
from tests.kit.foreign import by_record, cc_news
from tests.kit.killing import Site
from tests.kit.large_outlet import paper
from tests.kit.loopback import Loopback
from tests.kit.outlet import article_page, now
from tests.kit.running import SEEDS, clean_environment, column, command
from tests.kit.terminal import Shown, on_terminal

ARTICLES = 12


def a_warc(path: Path) -> Path:
    pages = [(f"https://jauh.example/{post.slug}/", article_page(post)) for post in paper(4, ARTICLES, now())]
    path.write_bytes(by_record(each for url, html in pages for each in cc_news(url, html.encode())))
    return path


def lines_of_bar(shown: Shown) -> list[str]:
    """Its frames; the table of the first look is drawn with other corners."""
    return [line for line in shown.frames if "━" in line and line[0] not in "┏┡"]


@pytest.fixture
def site(server: Loopback, tmp_path: Path) -> Site:
    return Site.make(server, tmp_path, "listing", ARTICLES, 6)


@pytest.mark.heavy
def test_a_crawl_on_a_terminal_shows_how_far_it_is(site: Site) -> None:
    """Found, fetched, remaining; and every line of the log stands whole beside it, however narrow the terminal."""
    shown = on_terminal(site.crawl(), columns=70)
    assert shown.done.code == 0
    bars = lines_of_bar(shown)
    assert any(f"{ARTICLES} found" in line for line in bars)
    assert all(line.startswith(site.name) for line in bars)
    logged = [line for line in shown.frames if re.match(r"\d{4}-\d\d-\d\d ", line)]
    assert not set(logged) & set(bars)
    (crawled,) = [line for line in logged if "Crawled 0 pages" in line]
    assert crawled.endswith("scraped 0 items (at 0 items/min)"), "as long as it is"


@pytest.mark.soak
def test_an_ingest_on_a_terminal_shows_how_far_it_is(tmp_path: Path) -> None:
    """Megabytes, pages read and kept; what is said at the end goes to stdout as ever."""
    given = command("ingest", a_warc(tmp_path / "asing.warc.gz"), DATA_DIR=tmp_path / "data", READ_WORKERS=1)
    shown = on_terminal(given)
    assert shown.done.code == 0
    assert re.search(r"ingest +━.*\d of \d+\.\d MB, \d+ read, \d+ kept", "\n".join(lines_of_bar(shown)))
    assert shown.done.out.startswith(f"{ARTICLES} documents: {ARTICLES} new articles, ")
    assert "\x1b" not in shown.done.out


@pytest.mark.soak
def test_a_reprocess_on_a_terminal_shows_how_far_it_is(tmp_path: Path) -> None:
    """Segments and pages, on the very line that a crawl and an ingest have."""
    data_dir = DataDir(tmp_path / "data")
    command(
        "ingest", a_warc(tmp_path / "asing.warc.gz"), DATA_DIR=data_dir.root, READ_WORKERS=1
    ).run().succeeded()
    with open_store(data_dir, 5) as store, store.transaction() as connection:
        connection.execute("UPDATE kept.segments SET read_by = 'other rules'")
    shown = on_terminal(command("reprocess", DATA_DIR=data_dir.root, READ_WORKERS=1), columns=80)
    assert shown.done.code == 0
    assert any(
        re.match(r"reprocess +━.*\d of 1 segments, \d+ pages read", line) for line in lines_of_bar(shown)
    )
    assert shown.done.out.startswith("jauh.example: ")


@pytest.mark.heavy
def test_ctrl_c_is_one_line(tmp_path: Path) -> None:
    """Even while the reading processes begin; the same command then brings everything once."""
    given = command("ingest", a_warc(tmp_path / "asing.warc.gz"), DATA_DIR=tmp_path / "data")
    data_dir = DataDir(tmp_path / "data")
    data_dir.claim("live")
    with data_dir.exclusive_store(60):  # it cannot be done before it is interrupted
        stopped = on_terminal(given, interrupt_at=f"{ARTICLES} read")
    assert stopped.done.code == 130
    assert stopped.frames[-1] == "kabar: interrupted; what was done is kept, and the same command goes on"
    assert "Traceback" not in stopped.raw
    given.run().succeeded()
    assert column(tmp_path / "data", "SELECT count(*), count(DISTINCT url) FROM articles") == [ARTICLES]


@pytest.mark.soak
def test_a_reader_that_has_seen_enough_is_no_fault(tmp_path: Path) -> None:
    """`scrapy ingest … | head` ends as if all had been read."""
    given = command("ingest", SEEDS, DATA_DIR=tmp_path / "data", READ_WORKERS=1)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *given.arguments],
        cwd=given.cwd,
        env=clean_environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=180,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.soak
def test_a_terminal_that_cannot_move_its_cursor_gets_none(site: Site) -> None:
    """It would be a line each time."""
    shown = on_terminal(site.crawl(), term="dumb")
    assert shown.done.code == 0
    assert lines_of_bar(shown) == []


def test_off_a_terminal_there_is_nothing_of_it(site: Site) -> None:
    """A log in a file has the lines of the log alone."""
    done = site.crawl().run().succeeded()
    assert "remaining" not in done.err
    assert "\x1b" not in done.err
