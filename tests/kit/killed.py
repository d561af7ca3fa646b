"""Whole runs under kills: a crawl page by page, a crawl by REST and an ingest, each begun again after each kill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from crawler.crawl.recorder import BATCH_PAGES
from tests.end_to_end.test_ingest import foreign_warc
from tests.kit.killing import AT_ONCE, Kills, Site, moments, requests_for_articles, texts
from tests.kit.large_outlet import paper
from tests.kit.loopback import Loopback
from tests.kit.outlet import article_page, now
from tests.kit.running import Command, command

ARTICLES = 320

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

Kinds = Sequence[tuple[str, int, int]]


@dataclass(frozen=True)
class Survived:
    """A run that ended at last."""

    data_dir: Path
    kills: Kills
    expected: Mapping[str, str]
    """Address → text of every article there is."""
    asked: int | None = None
    """Requests for articles' own pages, over all runs. Null: it asks for none."""
    site: Site | None = None

    @property
    def most_requests(self) -> int:
        """What the promise allows: each article once, and for each kill what was in flight and not in the ledger."""
        shown = len(self.site.posts) if self.site else len(self.expected)
        return shown + len(self.kills.made) * (AT_ONCE + BATCH_PAGES)


def crawl(
    server: Loopback, folder: Path, kind: str, seed: int, kills: int, kinds: Kinds, count: int = ARTICLES
) -> Survived:
    """A crawl of a site of this kind, killed so many times: three in four articles are there at first."""
    site = Site.make(server, folder, kind, count, seed)
    made = Kills(site.data_dir, folder / "log", server)
    site.serve(newer=count // 4)
    made.until_done(site.crawl(), moments(seed, kills, kinds), publishing(site, count // 4)).succeeded()
    return Survived(site.data_dir, made, texts(server, site.posts), requests_for_articles(site), site)


def publishing(site: Site, newer: int) -> Iterator[Command]:
    """The outlet publishes the articles that are not there yet in four parts, and is crawled again after each."""
    for part in (3, 2, 1, 0):
        site.serve(newer * part // 4)
        yield site.crawl()


def crawl_page_by_page(server: Loopback, folder: Path, kills: int = 26) -> Survived:
    """A listing and the pages that it leads to."""
    return crawl(server, folder, "listing", 1, kills, DURING_PAGES)


def crawl_by_rest(server: Loopback, folder: Path, kills: int = len(DURING_REST)) -> Survived:
    """One answer holds a hundred articles: what a kill cut short is fetched page by page."""
    return crawl(server, folder, "wordpress", 2, kills, DURING_REST)


DURING_BACKFILL = (
    ("request", 3, 20),
    ("segment", 500, 30_000),
    ("request", 3, 20),
    ("ledger log", 1, 30_000),
    ("copy", 1, 100_000),
    ("request", 2, 20),
)


def backfill(server: Loopback, folder: Path, kind: str) -> Survived:
    """What a site published on one day of the past, of about four that it shows, killed again and again."""
    site = Site.make(server, folder, kind, 200, 7)
    day = site.posts[100].published.date()
    wanted = tuple(post for post in site.posts if post.published.date() == day)
    made = Kills(site.data_dir, folder / "log", server)
    asked = site.crawl("-a", f"since={day}", "-a", f"until={day}")
    kinds = DURING_REST if kind == "wordpress" else DURING_BACKFILL
    made.until_done(asked, moments(7, len(kinds), kinds)).succeeded()
    expected = texts(server, wanted)
    return Survived(site.data_dir, made, expected, requests_for_articles(site), site)


def ingest(folder: Path, kills: int = 22) -> Survived:
    """Foreign WARCs, of which one more is there each time that all are read."""
    foreign = {f"https://www.jauh.example/{post.slug}/": post for post in paper(3, 3 * ARTICLES // 2, now())}
    pages = [(url, article_page(post).encode(), "text/html") for url, post in foreign.items()]
    data_dir = folder / "data"
    made = Kills(data_dir, folder / "log")
    ends = (0, *(len(pages) * part // 8 for part in (5, 6, 7, 8)))
    files = [foreign_warc(folder / f"asing-{end}.warc.gz", pages[begin:end]) for begin, end in pairwise(ends)]
    first, *more = (
        command("ingest", *files[:count], DATA_DIR=data_dir, READ_WORKERS=1) for count in range(1, 5)
    )
    made.until_done(first, moments(3, kills, DURING_INGEST), more).succeeded()
    return Survived(data_dir, made, {url: post.text for url, post in foreign.items()})
