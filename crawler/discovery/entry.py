"""Entries at work: which documents to ask for first, and what an answer yields. One step per format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

from crawler.catalogue import Entry, EntryKind, Source
from crawler.discovery import feed, listing, paging, rest, sitemap
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from pipelines.article import Page

Parser = Callable[[Page, Source, Entry, Window], Found | Unusable]

PARSERS: Mapping[EntryKind, Parser] = MappingProxyType(
    {
        "wordpress": rest.read,
        "rss": feed.read,
        "news_sitemap": sitemap.read,
        "sitemap": sitemap.read,
        "listing": listing.read,
    }
)
_NEWEST_FIRST = frozenset({"wordpress", "rss", "listing"})


def start(entry: Entry, window: Window, today: date) -> tuple[str, ...]:
    """The first documents of an entry: one, but one for each day, newest first, where it asks by day.

    A window without `since` gives today's only.
    """
    if entry.kind == "wordpress":
        return (rest.first(entry.url, window),)
    if not paging.is_dated(entry.url):
        return (paging.fill(entry.url, {"n": 1}),)
    last = min(window.until or today, today)
    first = window.since or last
    days = (last - timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(paging.for_day(entry.url, day) for day in days)


def read(page: Page, source: Source, entry: Entry, window: Window) -> Found | Unusable:
    """What one document of an entry yields. Never raises, whatever the bytes."""
    if page.status >= 400 and entry.kind != "wordpress":
        return Unusable(f"HTTP {page.status}")
    if not page.body.strip():
        return Unusable(f"HTTP {page.status}, nothing in it")
    outcome = PARSERS[entry.kind](page, source, entry, window)
    if (
        isinstance(outcome, Found)
        and entry.kind in _NEWEST_FIRST
        and outcome.links
        and all(window.is_before(link) for link in outcome.links)
    ):
        return replace(outcome, more=())
    return outcome
