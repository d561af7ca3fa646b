"""kill -9 at any moment loses nothing and duplicates nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end import killed
from tests.end_to_end.killed import Survived
from tests.end_to_end.killing import all_fetched, each_once, nothing_torn
from tests.end_to_end.running import column
from tests.loopback import Loopback


def kept_whole(found: Survived) -> None:
    """The promise, all of it."""
    each_once(found.data_dir, dict(found.expected))
    nothing_torn(found.data_dir)
    if found.site is not None and found.asked is not None:
        all_fetched(found.site)
        assert found.asked <= found.most_requests


def test_a_few_kills(server: Loopback, tmp_path: Path) -> None:
    """A crawl that is killed five times brings every article once."""
    kinds = (("request", 2, 12), ("copy", 1, 100_000), ("segment", 500, 8_000))
    found = killed.crawl(server, tmp_path, "listing", 5, 5, kinds, count=40)
    assert len(found.kills.made) >= 3
    kept_whole(found)


@pytest.mark.heavy
def test_a_crawl_page_by_page(server: Loopback, tmp_path: Path) -> None:
    """Killed at twenty moments and more, a crawl of a listing and its pages brings every article once."""
    found = killed.crawl_page_by_page(server, tmp_path)
    assert len(found.kills.made) >= 20, found.kills.made
    kept_whole(found)


@pytest.mark.heavy
def test_a_crawl_by_rest(server: Loopback, tmp_path: Path) -> None:
    """The same where one answer holds a hundred articles."""
    found = killed.crawl_by_rest(server, tmp_path)
    # The whole crawl is four requests and a merge: on a busy machine some moments pass unseen.
    assert len(found.kills.made) >= 4, found.kills.made
    kept_whole(found)


@pytest.mark.heavy
def test_an_ingest(tmp_path: Path) -> None:
    """An ingest of a WARC that is killed and begun again brings every page of it once, and archives it once."""
    found = killed.ingest(tmp_path)
    assert len(found.kills.made) >= 15, found.kills.made
    kept_whole(found)
    assert column(found.data_dir, "SELECT count(*) FROM fetches") == [len(found.expected)]
