"""The articles that a listing carries as JSON of its own (Next, Inertia), where a script draws the cards.

Such an object names its article by an address, or by the pieces of one: a slug, a number, a section. The
pieces are put together only where the entry's pattern says how an article's address looks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from lxml import etree

from crawler.catalogue.model import Entry, Source
from crawler.discovery import markup, urls
from crawler.discovery.article_url import is_article, platform_id
from pipelines.article import Link

MAX_DEPTH = 12
MAX_LINKS = 1000
"""A page that names more than so many is no list but somebody's idea of one."""

_TITLES = ("title", "headline", "judul")
_ADDRESSES = ("url", "link", "permalink", "href", "path", "canonical")
_DATES = ("published_at", "publishedAt", "datePublished", "publish_date", "published_date", "date")
_NUMBERS = ("article_id", "id", "articleId", "news_id")
_SECTIONS = ("category", "section", "rubric", "channel", "kanal")
_SLUG = re.compile(r"[\w-]{8,}")
_SHAPES = ("/{section}/{number}/{slug}", "/{section}/read/{number}/{slug}", "/read/{section}/{number}/{slug}",
           "/read/{number}/{slug}", "/berita/{number}/{slug}", "/{number}/{slug}", "/{section}/{slug}", "/{slug}")  # fmt: skip


def links(tree: etree._Element, base: str, source: Source, entry: Entry) -> tuple[Link, ...]:
    """The articles that the page's JSON names, in its order, each address once; none where it has no JSON."""
    found: dict[str, Link] = {}
    for data in _embedded(tree):
        for thing in _titled(data, 0):
            link = _link(thing, base, source, entry)
            if link is not None:
                found.setdefault(link.url, link)
            if len(found) >= MAX_LINKS:
                break
    return tuple(found.values())


def next_page(tree: etree._Element) -> str | None:
    """What the JSON calls the address of the next page (Laravel's paginators do); null where it has none."""
    return next((url for data in _embedded(tree) for url in _next_of(data, 0)), None)


def _next_of(value: Any, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        if (url := _text(value, ("next_page_url",))) is not None:
            yield url
        value = list(value.values())
    if isinstance(value, list):
        for child in value:
            yield from _next_of(child, depth + 1)


def _embedded(tree: etree._Element) -> Iterator[Any]:
    raws = [script.text for script in tree.iter("script") if script.get("id") == "__NEXT_DATA__"]
    raws += [each.get("data-page") for each in tree.iter("div") if each.get("id") == "app"]
    for raw in raws:
        try:
            yield json.loads(raw or "")
        except (ValueError, RecursionError):
            continue


def _titled(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """Every object that has a title, in the document's order."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        if _text(value, _TITLES):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for child in value:
            yield from _titled(child, depth + 1)


def _link(thing: Mapping[str, Any], base: str, source: Source, entry: Entry) -> Link | None:
    for candidate in _candidates(thing, entry):
        url = urls.absolute(candidate, base, from_root=True)
        if url is not None and is_article(url, source, entry, listed=False):
            return Link(
                url=url,
                source=source.name,
                entry=entry.kind,
                title=markup.plain(_text(thing, _TITLES)),
                published=_text(thing, _DATES),
                platform_id=platform_id(url, entry),
            )
    return None


def _candidates(thing: Mapping[str, Any], entry: Entry) -> Iterator[str]:
    """Addresses that the object may mean, the ones that it spells out first."""
    yield from (value for name in _ADDRESSES if (value := _text(thing, (name,))) and "/" in value)
    slug = _text(thing, ("slug",))
    if slug is None or entry.article is None or not _SLUG.fullmatch(slug):
        return
    sections = [name for key in _SECTIONS if (name := _section(thing.get(key)))]
    numbers = [str(thing[key]) for key in _NUMBERS if isinstance(thing.get(key), int | str)]
    for shape, section, number in product(_SHAPES, sections or [""], numbers or [""]):
        if ("{section}" in shape and not section) or ("{number}" in shape and not number):
            continue
        made = shape.format(section=section, number=number, slug=slug)
        if re.search(entry.article, made):
            yield made


def _section(value: Any) -> str | None:
    slug = value.get("slug") if isinstance(value, dict) else value
    return slug if isinstance(slug, str) and re.fullmatch(r"[a-z0-9-]+", slug) else None


def _text(thing: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """The first of these that is a text with words in it."""
    found = (thing.get(name) for name in names)
    return next((value.strip() for value in found if isinstance(value, str) and value.strip()), None)
