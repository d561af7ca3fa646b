"""A paper of hundreds of invented articles, in both forms that outlets have: REST, or listing and pages."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from tests.kit.factories import prose
from tests.kit.loopback import Answer, Loopback
from tests.kit.outlet import WITA, Post, listing, rest, serve_pages, sitemap

PER_PAGE = 25
"""Articles on one listing page."""


def paper(
    seed: int, count: int, newest: datetime, step: timedelta = timedelta(minutes=20)
) -> tuple[Post, ...]:
    """So many articles, newest first, each in words of its own; the same seed gives the same paper."""
    return tuple(
        Post(
            number=seed * 100_000 + count - n,
            slug=f"berita-{seed}-{n:04d}-{_title(seed, n).lower().replace(' ', '-')}",
            title=_title(seed, n),
            paragraphs=tuple(_paragraph(seed, n, part) for part in range(3)),
            published=(newest - n * step).astimezone(WITA).replace(microsecond=0),
        )
        for n in range(count)
    )


def _title(seed: int, n: int) -> str:
    return prose(seed * 1_000_003 + n, 6).title()


def _paragraph(seed: int, n: int, part: int) -> str:
    draw = random.Random(f"{seed} {n} {part}")
    sentences = (prose(draw.getrandbits(48), draw.randint(9, 16)).capitalize() for _ in range(3))
    return " ".join(f"{sentence}." for sentence in sentences)


def serve_listing(server: Loopback, shown: Sequence[Post]) -> None:
    """The front page, its older pages, and every article's own page."""
    serve_pages(server, shown)
    pages = [shown[first : first + PER_PAGE] for first in range(0, len(shown), PER_PAGE)]
    for number, page in enumerate(pages, 1):
        older = f"/page/{number + 1}/" if number < len(pages) else None
        server.pages["/" if number == 1 else f"/page/{number}/"] = Answer(listing(page, older=older))


def serve_rest(server: Loopback, shown: Sequence[Post]) -> None:
    """A WordPress: its REST collection, and every article's own page."""
    serve_pages(server, shown)
    server.pages["/wp-json/wp/v2/posts"] = rest(shown, server)


def serve_sitemap(server: Loopback, shown: Sequence[Post]) -> None:
    """A sitemap without dates, and every article's own page."""
    serve_pages(server, shown)
    server.pages["/wp-sitemap.xml"] = Answer(sitemap(shown, server), content_type="application/xml")


def write_source(folder: Path, name: str, text: str) -> Path:
    """A folder of the user's own source files with this one in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def article_requests(server: Loopback, shown: Sequence[Post]) -> int:
    """How many requests for articles' own pages the server had."""
    paths = {post.path for post in shown}
    return sum(asked.path in paths for asked in server.asked)
