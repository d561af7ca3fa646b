"""Whether an address that a document names is an article of the source, and the platform's id for it."""

from __future__ import annotations

import re

from crawler.catalogue.model import Entry, Source
from crawler.discovery import urls


def is_article(url: str, source: Source, entry: Entry, listed: bool) -> bool:
    """Whether an address is on the source's own host and has an article's shape.

    The shape is the entry's `article` pattern where there is one. Else a feed or a sitemap is believed
    (`listed`) but for house pages, and a link on a page must look like an article.
    """
    if not source.owns(url) or urls.is_errand(url):
        return False
    if entry.article is not None:
        return re.search(entry.article, path_of(url)) is not None
    return urls.is_listed_article(url) if listed else urls.looks_like_article(url)


def platform_id(url: str, entry: Entry) -> str | None:
    """The platform's number in an address: the pattern's group `id`, or a plain permalink's `p`."""
    match = re.search(entry.article, path_of(url)) if entry.article is not None else None
    found = match.groupdict().get("id") if match is not None else None
    return found or urls.post_id(url)


def path_of(url: str) -> str:
    """An address's path and query: what `article` patterns are searched in."""
    parts = urls.split(url)
    if parts is None:
        return ""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
