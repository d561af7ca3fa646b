"""Crawls, an ingest and people who ask, all at once on one DATA_DIR: nothing fails and nobody waits."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from storage.data_dir import DataDir
from tests.end_to_end.test_ingest import foreign_warc
from tests.kit.killing import Kills, Moment, Site, Victim, each_once, nothing_torn, texts, wait_for
from tests.kit.large_outlet import paper
from tests.kit.loopback import Loopback
from tests.kit.outlet import article_page, now
from tests.kit.running import CHECKOUT, Command, Done, clean_environment, column
from tests.kit.watching import LockWatch, holders

pytestmark = pytest.mark.heavy

ANALYST = """
import os, signal, sys, time
from pathlib import Path
import duckdb

news, *steps = sys.argv[1:]
connection = None

def count():
    print(connection.execute("SELECT count(*) FROM articles").fetchone()[0], flush=True)

for step in steps:
    match step:
        case "open":
            connection = duckdb.connect(news, read_only=True)
        case "open for writing":
            os.chmod(news, 0o644)
            connection = duckdb.connect(news)
            print("open", flush=True)
        case "write":
            connection.execute("CREATE TABLE mine AS SELECT range AS n FROM range(1000)")
            connection.execute("UPDATE kept.versions SET text = 'ditimpa'")
            print("written", flush=True)
        case "count":
            count()
        case "close":
            connection.close()
        case "wait":
            sys.stdin.readline()
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
"""
"""Somebody at the DuckDB shell: does one step after the other; `wait` goes on at a line on stdin."""

COUNT = "SELECT count(*) FROM articles"

READER = """
import sys, time
from pathlib import Path
import duckdb

news, stop = map(Path, sys.argv[1:])
times = most = 0
while not stop.exists():
    if news.exists():
        with duckdb.connect(str(news), read_only=True) as connection:
            count, words, versions = connection.execute(
                "SELECT count(*), sum(word_count), (SELECT count(*) FROM article_versions) FROM articles"
            ).fetchone()
        assert count == versions and count >= most, (count, versions, most)
        most, times = count, times + 1
    time.sleep(0.02)
print(times, most)
"""
"""Somebody's dashboard: opens, asks, closes, again and again; never sees less than before."""


