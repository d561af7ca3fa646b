"""kill -9 at any moment loses nothing and duplicates nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.recorder import BATCH_PAGES
from tests.end_to_end.killing import (
    AT_ONCE,
    Kills,
    Site,
    all_fetched,
    each_once,
    moments,
    nothing_torn,
    requests_for_articles,
    texts,
)
from tests.end_to_end.running import column, command
from tests.end_to_end.test_ingest import foreign_warc
from tests.large_outlet import paper
from tests.loopback import Loopback
from tests.outlet import article_page, now

DURING_PAGES = (
    ("request", 2, 26),
    ("store log", 1, 3_000),
    ("segment", 500, 60_000),
    ("copy", 1, 200_000),
    ("request", 3, 26),
    ("scratch", 1, 1),
    ("request", 3, 26),
    ("ledger log", 1, 60_000),
    ("segment", 500, 60_000),
    ("store", 1, 1),
    ("request", 3, 26),
    ("closed segments", 1, 1),
)
"""(what, least, most): a kill while pages come leaves a segment open; the next run mends that before it asks for
anything, and is killed while it does."""


DURING_REST = (
    ("ledger log", 1, 1),
    ("request", 2, 2),
    ("ledger log", 1, 30_000),
    ("segment", 500, 2_000),
    ("store log", 1, 1_000),
    ("request", 3, 3),
    ("copy", 1, 100_000),
    ("request", 4, 4),
    ("scratch", 1, 1),
    ("request", 5, 5),
    ("closed segments", 1, 1),
)
"""A site of some hundred articles is four answers, so these come one by one."""
DURING_INGEST = (
    ("segment", 500, 60_000),
    ("store log", 1, 3_000),
    ("segment", 500, 60_000),
    ("scratch", 1, 1),
    ("segment", 500, 60_000),
    ("copy", 1, 200_000),
    ("segment", 500, 60_000),
    ("store", 1, 1),
    ("segment", 500, 60_000),
    ("closed segments", 1, 1),
)


def bound(site: Site, kills: int) -> int:
    """The most requests for articles that so many kills may cost."""
    return len(site.posts) + kills * (AT_ONCE + BATCH_PAGES)


def kept_whole(site: Site, kills: Kills) -> None:
    """The promise, all of it."""
    each_once(site.data_dir, texts(site.server, site.posts))
    nothing_torn(site.data_dir)
    all_fetched(site)
    asked = requests_for_articles(site)
    print(f"{len(site.posts)} articles, {len(kills.made)} kills, {asked} requests for articles")
    assert asked <= bound(site, len(kills.made))


def test_a_few_kills(server: Loopback, tmp_path: Path) -> None:
    """A crawl that is killed five times brings every article once."""
    site = Site.make(server, tmp_path, "listing", count=40, seed=5)
    kills = Kills(site.data_dir, tmp_path / "log", server)
    planned = moments(5, 5, (("request", 2, 12), ("copy", 1, 100_000), ("segment", 500, 8_000)))
    kills.until_done(site.crawl(), planned).succeeded()
    assert len(kills.made) >= 3
    kept_whole(site, kills)


@pytest.mark.heavy
def test_a_crawl_page_by_page(server: Loopback, tmp_path: Path) -> None:
    """Killed at twenty moments and more, a crawl of a listing and its pages brings every article once."""
    site = Site.make(server, tmp_path, "listing", count=320, seed=1)
    kills = Kills(site.data_dir, tmp_path / "log", server)
    kills.until_done(site.crawl(), moments(1, 26, DURING_PAGES)).succeeded()
    assert len(kills.made) >= 20, kills.made
    kept_whole(site, kills)


@pytest.mark.heavy
def test_a_crawl_by_rest(server: Loopback, tmp_path: Path) -> None:
    """The same where one answer holds a hundred articles: what a kill cut short is fetched page by page."""
    site = Site.make(server, tmp_path, "wordpress", count=320, seed=2)
    kills = Kills(site.data_dir, tmp_path / "log", server)
    kills.until_done(site.crawl(), moments(2, len(DURING_REST), DURING_REST)).succeeded()
    # The whole crawl is four requests and a merge: on a busy machine some moments pass unseen.
    assert len(kills.made) >= 4, kills.made
    kept_whole(site, kills)


@pytest.mark.heavy
def test_an_ingest(tmp_path: Path) -> None:
    """An ingest of a WARC that is killed and begun again brings every page of it once, and archives it once."""
    foreign = {f"https://www.jauh.example/{post.slug}/": post for post in paper(3, 320, now())}
    warc = foreign_warc(
        tmp_path / "asing.warc.gz",
        [(url, article_page(post).encode(), "text/html") for url, post in foreign.items()],
    )
    data_dir = tmp_path / "data"
    kills = Kills(data_dir, tmp_path / "log")
    started = command("ingest", warc, DATA_DIR=data_dir, READ_WORKERS=1)
    kills.until_done(started, moments(3, 22, DURING_INGEST)).succeeded()
    assert len(kills.made) >= 15, kills.made
    each_once(data_dir, {url: post.text for url, post in foreign.items()})
    nothing_torn(data_dir)
    assert column(data_dir, "SELECT count(*) FROM fetches") == [len(foreign)]
    print(f"{len(foreign)} pages of a WARC, {len(kills.made)} kills")
