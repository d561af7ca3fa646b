"""What the pages of `scrapy explore` take at N articles: each asked cold, right after the database was opened, and again.

    python -m benchmarks.explore [--articles N] [--keep DIR] [--asked N]

The articles are those of `benchmarks.search`: of 40 outlets and 300 days, with words drawn by Zipf's law. Every tenth is a
copy, one in fifty was edited, one in thirty is paid content, one in two hundred is gone; every outlet was looked at daily,
and some twenty actors are found in them. `--keep` leaves the database there, and a second run asks it again. The server
runs in this process and is asked over loopback; measured is the whole answer, from the request to its last byte.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from statistics import median

import aiohttp

from benchmarks.invented import peak_mb
from benchmarks.search import AT_ONCE, DAYS, FIXTURES, OUTLETS, invented, texts_of
from benchmarks.tables import show
from crawler.explore.server import serving
from pipelines.article import INTERNAL, Article
from pipelines.names.actors import Actor
from storage import actors, indexes
from storage.connection import Store
from storage.data_dir import DataDir
from storage.keys import row_of
from storage.names import PLACES
from storage.publish import open_published
from storage.rows import Row, append
from storage.search.index import INDEX
from storage.store import open_store
from tests.kit.factories import MORNING, run_row

COPIED, EDITED, PAID, GONE = 10, 50, 30, 200
"""One article in so many."""
ACTORS = ("Basri Rase", "Neni Moerniaeni", "Chusnul", "Agus Haris", "Rudy Mas'ud", "Isran Noor", "Hadi Mulyadi",
          "Seno Aji", "Bakhtiar Wakkang", "Andi Faiz", "Najirah", "Sutomo Jabir")  # fmt: skip
PARTIES = ("PKB", "PDIP", "Golkar", "Gerindra", "NasDem", "PKS", "Demokrat", "Hanura", "PAN", "Perindo")
WORDS = "bontang"


def make(data_dir: DataDir, number: int) -> None:
    """Fill a DATA_DIR with so many articles, and publish it."""
    with open_store(data_dir, 5) as store:
        articles = invented(texts_of([FIXTURES / "seeds"]), number)
        before: list[Article] = []
        while some := list(itertools.islice(articles, AT_ONCE)):
            with store.transaction():
                _put(store, some, (before or some)[0])
            before = some
        with store.transaction():
            append(store, "sources", map(_source, range(OUTLETS)))
            append(store, "crawls", (_run(outlet, day) for outlet in range(OUTLETS) for day in range(DAYS)))
            append(store, "published", (_listed(o, d, number) for o in range(OUTLETS) for d in range(DAYS)))
            for index in (PLACES, INDEX):
                indexes.build(store, index)
        people = [Actor(f"o{each}", name, "person") for each, name in enumerate(ACTORS)]
        parties = [Actor(f"p{each}", name, "party") for each, name in enumerate(PARTIES)]
        actors.put(store, people + parties, None)


def _put(store: Store, articles: Sequence[Article], told: Article) -> None:
    """Their rows, and what belongs to them."""
    rows = [
        row
        for number, one in enumerate(articles)
        for row in _versions(number, one, articles[number - 1], told)
    ]
    append(store, "versions", rows)
    copied = [(one, articles[at - 1]) for at, one in enumerate(articles) if at % COPIED == 1]
    append(
        store,
        "copies",
        (
            {
                "copy_id": copy.article_id,
                "original_id": original.article_id,
                "jaccard": 0.9,
                "containment": 0.95,
            }
            for copy, original in copied
        ),
    )
    append(
        store,
        "removals",
        (
            {"article_id": one.article_id, "gone_from": one.fetched_at + timedelta(days=2), "back_at": None}
            for one in articles[::GONE]
        ),
    )
    append(store, "keys", (row_of(key, one.article_id) for one in articles for key in one.keys))
    links = ((one, key) for one in articles for key in one.keys if key.startswith("url:"))
    append(
        store,
        "links",
        (
            {
                "key": key.removeprefix("url:"),
                "source": one.source,
                "state": "fetched",
                "day": one.published_on,
            }
            for one, key in links
        ),
    )


def _versions(number: int, one: Article, neighbour: Article, told: Article) -> Iterator[Row]:
    """The newest version, which may be a copy of its neighbour, and the one before it, which had another's text."""
    row = {name: value for name, value in asdict(one).items() if name not in INTERNAL} | {
        "version": 1,
        "version_reason": "published",
        "document": "page",
        "versions_left_out": 0,
        "is_newest": True,
        "first_seen_at": one.fetched_at,
        "last_seen_at": one.fetched_at,
        "story_id": one.article_id,
        "is_advertorial": number % PAID == 0,
        "advertorial_from": "label" if number % PAID == 0 else None,
        "removed_at": one.fetched_at + timedelta(days=2) if number % GONE == 0 else None,
    }
    if number % COPIED == 1:
        row |= {"story_id": neighbour.article_id, "duplicate_of": neighbour.article_id}
    if number % EDITED == 0:
        yield row | {"is_newest": False, "text": told.text}
        row |= {"version": 2, "version_reason": "edited", "edit_kind": "figure", "edit_share": 0.1}
    yield row


