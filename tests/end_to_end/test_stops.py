"""Ctrl-C, SIGTERM and `timeout` end what runs, at whatever moment they come, and the exit code says whether work is left."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from crawler.interruption import ONE_S
from storage.data_dir import DataDir
from tests.kit.killing import Site, Victim, each_once, texts, wait_for
from tests.kit.loopback import Loopback
from tests.kit.stopping import stops


@pytest.fixture
def site(server: Loopback, tmp_path: Path) -> Site:
    return Site.make(server, tmp_path, "listing", count=40, seed=11)


def busy(site: Site) -> Victim:
    """A crawl with pages behind it and many before it."""
    asked = len(site.server.asked)
    victim = Victim(site.crawl(READ_WORKERS=2, DOWNLOAD_DELAY=0.2), site.folder / "log")
    wait_for(lambda: len(site.server.asked) > asked + 8)
    return victim


def has_heard(site: Site, words: str) -> None:
    wait_for(lambda: words in (site.folder / "log").read_text(encoding="utf-8"))


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.soak)],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_a_crawl_that_is_ended_with_work_left_says_so(site: Site, number: signal.Signals, code: int) -> None:
    """By its exit code and one line; the next crawl brings the rest and ends with 0."""
    victim = busy(site)
    os.kill(victim.process.pid, number)
    victim.done().refused(code, "interrupted", " new, ", " left to fetch")
    site.crawl().run().succeeded()
    each_once(site.data_dir, texts(site.server, site.posts))


@pytest.mark.soak
def test_a_crawl_that_is_ended_with_nothing_left_is_done(site: Site) -> None:
    """The signal comes while all that it brought is merged: the end is what it was to be."""
    asked = len(site.server.asked)
    victim = Victim(site.crawl(), site.folder / "log")
    wait_for(lambda: len(site.server.asked) > asked + 8)
    with DataDir(site.data_dir).exclusive_store(60):
        has_heard(site, "Closing spider (finished)")
        os.kill(victim.process.pid, signal.SIGTERM)
        has_heard(site, "shutting down gracefully")
    victim.done().succeeded()
    each_once(site.data_dir, texts(site.server, site.posts))


@pytest.mark.soak
def test_timeout_ends_a_busy_crawl_once(site: Site) -> None:
    """It signals the command and then its whole group: that is one end, and the reading processes hear nothing of it."""
    victim = busy(site)
    os.kill(victim.process.pid, signal.SIGTERM)
    os.killpg(victim.process.pid, signal.SIGTERM)
    done = victim.done()
    done.refused(143, "interrupted")
    assert "unclean" not in done.err


@pytest.mark.heavy
def test_ctrl_c_twice_ends_it_at_once_and_in_order(site: Site) -> None:
    """Nothing is waited for, not even the store, and no report of what was lost in memory follows."""
    victim = busy(site)
    with DataDir(site.data_dir).exclusive_store(60):
        os.kill(victim.process.pid, signal.SIGINT)
        has_heard(site, "Closing spider (shutdown)")
        time.sleep(ONE_S)
        os.kill(victim.process.pid, signal.SIGINT)
        done = victim.done()
    done.refused(130, "interrupted")
    assert "leaked" not in done.err
    wait_for(lambda: not victim.orphans())
    site.crawl().run().succeeded()
    each_once(site.data_dir, texts(site.server, site.posts))


@pytest.mark.soak
def test_a_harvest_that_is_ended_begins_no_other_source(site: Site) -> None:
    """Its exit code says that sources are left."""
    with Loopback() as server:
        other = Site.make(server, site.folder, "listing", count=40, seed=12)
        given: dict[str, object] = {
            "ALLOW_PRIVATE_HOSTS": f"{site.server.host},{server.host}",
            "DOWNLOAD_DELAY": 0.2,
            "HARVEST_AT_ONCE": 1,
            "LOG_FILE": site.folder / "harvest.log",
        }
        victim = Victim(site.command("harvest", site.name, other.name, **given), site.folder / "log")
        wait_for(lambda: len(site.server.asked) > 8)
        os.kill(victim.process.pid, signal.SIGTERM)
        victim.done().refused(143, "interrupted", "0 of 2 sources done", " new, ")
        assert server.asked == []


@pytest.mark.soak
def test_no_signal_is_survived(server: Loopback, tmp_path: Path) -> None:
    """Eight, at random moments of crawls that bring pages or mend what a kill left; `benchmarks.stops` sends hundreds."""
    site = Site.make(server, tmp_path, "listing", count=40, seed=12)
    assert [each for each in stops(site, seed=5, count=8) if not each.is_good] == []
    site.crawl().run().succeeded()
    each_once(site.data_dir, texts(server, site.posts))
