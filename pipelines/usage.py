"""What a page says of how it may be used: marks for robots, reservations against mining, and the outlet's own words.

Nothing is decided here, and nothing is refused for it: the words are kept beside the article, so that whoever passes it on
can heed them (docs/legal.md).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from pipelines.article import Page

MARKS = ("noindex", "noarchive", "nosnippet", "noai", "noimageai")
"""Of the marks for robots, those that ask not to keep, to show or to learn from a page."""
MOST_CHARS = 300

# Small and capital letters by hand: a search that ignores case goes through a page ten times as slowly.
_META = re.compile(rb"<[mM][eE][tT][aA]\b[^>]{0,1000}>")
_NAME = re.compile(rb"""(?is)\bname\s*=\s*["']?([\w:-]+)""")
_CONTENT = re.compile(rb"""(?is)\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""")
_FOR_ROBOTS = (b"robots", b"googlebot", b"bingbot", b"kabar")
_SAME = {"nocache": "noarchive", "none": "noindex"}
_OWN_WORDS = re.compile(
    rb"(?is)\bdilarang\b[^<>.]{0,200}\b(?:crawling|pengindeksan|indexing|menyalin|mengambil)\b[^<>.]{0,200}"
    rb"\b(?:AI|kecerdasan buatan|artificial intelligence)\b[^<>.]{0,200}\.?"
)


def usage_notice(page: Page) -> str | None:
    """The marks and words, parted by `; `; null: the page says nothing of it."""
    found: dict[str, None] = dict.fromkeys(_marks(page))
    is_said = page.document == "page" and b"dilarang" in page.body.lower()
    if is_said and (words := _OWN_WORDS.search(page.body)):
        text = html.unescape(words[0].decode("utf-8", "replace"))
        found[" ".join(text.split())[:MOST_CHARS]] = None
    return "; ".join(found) or None


def _marks(page: Page) -> Iterator[str]:
    for name, value in page.headers:
        if name.lower() == "x-robots-tag":
            yield from _of_robots(value)
        elif name.lower() == "tdm-reservation" and value.strip() == "1":
            yield "tdm-reservation"
    if page.document != "page":
        return
    for meta in _META.findall(page.body):
        named, content = _NAME.search(meta), _CONTENT.search(meta)
        if named is None or content is None:
            continue
        said = next(filter(None, content.groups()), b"").decode("utf-8", "replace")
        if named[1].lower() in _FOR_ROBOTS:
            yield from _of_robots(said)
        elif named[1].lower() == b"tdm-reservation" and said.strip() == "1":
            yield "tdm-reservation"


def _of_robots(text: str) -> Iterator[str]:
    for word in re.split(r"[\s,:]+", text.lower()):
        mark = _SAME.get(word, word)
        if mark in MARKS:
            yield mark
