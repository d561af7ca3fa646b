"""Entries at work: which documents to ask for first, and what an answer yields. One step per format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

from w3lib.url import safe_url_string

from crawler.catalogue import url_template
from crawler.catalogue.model import Entry, EntryKind, Source
from crawler.discovery import feed, listing, markup, sitemap, wordpress
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from crawler.limits import Bounds
from pipelines.address import address_key, canonical
from pipelines.article import Link, Page

Parser = Callable[[Page, Source, Entry, Window], Found | Unusable]

PARSERS: Mapping[EntryKind, Parser] = MappingProxyType(
    {
        "wordpress": wordpress.read,
        "rss": feed.read,
        "news_sitemap": sitemap.read,
        "sitemap": sitemap.read,
        "listing": listing.read,
    }
)
_NEWEST_FIRST = frozenset({"wordpress", "rss", "listing"})
ORDINARY = Bounds()


def start(entry: Entry, window: Window, today: date) -> tuple[str, ...]:
    """The first documents of an entry: one, but one for each day, newest first, where it asks by day.

    A window without `since` gives today's only.
    """
    if entry.kind == "wordpress":
        return (wordpress.first(entry.url, window),)
    if not url_template.is_dated(entry.url):
        return (url_template.fill(entry.url, {"n": 1}),)
    last = min(window.until or today, today)
    first = window.since or last
    days = (last - timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(url_template.for_day(entry.url, day) for day in days)


def read(
    page: Page, source: Source, entry: Entry, window: Window, bounds: Bounds = ORDINARY
) -> Found | Unusable:
    """What one document of an entry yields, within the bounds. Never raises, whatever the bytes."""
    if page.status >= 400 and entry.kind != "wordpress":
        return Unusable(f"HTTP {page.status}")
    body = markup.unpacked(page.body, bounds.unpacked_bytes)
    if isinstance(body, Unusable):
        return body
    if not body.strip():
        return Unusable(f"HTTP {page.status}, nothing in it")
    outcome = PARSERS[entry.kind](replace(page, body=body), source, entry, window)
    if isinstance(outcome, Unusable):
        return outcome
    found = _bounded(outcome, entry, bounds)
    is_over = entry.kind in _NEWEST_FIRST and found.links and all(map(window.is_before, found.links))
    return replace(found, more=()) if is_over else found


def fits(url: str, bounds: Bounds) -> bool:
    """Whether an address, spelled as a request spells it, is no longer than is asked for."""
    # A character is spelled in at most twelve: the spelling itself takes longer than all else here.
    return len(url) * 12 <= bounds.url_chars or len(safe_url_string(url)) <= bounds.url_chars


MAX_TITLE_CHARS = 1_000
MAX_SAID_CHARS = 200
"""What is longer is no title, no date, no number and no name."""
MAX_NAMES = 100


def _brief(link: Link) -> Link:
    """The link with what a site may mean by it: it is kept with every answer to it."""
    return replace(
        link,
        title=_short(link.title, MAX_TITLE_CHARS),
        published=_short(link.published),
        modified=_short(link.modified),
        platform_id=_short(link.platform_id),
        tags=_names(link.tags),
        authors=_names(link.authors),
    )


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for each in names[:MAX_NAMES] if (name := _short(each)))


def _short(text: str | None, most: int = MAX_SAID_CHARS) -> str | None:
    """A text of whole characters; null where it is too long to be meant."""
    return None if text is None or len(text) > most else markup.SURROGATES.sub("\ufffd", text)


def _spelt_once(links: Sequence[Link]) -> tuple[Link, ...]:
    """Each article once, where a document spells it in several ways: by its own page, not by its AMP or mobile twin."""
    chosen: dict[str, Link] = {}
    for link in links:
        known = chosen.setdefault(address_key(link.url), link)
        if known is not link and canonical(known.url) != known.url and canonical(link.url) == link.url:
            chosen[address_key(link.url)] = link
    return tuple(chosen.values())


def _bounded(found: Found, entry: Entry, bounds: Bounds) -> Found:
    most = bounds.sitemap_links if "sitemap" in entry.kind else bounds.links
    links = tuple(_brief(link) for link in found.links if fits(link.url, bounds))
    more = tuple(url for url in found.more if fits(url, bounds))
    return replace(
        found,
        links=_spelt_once(links[:most]),
        more=more[:most],
        left_out=max(0, len(links) - most) + max(0, len(more) - most),
        too_long=len(found.links) - len(links) + len(found.more) - len(more),
    )
