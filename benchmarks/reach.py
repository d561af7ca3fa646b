"""What a real WordPress's articles cost in requests, by each way in, and how many of them are brought.

    python -m benchmarks.reach [--days N]

Debian's WordPress runs on this machine with the posts of so many days (see tests/fixtures/wordpress/large.py).
Each way in brings them all to an empty DATA_DIR; then a day's news appears, and it is crawled again. No
request leaves the machine.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks.tables import show
from tests.fixtures.wordpress import large
from tests.fixtures.wordpress.large import Written
from tests.fixtures.wordpress.reach import SINCE, Rung, crawl, expected, stored
from tests.fixtures.wordpress.server import WordPress

NEWS = 25
"""New articles of a day."""
PERMALINKS = "/%year%/%monthnum%/%day%/%postname%/"
WAYS = {
    "REST": Rung("wordpress", "/wp-json/wp/v2/posts"),
    "feed": Rung("rss", "/feed/", "/feed/?paged={n}"),
    "sitemap": Rung("sitemap", "/wp-sitemap.xml"),
    "listing": Rung("listing", "/"),
    "all of them": None,
    "all but REST": None,
}
HEADER = [
    "way in",
    "run",
    "new",
    "requests",
    "entries",
    "pages",
    "further parts",
    "per new",
    "less entries",
    "brought",
]


def main() -> None:
    """Crawl by each way, add news, crawl again, and print the table."""
    parser = argparse.ArgumentParser(description="Requests per new article on a real WordPress.")
    parser.add_argument("--days", type=int, default=large.DAYS, help=f"days of posts (default: {large.DAYS})")
    posts = list(large.written(parser.parse_args().days))
    rows = []
    with WordPress(large.outlet(tuple(posts), "jnews-like", PERMALINKS), workers=4, has_cache=True) as site:
        whole = site.content
        for name, rung in WAYS.items():
            closed = {"rest": False} if name == "all but REST" else {}
            site.switch(replace(whole, outlet={**whole.outlet, **closed}))
            with tempfile.TemporaryDirectory() as folder:
                backfill = _row(site, Path(folder), rung, posts, posts, f"since={SINCE}")
                news = _news(posts)
                site.edit({"published": [each.post.as_json() for each in news]})
                posts += news
                daily = _row(site, Path(folder), rung, posts, news)
            rows += [[name, "backfill", *backfill], [name, "daily", *daily]]
    show(HEADER, rows)


def _news(posts: Sequence[Written]) -> list[Written]:
    """A day's articles, younger than all others."""
    first, newest = (posts[-1].post.id - large.FIRST_NUMBER) // 2 + 100, posts[-1].published
    return [large.write(first + n, newest + timedelta(minutes=20 * n + 20)) for n in range(NEWS)]


def _row(
    site: WordPress,
    folder: Path,
    rung: Rung | None,
    posts: Sequence[Written],
    new: Sequence[Written],
    *since: str,
) -> list[str]:
    """New articles, requests and what they were for, requests per new article, share of all articles brought."""
    site.forget()
    arguments = [text for each in since for text in ("-a", each)]
    crawl(site, folder, rung, *arguments).run().succeeded()
    kinds = Counter(_kind(path, {each.path(PERMALINKS) for each in posts}) for path in site.asked)
    asked, found = len(site.asked), stored(folder / "data")
    right = set(expected(site, posts)) & set(found)
    return [
        str(len(new)),
        str(asked),
        str(kinds["entry"]),
        str(kinds["page"]),
        str(kinds["part"]),
        f"{asked / len(new):.3f}",
        f"{(asked - kinds['entry']) / len(new):.3f}",
        f"{len(right) / len(posts):.1%}",
    ]


def _kind(path: str, pages: set[str]) -> str:
    """`page` of an article, further `part` of one, or else `entry`: documents of discovery, and robots.txt."""
    if path in pages:
        return "page"
    return "part" if path.rstrip("/").rpartition("/")[0] + "/" in pages else "entry"


if __name__ == "__main__":
    main()
