"""The headline of a page: which of its titles is the story's, and what of it is only the outlet's name.

The heading that a told title confirms, in the page's own words; else what is told to machines, where it
is not cut off; trafilatura's guess last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from pipelines.address import host_of
from pipelines.facts import frame
from pipelines.facts.structured import Stated, texts
from pipelines.page.tree import fold, letters, select, text_of, unescaped
from pipelines.rules import Rules

MAX_TITLE_CHARS = 1_000
"""What is longer is no title, whatever it is called."""
MAX_TITLES = 20
MAX_HEADINGS = 200
"""So many told titles are compared with so many headings of a kind."""

_SEPARATORS = r"\s+(?:[-\u2013\u2014|\u2022\u00b7\u00bb~]|::)\s+"


def headline(tree: HtmlElement, stated: Stated, rules: Rules, url: str | None) -> str | None:
    """The headline as the page prints it: the `h1` that the structured data confirms, without the outlet's name."""
    own = own_names(stated.meta, rules, url)

    def said(text: str) -> str:
        return _strip_suffix(fold(unescaped(text)), own) if len(text) <= MAX_TITLE_CHARS else ""

    if rules.title and (ruled := [text for text in map(text_of, select(tree, rules.title)) if text]):
        return said(ruled[0])
    told = [text for text in map(said, _told(tree, stated)) if text][:MAX_TITLES]
    names = {letters(name) for name in own}
    told = [text for text in told if letters(text) not in names] or told
    headings = [text for text in map(said, map(text_of, islice(tree.iter("h1"), MAX_HEADINGS))) if text]
    for heading in headings:
        if any(_alike(heading, text) for text in told):
            return heading
    seconds = islice(tree.iter("h2", "h3"), MAX_HEADINGS)
    lesser = [said(text_of(e)) for e in seconds if not frame.in_teaser(e)]
    for heading in lesser:
        if any(_completes(heading, text) for text in told):
            return heading
    named = [text for text in map(text_of, tree.xpath("//*[@itemprop='headline']")) if text]
    if told and not (len(headings) == 1 and _is_alone(headings[0], told, names, url)):
        return _whole(told)
    if named or len(headings) == 1:
        return said((named or headings)[0])
    if headings:
        return None
    import trafilatura  # a page without any title is rare: readers start without its weight

    document = trafilatura.extract_metadata(tree)
    return fold(document.title) or None if document and document.title else None


def _told(tree: HtmlElement, stated: Stated) -> Iterator[str]:
    """The titles that the page tells others: machines, and the browser's tab."""
    yield from texts(stated.article.get("headline"))
    yield from stated.meta.get("og:title", ())
    yield from stated.meta.get("twitter:title", ())
    yield from map(text_of, tree.xpath("//head/title")[:1])


_CUT_OFF = re.compile(r"\s*(?:\.{2,}|\u2026)$")
_SITE_WORDS = re.compile(
    r"\b(?:portal|situs|website|web resmi|official|beranda|home|homepage|berita terkini|kabar terkini|media online)\b",
    re.IGNORECASE,
)
MIN_HEADLINE_WORDS = 4


def _completes(heading: str, told: str) -> bool:
    """Whether a lesser heading is a told title without its unknown suffix, or with its cut end."""
    if len(heading) < 16:
        return False
    if _CUT_OFF.search(told):
        return letters(heading).startswith(letters(_CUT_OFF.sub("", told))) and len(told) > 16
    return heading == told or re.match(re.escape(heading) + _SEPARATORS, told) is not None


def _whole(told: list[str]) -> str:
    """The first title told; where it is cut off, the one that goes on."""
    cut = _CUT_OFF.sub("", told[0])
    if cut == told[0] or len(cut) < 16:
        return told[0]
    return next((text for text in told[1:] if text.startswith(cut) and not _CUT_OFF.search(text)), told[0])


def _is_alone(heading: str, told: list[str], names: set[str], url: str | None) -> bool:
    """Whether the only `h1` is the headline, for all that is told is the site's own name and motto."""
    words = re.findall(r"\w+", heading.lower())
    if len(words) < MIN_HEADLINE_WORDS or letters(heading) in names:
        return False
    address = set(re.findall(r"\w+", (urlsplit(url).path if url else "").lower().replace("_", "-")))
    if len(address & set(words)) >= max(MIN_HEADLINE_WORDS, 0.6 * len(set(words))):
        return not any(len(address & set(re.findall(r"\w+", text.lower()))) > 3 for text in told)
    return all(
        len(text.split()) < MIN_HEADLINE_WORDS
        or _SITE_WORDS.search(text)
        or any(letters(part) in names for part in re.split(_SEPARATORS, text))
        for text in told
    )


def own_names(meta: Mapping[str, list[str]], rules: Rules, url: str | None) -> tuple[str, ...]:
    """What the outlet is called, by its rules, by its pages and by its host."""
    names = [
        *rules.title_suffixes,
        *rules.brands,
        *meta.get("og:site_name", ()),
        *meta.get("application-name", ()),
    ]
    if url and (host := host_of(url)):
        names += [host, host.split(".")[0], ".".join(host.split(".")[-2:])]
    return tuple(name for name in dict.fromkeys(names) if name)


def _strip_suffix(title: str, own: Iterable[str]) -> str:
    """The title without the outlet's names behind (or before) it, as often as there are some."""
    plain = {letters(name) for name in own}
    parts = re.split(f"({_SEPARATORS})", title)
    while len(parts) > 2 and letters(parts[-1]) in plain:
        parts = parts[:-2]
    while len(parts) > 2 and letters(parts[0]) in plain:
        parts = parts[2:]
    return "".join(parts).strip()


def _alike(a: str, b: str) -> bool:
    """Whether two titles are one: the same letters, one the beginning of the other, or most words shared."""
    x, y = letters(a), letters(b)
    if not x or not y:
        return False
    if x == y or (min(len(x), len(y)) > 15 and (x.startswith(y) or y.startswith(x))):
        return True
    left, right = set(re.findall(r"\w+", a.lower())), set(re.findall(r"\w+", b.lower()))
    return len(left & right) >= 0.6 * max(len(left), len(right))
