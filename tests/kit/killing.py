"""Commands that are killed at a chosen moment, and what must be true of a DATA_DIR after all kills.

A moment is the server's k-th request or a change of a file, never a time: it comes at the same place
of the work on a fast machine and on a slow one.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from storage.archive.reader import read_segment
from tests.kit.large_outlet import (
    article_requests,
    paper,
    serve_listing,
    serve_rest,
    serve_sitemap,
    write_source,
)
from tests.kit.loopback import Loopback
from tests.kit.outlet import Post, now, source_file
from tests.kit.running import Command, Done, clean_environment, column, rows

AT_ONCE = 4
"""Requests in flight: CONCURRENT_REQUESTS_PER_DOMAIN."""
_POLL_S = 0.0003
_ORPHANS_S = 20.0


_SERVED: Mapping[str, Callable[[Loopback, Sequence[Post]], None]] = {
    "listing": serve_listing,
    "sitemap": serve_sitemap,
    "wordpress": serve_rest,
}


@dataclass(frozen=True)
class Site:
    """An outlet on this machine, and the DATA_DIR that its crawls share."""

    server: Loopback
    posts: tuple[Post, ...]
    folder: Path
    kind: str
    name: str

    @classmethod
    def make(cls, server: Loopback, folder: Path, kind: str, count: int, seed: int) -> Site:
        """So many articles behind an entry of this kind: `listing`, `sitemap` or `wordpress`."""
        site = cls(server, paper(seed, count, now()), folder, kind, f"warta_{kind}_{seed}")
        write_source(folder / "sources", site.name, source_file(server, [kind]))
        site.serve()
        return site

    def serve(self, newer: int = 0) -> None:
        """Put the outlet on the server, with these articles and no others; so many are not published yet."""
        self.server.pages.clear()
        _SERVED[self.kind](self.server, self.posts[newer:])

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    def crawl(self, *arguments: str, **settings: object) -> Command:
        """A crawl of the site, without politeness."""
        return self.command("crawl", self.name, *arguments, **settings)

    def command(self, *arguments: str | Path, **settings: object) -> Command:
        """Any command on the site's DATA_DIR; `settings` win."""
        return Command((*map(str, arguments), *_given(self.settings | settings)))

    @property
    def settings(self) -> dict[str, object]:
        """The settings of every command of the test."""
        return {
            "SOURCE_DIRS": self.folder / "sources",
            "DATA_DIR": self.data_dir,
            "ALLOW_PRIVATE_HOSTS": self.server.host,
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "CONCURRENT_REQUESTS_PER_DOMAIN": AT_ONCE,
            "READ_WORKERS": 1,
            "PUBLISH_LOOKS_EVERY_S": 0,
            "RECHECK_HOURS": "",  # no article becomes due again while the test runs
            "CONTACT": "redaksi@contoh.example",
        }


def _given(settings: Mapping[str, object]) -> list[str]:
    return [text for name, value in settings.items() for text in ("-s", f"{name}={value}")]


class Victim:
    """A running command, in a process group of its own: the reading processes die with it, or do not."""

    def __init__(self, started: Command, log: Path) -> None:
        self._log = log
        with log.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scrapy", *started.arguments],
                cwd=started.cwd,
                env=clean_environment() | dict(started.env),
                stdout=subprocess.DEVNULL,
                stderr=err,
                start_new_session=True,
            )

    def kill(self, alone: bool = False) -> None:
        """SIGKILL the whole group; `alone`: only the command itself, whose workers then are orphans."""
        if self.process.poll() is None:
            send = os.kill if alone else os.killpg
            send(self.process.pid, signal.SIGKILL)

    def done(self) -> Done:
        """How it ended."""
        code = self.process.wait(180)
        return Done(code, "", self._log.read_text(encoding="utf-8", errors="replace"))

    def has_open(self, path: Path) -> bool:
        """Whether the command has this file open."""
        return any(_target(link) == str(path) for link in Path(f"/proc/{self.process.pid}/fd").glob("*"))

    def orphans(self) -> list[int]:
        """The process ids of its group that are still there."""
        return members(self.process.pid)


def members(session: int) -> list[int]:
    """The process ids of a session, those that have ended less."""
    return [pid for pid in _processes() if _session_of(pid) == session]


def _processes() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _target(link: Path) -> str | None:
    try:
        return str(link.readlink())
    except OSError:
        return None


def _session_of(pid: int) -> int | None:
    try:
        state, _, _, session = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:4]
    except OSError:
        return None
    return int(session) if state not in "ZX" else None


@dataclass(frozen=True)
class Moment:
    """When a run is killed. `alone`: its workers live on and have to end themselves."""

    what: str
    number: int
    alone: bool = False

    def __str__(self) -> str:
        return f"{self.what} {self.number}{' (main process alone)' if self.alone else ''}"


def moments(seed: int, count: int, kinds: Sequence[tuple[str, int, int]]) -> list[Moment]:
    """So many moments, of these kinds in turn: (what, smallest number, largest). A fifth spare the workers."""
    draw = random.Random(seed)
    return [
        Moment(what, draw.randint(least, most), draw.random() < 0.2)
        for what, least, most in (kinds[n % len(kinds)] for n in range(count))
    ]


