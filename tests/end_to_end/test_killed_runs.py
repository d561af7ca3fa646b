"""A crawl that is killed is seen in SQL, once; and so is one whose row the store did not take."""

from __future__ import annotations

import signal
from contextlib import closing
from pathlib import Path

import pytest

from crawler.ledger.ledger import Ledger
from storage.data_dir import DataDir
from tests.kit.killing import Kills, Moment, Site, each_once, texts
from tests.kit.loopback import Loopback
from tests.kit.running import rows

ALL = "SELECT outcome, finished_at IS NULL, discovered IS NULL, message FROM crawls ORDER BY started_at"
KILLED = ("killed", True, True, "the run was killed; what it had fetched is kept")
DONE = ("done", False, False, None)


@pytest.mark.heavy
def test_a_killed_crawl_has_its_row(server: Loopback, tmp_path: Path) -> None:
    """The next command brings it; a crawl after that adds its own, and neither is there twice."""
    site = Site.make(server, tmp_path, "listing", 12, 71)
    kills = Kills(site.data_dir, tmp_path / "log", server)
    assert kills.run(site.crawl(), Moment("request", 6)).code == -signal.SIGKILL
    site.command("query", "SELECT 1").run().succeeded()
    assert rows(site.data_dir, ALL) == [KILLED]
    site.crawl().run().succeeded()
    site.command("query", "SELECT 1").run().succeeded()
    assert rows(site.data_dir, ALL) == [KILLED, DONE]
    each_once(site.data_dir, texts(server, site.posts))
    with closing(Ledger(site.data_dir / "ledger.sqlite")) as ledger:
        assert ledger.runs.unreported() == []


@pytest.mark.heavy
def test_a_crawl_that_is_under_way_is_not_called_killed(server: Loopback, tmp_path: Path) -> None:
    """Another command that settles meanwhile leaves its beginning alone."""
    site = Site.make(server, tmp_path, "listing", 12, 72)
    settled: list[int] = []
    server.at_request(6, lambda: settled.append(site.command("query", "SELECT 1").run().code))
    site.crawl().run().succeeded()
    assert len(settled) == 1
    assert rows(site.data_dir, ALL) == [DONE]


@pytest.mark.heavy
def test_a_crawl_that_the_store_did_not_take_has_its_row_later(server: Loopback, tmp_path: Path) -> None:
    """It came to its end, and the row says when and why it failed."""
    site = Site.make(server, tmp_path, "listing", 12, 73)
    data_dir = DataDir(site.data_dir)
    with data_dir.exclusive_store(10):
        site.crawl(LOCK_WAIT_S=1).run().refused(3, "store.duckdb")
    site.command("query", "SELECT 1").run().succeeded()
    [(outcome, is_killed, _, message)] = rows(site.data_dir, ALL)
    assert (outcome, is_killed) == ("failed", False)
    assert "store.duckdb was held by process" in message
    each_once(site.data_dir, texts(server, site.posts))
