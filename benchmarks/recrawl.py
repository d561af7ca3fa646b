"""What a second crawl costs a site: requests per new article, beside fetching everything anew.

    python -m benchmarks.recrawl [--articles N]

A site of N articles on this machine, in three forms, is crawled; then so many new articles appear, and
it is crawled again. No request leaves the machine.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.tables import show
from tests.kit.killing import Site
from tests.kit.loopback import Loopback

NEW = (0, 1, 10)
FORMS = ("wordpress", "listing")


def main() -> None:
    """Crawl each form, add articles, crawl again, and print the table."""
    parser = argparse.ArgumentParser(description="Requests per new article on a re-crawl.")
    parser.add_argument("--articles", type=int, default=120, help="articles on the site (default: 120)")
    articles = parser.parse_args().articles
    rows = []
    for form in FORMS:
        for new in NEW:
            with tempfile.TemporaryDirectory() as folder, Loopback() as server:
                rows.append([form, articles, new, *_again(server, Path(folder), form, articles, new)])
    show(
        [
            "site",
            "articles",
            "new",
            "requests",
            "of them for articles",
            "per new article",
            "against fetching every page",
        ],
        rows,
    )


def _again(server: Loopback, folder: Path, form: str, articles: int, new: int) -> list[str]:
    """(Requests of the second crawl, of them for articles, per new article, as a share of the site's articles.)"""
    whole = Site.make(server, folder, form, articles + new, seed=7)
    replace(whole, posts=whole.posts[new:]).serve()
    whole.crawl().run().succeeded()
    server.forget()
    whole.serve()
    whole.crawl().run().succeeded()
    asked = len(server.asked)
    of_articles = sum(each.path in {post.path for post in whole.posts} for each in server.asked)
    return [
        str(asked),
        str(of_articles),
        f"{asked / new:.1f}" if new else "",
        f"{asked / len(whole.posts):.3f}",
    ]


if __name__ == "__main__":
    main()
