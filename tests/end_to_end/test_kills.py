"""kill -9 at any moment loses nothing and duplicates nothing."""

from __future__ import annotations

import signal
from contextlib import closing
from pathlib import Path

import pytest

from crawler.ingest.run import CHUNK_PAGES
from crawler.ledger.ledger import Ledger
from tests.kit import killed
from tests.kit.foreign import by_record, cc_news
from tests.kit.killed import Survived
from tests.kit.killing import Kills, Moment, all_fetched, each_once, nothing_torn
from tests.kit.large_outlet import paper
from tests.kit.loopback import Loopback
from tests.kit.outlet import article_page, now
from tests.kit.running import column, command


def kept_whole(found: Survived) -> None:
    """The promise, all of it."""
    each_once(found.data_dir, dict(found.expected))
    nothing_torn(found.data_dir)
    if found.site is not None and found.asked is not None:
        all_fetched(found.site)
        assert found.asked <= found.most_requests


@pytest.mark.soak
def test_a_few_kills(server: Loopback, tmp_path: Path) -> None:
    """A crawl that is killed three times brings every article once."""
    kinds = (("request", 2, 12), ("copy", 1, 100_000), ("segment", 500, 8_000))
    found = killed.crawl(server, tmp_path, "listing", 5, 3, kinds, count=40)
    assert len(found.kills.made) >= 2
    kept_whole(found)


@pytest.mark.soak
def test_a_crawl_page_by_page(server: Loopback, tmp_path: Path) -> None:
    """Killed at several moments, a crawl of a listing and its pages brings every article once."""
    found = killed.crawl_page_by_page(server, tmp_path, kills=8)
    assert len(found.kills.made) >= 5, found.kills.made
    kept_whole(found)


@pytest.mark.soak
def test_a_crawl_by_rest(server: Loopback, tmp_path: Path) -> None:
    """The same where one answer holds a hundred articles."""
    found = killed.crawl_by_rest(server, tmp_path, kills=6)
    # The whole crawl is four requests and a merge: on a busy machine some moments pass unseen.
    assert len(found.kills.made) >= 2, found.kills.made
    kept_whole(found)


@pytest.mark.soak
def test_an_ingest(tmp_path: Path) -> None:
    """An ingest that is killed and begun again brings every page of its WARCs once, and archives it once."""
    found = killed.ingest(tmp_path, kills=6)
    assert len(found.kills.made) >= 4, found.kills.made
    kept_whole(found)
    assert column(found.data_dir, "SELECT count(*) FROM fetches") == [len(found.expected)]


@pytest.mark.heavy
@pytest.mark.parametrize("kind", [pytest.param("listing", marks=pytest.mark.soak), "wordpress"])
def test_a_backfill(server: Loopback, tmp_path: Path, kind: str) -> None:
    """A day of the past, killed and asked for again by the same command, is brought whole and once.

    Of links without a date each page is judged once, whatever its day.
    """
    found = killed.backfill(server, tmp_path, kind)
    assert len(found.kills.made) >= (2 if kind == "wordpress" else 4), found.kills.made
    each_once(found.data_dir, dict(found.expected))
    nothing_torn(found.data_dir)
    assert found.asked is not None and found.asked <= found.most_requests
    with closing(Ledger(found.data_dir / "ledger.sqlite")) as ledger:
        assert found.site is not None
        assert set(ledger.counts(found.site.name)) <= {"fetched", "excluded"}


LARGE = 3 * CHUNK_PAGES // 2


@pytest.mark.soak
def test_an_ingest_goes_on_behind_what_is_committed(tmp_path: Path) -> None:
    """Killed in the second of two chunks, it does not read the first again: its place was committed with its rows."""
    foreign = {f"https://www.jauh.example/{post.slug}/": post for post in paper(8, LARGE, now())}
    file = tmp_path / "asing.warc.gz"
    groups = (cc_news(url, article_page(post).encode()) for url, post in foreign.items())
    file.write_bytes(by_record(each for group in groups for each in group))
    started = command("ingest", file, DATA_DIR=tmp_path / "data", READ_WORKERS=2)
    kills = Kills(tmp_path / "data", tmp_path / "log")
    assert kills.run(started, Moment("closed segments", 2)).code == -signal.SIGKILL
    done = started.run().succeeded()
    assert int(done.out.split()[0]) <= LARGE - CHUNK_PAGES, done.out
    each_once(tmp_path / "data", {url: post.text for url, post in foreign.items()})
    nothing_torn(tmp_path / "data")
    assert column(tmp_path / "data", "SELECT count(*) FROM fetches") == [LARGE]
    again = started.run().succeeded()
    assert again.out.startswith("0 documents: ")
    assert "1 files ingested before" in again.out