def python(code: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """A Python process with this code, its stdin and stdout at hand."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=CHECKOUT,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def analyst(site: Site, *steps: str) -> Iterator[subprocess.Popen[str]]:
    """An analyst at work, ended with the block."""
    process = python(ANALYST, site.data_dir / "news.duckdb", *steps)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    """The next line that the process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go_on(process: subprocess.Popen[str]) -> None:
    """Let a process go on that waits."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def identity(path: Path) -> tuple[int, int]:
    """What differs once a file was replaced or written."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


@pytest.fixture
def site(server: Loopback, tmp_path: Path) -> Site:
    """A small outlet, not crawled yet."""
    return Site.make(server, tmp_path, "wordpress", 12, seed=21)


@pytest.fixture
def crawled(site: Site) -> Site:
    """The same with eight of its twelve articles in the database."""
    older = replace(site, posts=site.posts[4:])
    older.serve()
    older.crawl().run().succeeded()
    site.serve()
    return site


def all_there(site: Site) -> None:
    each_once(site.data_dir, texts(site.server, site.posts))
    nothing_torn(site.data_dir)


# --- everything at once --------------------------------------------------------------------------------


def test_crawls_an_ingest_and_readers(tmp_path: Path) -> None:
    """Three crawls, an ingest and three readers share a DATA_DIR; all end well, and nothing is missing."""
    with ExitStack() as running:
        sites = [
            Site.make(running.enter_context(Loopback()), tmp_path, kind, count, seed)
            for kind, count, seed in (("listing", 60, 31), ("wordpress", 150, 32), ("listing", 90, 33))
        ]
        data_dir = sites[0].data_dir
        foreign = {f"https://www.jauh.example/{post.slug}/": post for post in paper(34, 60, now())}
        warc = foreign_warc(
            tmp_path / "asing.warc.gz",
            [(url, article_page(post).encode(), "text/html") for url, post in foreign.items()],
        )
        stop = tmp_path / "stop"
        readers = [python(READER, data_dir / "news.duckdb", stop) for _ in range(3)]
        watch = running.enter_context(LockWatch(data_dir / "store.lock"))
        ingest = sites[0].command("ingest", warc)
        done = at_once([*(each.crawl() for each in sites), ingest])
        stop.touch()
        seen = [reader.communicate() for reader in readers]
        for ended in done:
            ended.succeeded()
        expected = {url: post.text for url, post in foreign.items()}
        for each in sites:
            expected |= texts(each.server, each.posts)
        each_once(data_dir, expected)
        nothing_torn(data_dir)
        for said, complaint in seen:
            assert complaint == ""
            times, most = map(int, said.split())
            assert times > 1
            assert most <= len(expected)
    print(
        f"store's lock: longest {watch.longest_s:.2f} s, {len(watch.held_s)} times; "
        f"{sum(int(said.split()[0]) for said, _ in seen)} looks by readers"
    )


def at_once(commands: Sequence[Command]) -> list[Done]:
    """Run all of them at the same time, however many processors there are."""
    with ThreadPoolExecutor(max_workers=len(commands)) as pool:
        return list(pool.map(Command.run, commands))


@pytest.mark.soak
def test_a_second_crawl_of_a_source_ends_at_once(site: Site) -> None:
    """Exit code 1, and one line that names the process that is crawling."""
    second: list[Done] = []
    # The first crawl's second request stays open until the second crawl has ended.
    site.server.at_request(2, lambda: second.append(site.crawl().run()))
    first = Victim(site.crawl(), site.folder / "log")
    first.done().succeeded()
    second[0].refused(1, site.name, str(first.process.pid))
    all_there(site)


def test_a_crawl_waits_for_a_command_that_settles_its_leftovers(site: Site) -> None:
    """Who only merges what a kill left crawls nothing: the crawl begins when that is done."""
    data_dir = DataDir(site.data_dir)
    with data_dir.source_lock(site.name, settling=True):
        crawl = Victim(site.crawl(), site.folder / "log")
        wait_for(lambda: crawl.has_open(data_dir.locks / f"{site.name}.lock"))
        time.sleep(1)  # longer than a crawl looks at a lock before it gives up
    crawl.done().succeeded()
    all_there(site)


@pytest.mark.soak
def test_a_harvest_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    """Sources that are begun while others settle what the kill left are crawled all the same."""
    with ExitStack() as running:
        server = running.enter_context(Loopback())
        sites = [Site.make(server, tmp_path, "listing", 60, 51)]
        sites += [
            Site.make(running.enter_context(Loopback()), tmp_path, "listing", 40, seed) for seed in (52, 53)
        ]
        allowed = ",".join(each.server.host for each in sites)
        names = [each.name for each in sites]
        harvest = sites[0].command("harvest", *names, ALLOW_PRIVATE_HOSTS=allowed, HARVEST_AT_ONCE=2)
        kills = Kills(sites[0].data_dir, tmp_path / "log", server)
        kills.until_done(harvest, [Moment("request", 40), Moment("store log", 1)]).succeeded()
        assert kills.made[0].what == "request"
        expected = {url: text for each in sites for url, text in texts(each.server, each.posts).items()}
        each_once(sites[0].data_dir, expected)
        nothing_torn(sites[0].data_dir)


# --- analysts ------------------------------------------------------------------------------------------


@pytest.mark.soak
def test_an_analyst_stops_nothing(crawled: Site) -> None:
    """Who holds the database open for a whole crawl keeps reading the old one, and on opening again sees the new."""
    with analyst(crawled, "open", "count", "wait", "count", "close", "open", "count") as reading:
        assert line(reading) == "8"
        crawled.crawl().run().succeeded()
        go_on(reading)
        assert (line(reading), line(reading)) == ("8", "12")
        assert reading.wait(60) == 0
    all_there(crawled)


@pytest.mark.parametrize("how", ["die", "close"])
def test_an_analyst_who_writes_breaks_nothing(crawled: Site, how: str) -> None:
    """What somebody wrote is gone with the next command, though it had nothing new to publish."""
    news = crawled.data_dir / "news.duckdb"
    with analyst(crawled, "open for writing", "write", how) as writing:
        writing.wait(60)
    assert news.with_suffix(".duckdb.wal").exists() == (how == "die")
    answer = crawled.command("query", COUNT, "--format", "csv").run()
    assert answer.succeeded().out.split()[1] == "8"
    assert not news.with_suffix(".duckdb.wal").exists()
    assert stat.S_IMODE(news.stat().st_mode) == 0o444
    assert column(crawled.data_dir, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'mine'") == [0]
    assert column(crawled.data_dir, "SELECT count(*) FROM articles WHERE text = 'ditimpa'") == [0]


@pytest.mark.soak
def test_an_analyst_who_writes_behind_a_publication_breaks_nothing(crawled: Site) -> None:
    """A log that a dying session leaves beside a copy it never opened is cleared away."""
    with analyst(crawled, "open for writing", "wait", "write", "die") as writing:
        assert line(writing) == "open"
        crawled.crawl().run().succeeded()
        go_on(writing)
        writing.wait(60)
    assert (crawled.data_dir / "news.duckdb.wal").exists()
    crawled.command("query", "SELECT 1").run().succeeded()
    all_there(crawled)


# --- a store that is held ------------------------------------------------------------------------------

STUCK = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.mark.soak
def test_a_stuck_process_is_named_and_what_waits_is_merged_later(crawled: Site, tmp_path: Path) -> None:
    """Exit code 3 with the holder's process id; once it is gone, any next command merges what waited."""
    stuck = python(STUCK, crawled.data_dir / "store.duckdb")
    try:
        assert line(stuck) == "held"
        crawled.crawl(LOCK_WAIT_S=2).run().refused(3, f"process {stuck.pid}", "safe")
        asked = crawled.command("query", COUNT, "--format", "csv", LOCK_WAIT_S=1).run()
        assert (asked.code, asked.out.split()[1]) == (0, "8")
        assert f"process {stuck.pid}" in asked.complaints[0]
    finally:
        stuck.kill()
        stuck.communicate()
    for name, next_command in {
        "query": ("query", "SELECT 1"),
        "ingest": ("ingest",),
        "crawl": ("crawl", crawled.name),
    }.items():
        its = Path(shutil.copytree(crawled.data_dir, tmp_path / name))
        crawled.command(*next_command, DATA_DIR=its).run().succeeded()
        each_once(its, texts(crawled.server, crawled.posts))
        nothing_torn(its)


# --- publishing ----------------------------------------------------------------------------------------


@pytest.mark.soak
def test_commands_that_end_together_publish_less_often(tmp_path: Path) -> None:
    """Four crawls that wait for the store at the same time cost fewer copies than four."""
    with ExitStack() as running:
        sites = [
            Site.make(running.enter_context(Loopback()), tmp_path, "wordpress", 5, seed)
            for seed in range(41, 45)
        ]
        data_dir = DataDir(sites[0].data_dir)
        with ThreadPoolExecutor(max_workers=4) as pool:
            with data_dir.exclusive_store(5):
                crawls = [pool.submit(each.crawl().run) for each in sites]
                wait_for(lambda: len(holders(data_dir.locks / "store.queue")) == 4)
            done = [crawl.result().succeeded() for crawl in crawls]
    published = sum(each.err.count("[storage.publish] INFO: published") for each in done)
    print(f"4 crawls that ended together published {published} times")
    assert 1 <= published < 4
    each_once(
        data_dir.root, {url: text for each in sites for url, text in texts(each.server, each.posts).items()}
    )


def test_nothing_new_is_not_published(crawled: Site, tmp_path: Path) -> None:
    """A query, and an ingest of what was ingested, leave the published file as it is."""
    warc = next(crawled.data_dir.glob("segments/*/*.warc.gz"))
    copied = Path(shutil.copy(warc, tmp_path / "lama.warc.gz"))
    assert "0 new articles" in crawled.command("ingest", copied).run().succeeded().out
    before = identity(crawled.data_dir / "news.duckdb")
    crawled.command("query", "SELECT 1").run().succeeded()
    assert "0 new articles" in crawled.command("ingest", copied).run().succeeded().out
    crawled.command("ingest").run().succeeded()
    assert identity(crawled.data_dir / "news.duckdb") == before