def _source(number: int) -> Row:
    facts = {"title": f"Outlet {number}", "region": "Bontang", "province": "64", "timezone": "Asia/Makassar"}
    return facts | {
        "source": f"outlet_{number}",
        "home": f"https://outlet_{number}.example/",
        "platform": "wordpress",
        "enabled": True,
        "followed": True,
    }


def _run(outlet: int, day: int) -> Row:
    at = MORNING + timedelta(days=day, hours=9)
    return run_row(at.date(), at.date()) | {
        "crawl_id": f"{outlet}-{day}",
        "source": f"outlet_{outlet}",
        "started_at": at,
        "finished_at": at + timedelta(minutes=2),
        "entry": f"rss https://outlet_{outlet}.example/feed/",
    }


def _listed(outlet: int, day: int, number: int) -> Row:
    at = MORNING + timedelta(days=day)
    published = number // OUTLETS // DAYS + 1
    return {
        "source": f"outlet_{outlet}",
        "day": at.date(),
        "published": published,
        "entry": "rss",
        "told_at": at,
    }


def addresses(data_dir: DataDir) -> list[tuple[str, str]]:
    """(Page, its address) of every kind of page."""
    with open_published(data_dir) as copy:
        ((article,),) = copy.execute("SELECT article_id FROM articles WHERE version > 1 LIMIT 1").fetchall()
        ((story,),) = copy.execute("SELECT story_id FROM stories WHERE copies > 0 LIMIT 1").fetchall()
        ((actor,),) = copy.execute(
            "SELECT actor_id FROM actor_mentions GROUP BY ALL ORDER BY count(*) DESC, 1 LIMIT 1"
        ).fetchall()
    days = "since=2024-12-01&until=2025-01-31"
    return [
        ("first page, made with the publication", "/"),
        ("first page in English, made when asked for", "/?lang=en"),
        ("a word that most articles have", f"/search?q={WORDS}"),
        ("three words", "/search?q=warga+bontang+kota"),
        ("a phrase whose words half of the articles have", "/search?q=%22kota+bontang%22"),
        ("a word, an outlet and two months", f"/search?q={WORDS}&source=outlet_1&{days}"),
        ("all articles", "/search"),
        ("all articles, page 1,000", "/search?page=1000"),
        ("paid content of two months", f"/search?paid=1&{days}"),
        ("an actor's articles", f"/search?actor={actor}"),
        ("10,000 results as CSV", f"/search?q={WORDS}&format=csv"),
        ("an article", f"/article/{article}"),
        ("outlets", "/outlets"),
        ("an outlet", "/outlet/outlet_1"),
        ("stories", "/stories"),
        ("a story", f"/story/{story}"),
        ("actors", "/actors"),
        ("an actor", f"/actor/{actor}"),
        ("paid content", "/paid"),
        ("edited and withdrawn", "/changes"),
        ("dictionary", "/dictionary"),
        ("own SQL", "/sql?q=SELECT+count(*)+FROM+articles"),
    ]


async def measured(data_dir: DataDir, asked: int) -> list[tuple[object, ...]]:
    """(Page, cold ms, warm ms, KB): cold is the best of five, each right after the database was opened anew."""
    found: list[tuple[object, ...]] = []
    for what, path in addresses(data_dir):
        cold: list[float] = []
        warm: list[float] = []
        size = 0
        for _ in range(5):
            async with serving(data_dir, port=0) as home, aiohttp.ClientSession() as client:
                for turn in range(asked):
                    started = time.perf_counter()
                    async with client.get(home.rstrip("/") + path) as answer:
                        body = await answer.read()
                        assert answer.status == 200, (path, answer.status)
                    (warm if turn else cold).append((time.perf_counter() - started) * 1000)
                    size = len(body)
        found.append((what, f"{min(cold):.0f}", f"{median(warm):.0f}", f"{size / 1000:,.0f}"))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, default=100_000, metavar="N")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="leave the database there, or take the one there"
    )
    parser.add_argument("--asked", type=int, default=4, metavar="N", help="requests for each page")
    opts = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data_dir = DataDir(opts.keep or Path(folder) / "data")
        if not data_dir.published.exists():
            make(data_dir, opts.articles)
        rows = asyncio.run(measured(data_dir, opts.asked))
    show([f"{opts.articles:,} articles", "first time, ms", "again, ms", "KB"], rows)
    print(f"peak memory of server and client: {peak_mb():,.0f} MB")


if __name__ == "__main__":
    main()
