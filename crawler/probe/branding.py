"""How a site names itself: its title, the suffix of its headlines, and its brands in datelines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from lxml.html import HtmlElement

from pipelines.lines import places
from pipelines.page.tree import fold, letters, text_of

MAX_TITLE_CHARS = 60
MAX_HEAD_CHARS = 80
"""Longer words before a first sentence are no dateline."""
KEY_CHARS = 50
_SEPARATOR = re.compile(r"\s+[-\u2013\u2014|\u2022\u00b7\u00bb~]+\s+")
_HEAD = re.compile(r"(?P<head>\S.{1,70}?)\s*(?:-{1,2}|[\u2012-\u2015|:])\s")
_DOMAIN = re.compile(r"[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)+")
_NO_NAME = re.compile(
    r"(?:berita|kabar|beranda|home|homepage|indeks|feed|rss|portal berita|situs berita|media online|terkini|terbaru|front page)"
    r"(?:\W+(?:\w+\W+)?(?:terkini|terbaru|hari ini|terpercaya))?$|(?:berita|kabar|info|portal|situs)\b.*\b(?:terkini|terbaru|hari ini|terpercaya)",
    re.IGNORECASE,
)
_AGENCIES = frozenset({"antara", "antaranews"})


def title(candidates: Iterable[str | None], host: str) -> str | None:
    """The first candidate that reads like a name; null where none does.

    In "Warta Teluk - Berita Terkini Bontang" the name is the part that stands in the host too, else the shortest.
    """
    for candidate in candidates:
        plain = "".join(sign if sign.isprintable() else " " for sign in candidate or "")
        words = fold(plain).strip(" -\u2013\u2014|\u2022\u00b7\u00bb")
        parts = [part for part in _SEPARATOR.split(words) if part and not _NO_NAME.match(part)]
        if not parts:
            continue
        in_host = [part for part in parts if letters(part) and letters(part) in letters(host)]
        name = in_host[0] if in_host else min(parts, key=len)
        if len(name) <= MAX_TITLE_CHARS:
            return name
    return None


def suffix(titles: Sequence[str]) -> str | None:
    """The suffix that ends every one of at least two titles; null where there is none."""
    ends = {parts[-1] for parts in map(_SEPARATOR.split, titles) if len(parts) > 1}
    whole = sum(len(_SEPARATOR.split(each)) > 1 for each in titles)
    return ends.pop() if len(ends) == 1 and whole == len(titles) >= 2 else None


def opening(tree: HtmlElement, first_line: str) -> str | None:
    """The paragraph of a page that the text begins with, with what was cut from its front; null where it is not found."""
    key = first_line[:KEY_CHARS]
    best: str | None = None
    for element in tree.iter("p", "div", "td", "section", "article"):
        text = text_of(element)
        at = text.find(key)
        if 0 <= at <= MAX_HEAD_CHARS and (best is None or len(text) < len(best)):
            best = text
    return best


def brands(openings: Iterable[str], own: Iterable[str | None]) -> tuple[str, ...]:
    """The site's names in the datelines of its articles, the most frequent first.

    A name is believed if it has the letters of one of `own` (title, host), or if it has a domain's form and
    opens two articles: a single article may be another outlet's story.
    """
    known = {bare for name in own if name for bare in (letters(name), _stem(name)) if len(bare) > 2}
    found = Counter(name for each in openings for name in _names(each))
    taken = [
        name
        for name, count in found.most_common()
        if letters(name) in known or _stem(name) in known or (count >= 2 and _DOMAIN.fullmatch(name))
    ]
    return tuple({name.casefold(): name for name in reversed(taken)}.values())[::-1]


def _names(text: str) -> set[str]:
    """The names before the first dash that are no place, agency or day."""
    match = _HEAD.match(text)
    if match is None:
        return set()
    parts = (fold(part).strip(" .\u201c\u201d\"'*") for part in re.split(r"[,|(/)]", match["head"]))
    return {
        part
        for part in parts
        if len(part) > 2 and len(part.split()) <= 4 and not places.is_place(part)
        and not re.search(r"\d{4}|\d/\d", part) and letters(part) not in _AGENCIES
    }  # fmt: skip


def _stem(name: str) -> str:
    """The same without the ending of a domain: `ekspresi` of `Ekspresi.co.id`."""
    return letters(name.strip().split(".")[0]) if "." in name.strip(". ") else letters(name)
