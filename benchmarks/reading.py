"""What reading costs: pages a CPU second, beside the chain that anybody writes first.

    python -m benchmarks.reading [FOLDER] [--pages N] [--rounds N]

FOLDER holds pages as `*.html` or `*.html.gz`, at any depth; without one, pages are invented that have a real page's make. *The naive chain* is
`trafilatura.bare_extraction` and `langdetect.detect`; of REST posts, their JSON, the text of their HTML and
`langdetect.detect`. Kabar reads each page as on a host that no source names, and with a rule for the body; pages whose theme is known once more on their own.
Every round asks all readers one after the other, so that what else the machine does meets all of them:
what counts are the ratios within a round. The first round warms up and is not counted.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from lxml import html

from benchmarks import real_make
from benchmarks.public import FETCHED_AT
from benchmarks.tables import show
from pipelines import themes
from pipelines.article import Document, Page
from pipelines.page.index import Index
from pipelines.page.tree import decode, parse
from pipelines.read import read
from pipelines.rules import Rules
from tests.kit.large_outlet import paper
from tests.pages.cases import PAGES

BODY = Rules(body="[itemprop~=articleBody], .entry-content, .post-content, article, main")
"""One rule that has a container on most pages."""
POSTS = 100
NAIVE = "the naive chain"

Reader = Callable[[bytes], object]


def naive(body: bytes) -> str | None:
    """trafilatura's text and langdetect's language."""
    from langdetect import LangDetectException, detect

    text = trafilatura(body)
    try:
        return str(detect(text)) if text else None
    except LangDetectException:
        return None


def trafilatura(body: bytes) -> str:
    """trafilatura as it is."""
    from trafilatura import bare_extraction

    return getattr(bare_extraction(body, with_metadata=True), "text", None) or ""


def naive_rest(body: bytes) -> list[str]:
    """The language of each post of an answer."""
    from langdetect import detect

    return [detect(html.fromstring(post["content"]["rendered"]).text_content()) for post in json.loads(body)]


def ours(rules: Rules, document: Document = "page") -> Reader:
    """The chain, from bytes to articles or refusals."""

    def reader(body: bytes) -> object:
        return list(
            read(Page("https://contoh.example/a/b", "contoh", FETCHED_AT, 200, (), body, document), rules)
        )

    return reader


OF_PAGES: dict[str, Reader] = {
    NAIVE: naive,
    "trafilatura alone": trafilatura,
    "Kabar, without rules": ours(Rules()),
    "Kabar, with a rule for the body": ours(BODY),
}
OF_THEMES = {NAIVE: naive, "Kabar, without rules": ours(Rules())}
"""Of pages whose theme is known, which are read by its container."""
OF_POSTS: dict[str, Reader] = {NAIVE: naive_rest, "Kabar": ours(Rules(), "rest")}


def invented(number: int) -> list[bytes]:
    """So many pages of a real page's make."""
    return [real_make.page(post).encode() for post in paper(1, number, FETCHED_AT)]


def pages(folder: Path, most: int) -> list[bytes]:
    """At most so many pages of a folder, evenly spread over their names."""
    found = sorted(path for path in folder.rglob("*.html*") if path.suffix in (".html", ".gz"))
    step = max(1, len(found) // most)
    read_in = (path.read_bytes() for path in found[::step][:most])
    return [gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body for body in read_in]


def shows_theme(body: bytes) -> bool:
    """Whether a page shows a theme with a container that it has."""
    tree = parse(decode(body, None) or "")
    return tree is not None and themes.under(Rules(), Index.of(tree)).body is not None


def posts() -> bytes:
    """One REST answer with the posts of the frozen ones, over and over, each with a number and a link of its own."""
    answers = (json.loads(path.read_bytes()) for path in sorted(PAGES.rglob("rest.json")))
    frozen = [post for answer in answers for post in answer if isinstance(post, dict) and "content" in post]
    found = islice(cycle(frozen), POSTS)
    return json.dumps(
        [post | {"id": n, "link": f"https://contoh.example/{n}/"} for n, post in enumerate(found, 1)]
    ).encode()


def rates(readers: dict[str, Reader], bodies: Sequence[bytes], each: int, rounds: int) -> list[list[str]]:
    """A row for each reader: items a CPU second, and its ratio to the naive chain: median, least and most of the rounds."""
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for number in range(rounds + 1):
        for name, reader in readers.items():
            began = time.process_time()
            for body in bodies:
                reader(body)
            if number:
                seconds[name].append(time.process_time() - began)
    rows = []
    for name, took in seconds.items():
        ratios = [theirs / own for theirs, own in zip(seconds[NAIVE], took, strict=True)]
        rate = f"{each * len(bodies) / median(took):.1f}"
        rows.append([name, rate, *(f"{found:.2f}" for found in (median(ratios), min(ratios), max(ratios)))])
    return rows


def _head(of: str) -> list[str]:
    return [f"of {of}", "a CPU second", "against the naive chain", "least", "most"]


def main() -> int:
    """The command; 2 where the folder has no page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading")
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        help="a folder of pages (default: invented ones of a real page's make)",
    )
    parser.add_argument("--pages", type=int, default=100, metavar="N", help="read at most so many pages")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    bodies = pages(given.folder, given.pages) if given.folder else invented(given.pages)
    if not bodies:
        print(f"{given.folder} has no pages: *.html or *.html.gz")
        return 2
    show(_head(f"{len(bodies)} pages"), rates(OF_PAGES, bodies, 1, given.rounds))
    if themed := [body for body in bodies if shows_theme(body)]:
        show(_head(f"{len(themed)} of them, whose theme is known"), rates(OF_THEMES, themed, 1, given.rounds))
    show(_head(f"{POSTS} posts of a REST answer"), rates(OF_POSTS, [posts()], POSTS, given.rounds))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