def growth(data_dir: Path, what: str) -> Callable[[], int]:
    """How far a file of the DATA_DIR has grown since now: by what MEASURES says."""
    measure = MEASURES[what]
    before = measure(data_dir)
    return lambda: measure(data_dir) - before


def _size(data_dir: Path, pattern: str) -> int:
    total = 0
    for path in data_dir.glob(pattern):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def _written(path: Path) -> int:
    """Nanoseconds of the last write; 0 before the first."""
    return path.stat().st_mtime_ns if path.exists() else 0


MEASURES: Mapping[str, Callable[[Path], int]] = {
    "segment": lambda data_dir: _size(data_dir, "segments/*/*.open"),
    "closed segments": lambda data_dir: len(list(data_dir.glob("segments/*/*.gz"))),
    "ledger log": lambda data_dir: _size(data_dir, "ledger.sqlite-wal"),
    "scratch": lambda data_dir: len(list(data_dir.glob("tmp/*.ndjson"))),
    "store": lambda data_dir: _written(data_dir / "store.duckdb"),
    "store log": lambda data_dir: _size(data_dir, "store.duckdb.wal"),
    "copy": lambda data_dir: _size(data_dir, "news.duckdb.new"),
}
"""How big something is: bytes, files, or the instant at which it was written."""


@dataclass
class Kills:
    """The kills of one command, run again and again until it ends by itself."""

    data_dir: Path
    log: Path
    server: Loopback | None = None
    made: list[Moment] = field(default_factory=list)
    """The kills that hit a living process."""

    def run(self, started: Command, moment: Moment | None) -> Done:
        """Run the command to its end, or to the moment."""
        victim: list[Victim] = []
        grown: Callable[[], int] | None = None
        if moment and moment.what == "request":
            assert self.server is not None
            self.server.at_request(len(self.server.asked) + moment.number, lambda: _kill(victim, moment))
        elif moment:
            grown = growth(self.data_dir, moment.what)
        victim.append(Victim(started, self.log))
        process = victim[0].process
        while grown is not None and moment is not None and process.poll() is None:
            if grown() >= moment.number:
                victim[0].kill(moment.alone)
                break
            time.sleep(_POLL_S)
        done = victim[0].done()
        if done.code == -signal.SIGKILL:
            assert moment is not None
            self.made.append(moment)
            self._await_orphans(victim[0], moment)
        return done

    def _await_orphans(self, victim: Victim, moment: Moment) -> None:
        deadline = time.monotonic() + _ORPHANS_S
        while left := victim.orphans():
            assert time.monotonic() < deadline, f"{moment}: {left} live on without their parent"
            time.sleep(0.01)

    def until_done(self, started: Command, planned: Sequence[Moment], more: Iterable[Command] = ()) -> Done:
        """Kill it at every moment in turn, start it again each time, and in the end let it finish.

        A run that ended by itself, because its moment did not come or nobody saw it on a busy machine, has
        done all there was to do: the next moments are those of the next of `more`, each of which brings work
        and does what those before it did.
        """
        commands = iter(more)
        for moment in planned:
            done = self.run(started, moment)
            if done.code != -signal.SIGKILL:
                following = next(commands, None)
                if following is None or done.code:
                    return done
                started = following
        for last in commands:
            started = last
        return self.run(started, None)


def wait_for(event: Callable[[], bool], most_s: float = 120) -> None:
    """Wait until it has happened; `TimeoutError` after so long."""
    deadline = time.monotonic() + most_s
    while not event():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {most_s:.0f} s")
        time.sleep(0.01)


def _kill(victim: list[Victim], moment: Moment) -> None:
    while not victim:
        time.sleep(_POLL_S)
    victim[0].kill(moment.alone)


# --- what must be true ---------------------------------------------------------------------------------


def each_once(data_dir: Path, expected: dict[str, str]) -> None:
    """Every article is there once, in one version, word for word, and nothing else is."""
    assert dict(rows(data_dir, "SELECT url, text FROM articles")) == expected
    assert column(data_dir, "SELECT count(*) FROM articles") == [len(expected)]
    assert column(data_dir, "SELECT count(*) FROM article_versions") == [len(expected)]


def nothing_torn(data_dir: Path) -> None:
    """Every segment is closed, named in the store, and readable to its end; no half-made file is left."""
    assert not list(data_dir.glob("segments/*/*.open"))
    segments = sorted(data_dir.glob("segments/*/*.warc.gz"))
    assert segments
    for path in segments:
        assert list(read_segment(path, data_dir / "segments"))
    merged = column(data_dir, "SELECT segment FROM kept.segments ORDER BY 1")
    assert merged == [str(path.relative_to(data_dir / "segments")) for path in segments]
    assert not list(data_dir.glob("*.new"))
    assert not list((data_dir / "tmp").iterdir())


def all_fetched(site: Site) -> None:
    """The ledger calls every article fetched."""
    with closing(sqlite3.connect(site.data_dir / "ledger.sqlite")) as ledger:
        found = ledger.execute("SELECT state, count(*) FROM links GROUP BY 1").fetchall()
    assert dict(found) == {"fetched": len(site.posts)}


def requests_for_articles(site: Site) -> int:
    """How many requests for articles' own pages there were over all runs."""
    return article_requests(site.server, site.posts)


def texts(server: Loopback, shown: Sequence[Post]) -> dict[str, str]:
    """Address → text, as the database must have them."""
    return {server.url(post.path): post.text for post in shown}
