"""The headline of a page: which of its titles is the story's, and what of it is only the outlet's name.

The printed heading that a title for machines confirms; else the title for machines, where it is not cut
off; trafilatura's guess last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from urllib.parse import urlsplit

from pipelines.address import host_of
from pipelines.facts import frame
from pipelines.facts.structured import Stated, texts
from pipelines.page.index import Index
from pipelines.page.tree import fold, letters, text_of, unescaped
from pipelines.rules import Rules

MAX_TITLE_CHARS = 1_000
"""A longer text is not taken for a title."""
MAX_TITLES = 20
MAX_HEADINGS = 200
"""At most so many titles for machines are compared with so many headings of a kind."""

_SEPARATORS = r"\s+(?:[-\u2013\u2014|\u2022\u00b7\u00bb~]|::)\s+"


def headline(index: Index, stated: Stated, rules: Rules, url: str | None) -> str | None:
    """The headline as the page prints it: the `h1` that the structured data confirms, without the outlet's name."""
    tree, own = index.root, own_names(stated.meta, rules, url)

    def cleaned(text: str) -> str:
        return _strip_suffix(fold(unescaped(text)), own) if len(text) <= MAX_TITLE_CHARS else ""

    if rules.title and (ruled := [text for text in map(text_of, index.select(rules.title)) if text]):
        return cleaned(ruled[0])
    titles = [text for text in map(cleaned, _stated_titles(index, stated)) if text][:MAX_TITLES]
    names = {letters(name) for name in own}
    titles = [text for text in titles if letters(text) not in names] or titles
    shown = map(index.text, index.of_tag.get("h1", ())[:MAX_HEADINGS])
    headings = [text for text in map(cleaned, shown) if text]
    for are_one in (_equal, _alike):  # a logo's heading resembles the title, too
        for heading in headings:
            if any(are_one(heading, text) for text in titles):
                return heading
    seconds = index.numbered("h2", "h3")[:MAX_HEADINGS]
    for heading in (cleaned(index.text(at)) for at in seconds if not frame.in_teaser(index, at)):
        if any(_completes(heading, text) for text in titles):
            return heading
    named = [text for text in map(index.text, index.of_itemprop.get("headline", ())) if text]
    if titles and not (len(headings) == 1 and _is_alone(headings[0], titles, names, url)):
        return _whole(titles)
    if named or len(headings) == 1:
        return cleaned((named or headings)[0])
    if headings:
        return None
    import trafilatura  # a page without any title is rare: readers start without its weight

    document = trafilatura.extract_metadata(tree)
    return fold(document.title) or None if document and document.title else None


def _stated_titles(index: Index, stated: Stated) -> Iterator[str]:
    """The titles that the page states for machines and for the browser's tab."""
    yield from texts(stated.article.get("headline"))
    yield from stated.meta.get("og:title", ())
    yield from stated.meta.get("twitter:title", ())
    titles = (at for at in index.of_tag.get("title", ()) if index.tags[index.parents[at]] == "head")
    yield from map(index.text, islice(titles, 1))


_CUT_OFF = re.compile(r"\s*(?:\.{2,}|\u2026)$")
_SITE_WORDS = re.compile(
    r"\b(?:portal|situs|website|web resmi|official|beranda|home|homepage|berita terkini|kabar terkini|media online)\b",
    re.IGNORECASE,
)
MIN_HEADLINE_WORDS = 4


def _completes(heading: str, title: str) -> bool:
    """Whether a lesser heading is a stated title without its unknown suffix, or with the end that was cut off."""
    if len(heading) < 16:
        return False
    if _CUT_OFF.search(title):
        return letters(heading).startswith(letters(_CUT_OFF.sub("", title))) and len(title) > 16
    return heading == title or re.match(re.escape(heading) + _SEPARATORS, title) is not None


def _whole(titles: list[str]) -> str:
    """The first title; where it is cut off, the title that goes on."""
    cut = _CUT_OFF.sub("", titles[0])
    if cut == titles[0] or len(cut) < 16:
        return titles[0]
    return next(
        (text for text in titles[1:] if text.startswith(cut) and not _CUT_OFF.search(text)), titles[0]
    )


def _is_alone(heading: str, titles: list[str], names: set[str], url: str | None) -> bool:
    """Whether the only `h1` is the headline, because every stated title is the site's own name or motto."""
    words = re.findall(r"\w+", heading.lower())
    if len(words) < MIN_HEADLINE_WORDS or letters(heading) in names:
        return False
    address = set(re.findall(r"\w+", (urlsplit(url).path if url else "").lower().replace("_", "-")))
    if len(address & set(words)) >= max(MIN_HEADLINE_WORDS, 0.6 * len(set(words))):
        return not any(len(address & set(re.findall(r"\w+", text.lower()))) > 3 for text in titles)
    return all(
        len(text.split()) < MIN_HEADLINE_WORDS
        or _SITE_WORDS.search(text)
        or any(letters(part) in names for part in re.split(_SEPARATORS, text))
        for text in titles
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


def _equal(a: str, b: str) -> bool:
    return letters(a) == letters(b) != ""


def _alike(a: str, b: str) -> bool:
    """Whether two titles are one: the same letters, one the beginning of the other, or most words shared."""
    x, y = letters(a), letters(b)
    if not x or not y:
        return False
    if x == y or (min(len(x), len(y)) > 15 and (x.startswith(y) or y.startswith(x))):
        return True
    left, right = set(re.findall(r"\w+", a.lower())), set(re.findall(r"\w+", b.lower()))
    return len(left & right) >= 0.6 * max(len(left), len(right))
