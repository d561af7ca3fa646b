"""`scrapy report`: an outlet falls silent, is said to be so once, and works again."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.data_dir import DataDir
from tests.end_to_end.test_coverage import noon, today
from tests.end_to_end.test_loopback_crawl import crawl, write_source
from tests.kit.certificates import put_certificate
from tests.kit.disks import fill, small_disk
from tests.kit.loopback import Answer, Loopback, Raw
from tests.kit.outlet import WITA, Post, feed, now, posts, serve_pages
from tests.kit.running import Done, column, rows, scrapy

EXPECT = "[expect]\narticles_per_day = [1, 60]\n"
SETTINGS = ("-s", "DOWNLOAD_DELAY=0", "-s", "READ_WORKERS=1", "-s", "CONTACT=redaksi@contoh.example")
INCIDENTS = "SELECT source, kind, closed_at IS NULL FROM incidents ORDER BY opened_at"


def serve(server: Loopback, shown: tuple[Post, ...]) -> None:
    serve_pages(server, shown)
    server.pages["/feed/"] = Answer(feed(shown, server), content_type="application/rss+xml")


def report(folder: Path, *more: str) -> Done:
    return scrapy("report", *more, SOURCE_DIRS=folder / "sources", DATA_DIR=folder / "data")


@pytest.mark.heavy
def test_an_outlet_falls_silent_and_works_again(server: Loopback, tmp_path: Path) -> None:
    """Yesterday brought nothing, where the source file expects an article: exit code 1 until one is there."""
    shown = posts(noon(3), step=timedelta(hours=1), count=4)
    serve(server, shown[1:])
    write_source(server, tmp_path, ["rss"], EXPECT)
    crawl(server, tmp_path).succeeded()
    data = tmp_path / "data"
    first = report(tmp_path)
    if column(data, "SELECT count(*) FROM kept.quiet_days WHERE day = ?", today() - timedelta(days=1)) == [1]:
        first.succeeded()  # yesterday was a holiday, which raises nothing
        return
    assert (first.code, first.complaints, first.is_traceback_free) == (1, [], True), first.err
    assert "warta_teluk: silent since" in first.out
    assert "expected 1 to 60 (source file)" in first.out
    assert rows(data, INCIDENTS) == [("warta_teluk", "silent", True)]
    opened = rows(data, "FROM incidents")
    before = (data / "news.duckdb").stat().st_ino
    assert report(tmp_path).code == 1
    assert rows(data, "FROM incidents") == opened
    assert (data / "news.duckdb").stat().st_ino == before
    assert column(data, "SELECT open_incidents FROM source_health") == [["silent"]]
    write_source(server, tmp_path, ["rss"], EXPECT.replace("[1,", "[0,"))
    assert report(tmp_path).code == 0  # a file that permits silence, read as it stands now
    write_source(server, tmp_path, ["rss"], EXPECT)
    assert report(tmp_path, "warta_teluk").code == 1
    serve(server, (posts(now(), count=1)[0], *shown[1:]))
    crawl(server, tmp_path).succeeded()
    last = report(tmp_path)
    last.succeeded()
    assert "warta_teluk: works again (silent" in last.out
    assert rows(data, INCIDENTS) == [("warta_teluk", "silent", False)] * 2


EMPTY_FEED = "<rss version='2.0'><channel><title>Warta Teluk</title></channel></rss>"


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("kind", "path", "listed"),
    [("rss", "/feed/", EMPTY_FEED), ("wordpress", "/wp-json/wp/v2/posts", "[]")],
    ids=["a feed", "a REST collection"],
)
def test_a_list_without_articles_is_no_fault(
    kind: str, path: str, listed: str, server: Loopback, tmp_path: Path
) -> None:
    """An outlet may have nothing to say on a Sunday: its day was looked at, and nothing breaks."""
    serve(server, posts(noon(1), step=timedelta(hours=1), count=4))
    write_source(server, tmp_path, ["rss"])
    crawl(server, tmp_path).succeeded()
    write_source(server, tmp_path, [kind])
    server.pages[path] = Answer(listed, content_type="text/plain")
    for _ in range(2):
        crawl(server, tmp_path).succeeded()
    report(tmp_path).succeeded()
    # Not `today`, which is an hour behind: for an hour after the outlet's midnight that is the day before.
    day = datetime.now(UTC).astimezone(WITA).date()
    assert rows(tmp_path / "data", "SELECT DISTINCT outcome, fault, covered_to FROM kept.crawls") == [
        ("done", None, day)
    ]


def test_a_report_before_the_first_crawl_is_wrong_use(tmp_path: Path) -> None:
    """There is nothing to judge; nor of an outlet that nobody knows, or a day to come."""
    (tmp_path / "sources").mkdir()
    report(tmp_path).refused(2, "nothing is published yet")
    report(tmp_path, "warta_telk").refused(2, "no source is called")
    report(tmp_path, "--since", "2999-01-01").refused(2, "a day to come")
    report(tmp_path, "--html", str(tmp_path / "no" / "page.html")).refused(2, "there is no folder")
    report(tmp_path, "--html", "-").refused(2, "the table goes to stdout")


def refused(server: Loopback) -> None:
    for path in ("/robots.txt", "/feed/"):
        server.pages[path] = Answer("Just a moment", status=403, headers={"cf-mitigated": "challenge"})


def challenged(server: Loopback) -> None:
    server.pages["/feed/"] = Answer("Just a moment", status=403, headers={"cf-mitigated": "challenge"})


def moved(server: Loopback) -> None:
    elsewhere = server.url("/feed/").replace("127.0.0.1", "localhost")
    server.pages["/feed/"] = Answer(status=301, headers={"Location": elsewhere})


def cut_off(server: Loopback) -> None:
    server.pages.clear()
    server.otherwise = Raw((), "reset")


def maintained(server: Loopback) -> None:
    server.pages["/feed/"] = Answer("<html><h1>Sedang dalam pemeliharaan</h1></html>")


@pytest.mark.parametrize(
    ("breaks", "kind", "words"),
    [
        (refused, "refused", "by Cloudflare (cf-mitigated: challenge)"),
        pytest.param(
            challenged, "refused", "by Cloudflare (cf-mitigated: challenge)", marks=pytest.mark.heavy
        ),
        (moved, "moved_host", "the site leads to localhost"),
        pytest.param(maintained, "failed", "no entry led to articles", marks=pytest.mark.heavy),
        pytest.param(cut_off, "failed", "no request got an answer", marks=pytest.mark.heavy),
    ],
)
def test_what_a_site_does_to_us_is_named(
    breaks: Callable[[Loopback], None], kind: str, words: str, server: Loopback, tmp_path: Path
) -> None:
    """In the run that meets it: the row of the run says what stood in its way, and the report opens it."""
    serve(server, posts(now(), step=timedelta(hours=1), count=2))
    write_source(server, tmp_path, ["rss"], "[expect]\narticles_per_day = [0, 60]\n")
    breaks(server)
    assert crawl(server, tmp_path).code == 1
    done = report(tmp_path)
    assert (done.code, done.is_traceback_free) == (1, True), done.err
    if breaks is challenged:  # the next run asks for nothing: that is no other fault, and nothing works again
        assert crawl(server, tmp_path).code == 1
        assert "works again" not in report(tmp_path).out
    found = rows(tmp_path / "data", "SELECT source, kind, detail FROM incidents WHERE closed_at IS NULL")
    assert [(source, what) for source, what, _ in found] == [("warta_teluk", kind)]
    assert words in found[0][2]


@pytest.mark.heavy
def test_a_certificate_that_ends_is_said_and_the_outlet_is_read(tmp_path: Path) -> None:
    """Over HTTPS: the run notes it, the report opens it; with another certificate the next run closes it."""
    for ends, code, is_open in ((timedelta(days=-3), 1, True), (timedelta(days=30), 0, False)):
        with Loopback(put_certificate(tmp_path / "certificate.pem", ends)) as server:
            serve(server, posts(now(), step=timedelta(hours=1), count=2))
            write_source(server, tmp_path, ["rss"], "[expect]\narticles_per_day = [0, 60]\n")
            crawl(server, tmp_path).succeeded()
            done = report(tmp_path)
        assert (done.code, done.is_traceback_free) == (code, True), done.err
        day = (datetime.now(UTC) + timedelta(days=-3)).date()
        [(kind, detail, is_there)] = rows(
            tmp_path / "data", "SELECT kind, detail, closed_at IS NULL FROM incidents"
        )
        assert (kind, is_there) == ("certificate", is_open)
        assert re.fullmatch(rf"the certificate of 127\.0\.0\.1:\d+ ended on {day}", detail)
        assert ("certificate since" if is_open else "works again (certificate") in done.out
    assert column(tmp_path / "data", "SELECT fault FROM crawls ORDER BY started_at") == ["certificate", None]
    assert column(tmp_path / "data", "SELECT count(*) > 0 FROM articles") == [True]


@pytest.mark.heavy
def test_a_harvest_tells_what_broke_and_what_was_mended_once_each(server: Loopback, tmp_path: Path) -> None:
    """Exit code 1 when an incident opens, 0 while it is open and when it closes; a run beside another is no news."""
    serve(server, posts(now(), step=timedelta(hours=1), count=2))
    write_source(server, tmp_path, ["rss"], "[expect]\narticles_per_day = [0, 60]\n")
    feed_page = server.pages.pop("/feed/")
    arguments = ("harvest", "warta_teluk", *SETTINGS)
    given: dict[str, Any] = {
        "SOURCE_DIRS": tmp_path / "sources",
        "DATA_DIR": tmp_path / "data",
        "ALLOW_PRIVATE_HOSTS": server.host,
    }
    first, second = scrapy(*arguments, **given), scrapy(*arguments, **given)
    assert (first.code, first.out.count("\n")) == (1, 1), first.err
    assert first.out.startswith("warta_teluk: failed since")
    assert (second.code, second.out) == (0, ""), second.err
    with DataDir(tmp_path / "data").source_lock("warta_teluk"):
        beside = scrapy(*arguments, **given)
    assert (beside.code, beside.out) == (0, ""), beside.err
    server.pages["/feed/"] = feed_page
    third = scrapy(*arguments, **given)
    assert (third.code, third.out.count("\n")) == (0, 1), third.err
    assert third.out.startswith("warta_teluk: works again (failed")


def unavailable(server: Loopback) -> None:
    server.pages["/feed/"] = Answer("Kesalahan peladen", status=500)


@pytest.mark.heavy
@pytest.mark.parametrize(("breaks", "runs"), [(maintained, 1), (refused, 1), (unavailable, 2)])
def test_what_breaks_within_the_hour_is_told_by_the_next_runs(
    breaks: Callable[[Loopback], None], runs: int, server: Loopback, tmp_path: Path
) -> None:
    """A good run published just now; what the next ones meet does not wait until looks are published again."""
    serve(server, posts(now(), step=timedelta(hours=1), count=2))
    write_source(server, tmp_path, ["rss"], "[expect]\narticles_per_day = [0, 60]\n")
    given: dict[str, Any] = {
        "SOURCE_DIRS": tmp_path / "sources",
        "DATA_DIR": tmp_path / "data",
        "ALLOW_PRIVATE_HOSTS": server.host,
        "RETRY_BACKOFF_S": "0.01",
    }
    arguments = ("harvest", "warta_teluk", *SETTINGS)
    scrapy(*arguments, **given).succeeded()
    breaks(server)
    done = [scrapy(*arguments, **given) for _ in range(runs + 1)]
    assert [each.code for each in done] == [0] * (runs - 1) + [1, 0], [each.err for each in done]
    assert done[runs - 1].out.count("\n") == 1
    assert column(tmp_path / "data", "SELECT count(*) FROM incidents") == [1]


@pytest.fixture
def heard(tmp_path: Path) -> Path:
    """A program for NOTIFY, and the file that it adds what it hears to."""
    program = tmp_path / "hear"
    program.write_text(f"#!/bin/sh\ncat >> {tmp_path}/heard\necho >> {tmp_path}/heard\n")
    program.chmod(0o755)
    return tmp_path / "heard"


def told(heard: Path) -> list[tuple[list[str], list[str]]]:
    """What was heard of machine and outlets: the kinds that opened, and those that closed, message by message."""
    lines = heard.read_text().splitlines() if heard.exists() else []
    messages = [json.loads(line) for line in lines if line]
    return [
        ([each["kind"] for each in one["opened"]], [each["kind"] for each in one["closed"]])
        for one in messages
    ]


@pytest.mark.heavy
def test_a_store_that_stays_busy_is_told_once(server: Loopback, tmp_path: Path, heard: Path) -> None:
    """While it lasts, to every address, though nothing can be written down; and that it works again."""
    serve(server, posts(now(), step=timedelta(hours=1), count=2))
    write_source(server, tmp_path, ["rss"], "[expect]\narticles_per_day = [0, 60]\n")
    data_dir = DataDir(tmp_path / "data")
    given: dict[str, Any] = {
        "SOURCE_DIRS": tmp_path / "sources",
        "DATA_DIR": data_dir.root,
        "ALLOW_PRIVATE_HOSTS": server.host,
        "LOCK_WAIT_S": "0.5",
        "NOTIFY": f"command:{tmp_path}/hear",
    }
    arguments = ("harvest", "warta_teluk", *SETTINGS)
    scrapy(*arguments, **given).succeeded()
    serve(server, posts(now(), step=timedelta(hours=1), count=3))
    with data_dir.exclusive_store(wait_s=5):
        busy = [scrapy(*arguments, **given) for _ in range(2)]
    assert [(done.code, done.out.count("\n"), done.err) for done in busy] == [(3, 1, ""), (3, 0, "")]
    assert busy[0].out.startswith("this machine: store stuck since")
    assert f"process {os.getpid()}" in busy[0].out
    assert told(heard) == [(["store_stuck"], [])]
    last = scrapy(*arguments, **given)
    assert (last.code, last.out.count("\n")) == (0, 1), last.err
    assert told(heard)[1:] == [([], ["store_stuck"])]
    assert rows(data_dir.root, "SELECT source, kind, closed_at IS NULL FROM incidents") == [
        (None, "store_stuck", False)
    ]
    assert column(data_dir.root, "SELECT count(*) FROM articles") == [3]


@pytest.mark.soak
def test_a_full_disk_is_told_once(server: Loopback, tmp_path: Path, heard: Path) -> None:
    """Nothing can be asked for, nor written down, not even a line of the log: it is judged all the same, and quiet."""
    serve(server, posts(now(), step=timedelta(hours=1), count=2))
    write_source(server, tmp_path, ["rss"], "[expect]\narticles_per_day = [0, 60]\n")
    with small_disk(tmp_path / "disk", "64m") as disk:
        given: dict[str, Any] = {
            "SOURCE_DIRS": tmp_path / "sources",
            "DATA_DIR": disk / "data",
            "ALLOW_PRIVATE_HOSTS": server.host,
            "NOTIFY": f"command:{tmp_path}/hear",
        }
        arguments = ("harvest", "warta_teluk", *SETTINGS)
        first = scrapy(*arguments, **given)
        assert (first.code, first.out.partition(" since")[0]) == (1, "this machine: disk filling")
        assert told(heard) == [(["disk_filling"], [])]
        (disk / "data" / "published.json").unlink()  # a publish is due
        filler = fill(disk)
        full = [scrapy(*arguments, **given) for _ in range(2)]
        assert [(done.code, done.out, done.err) for done in full] == [(1, "", "")] * 2
        assert len(told(heard)) == 1
        filler.unlink()
        scrapy(*arguments, **given).succeeded()
