"""Compares the articles of a site with its source file: container, zone, brands, system, theme.

Pure: adds rows to the table of a look.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scrapy.http import Response

from crawler.catalogue.model import Source
from crawler.console.text import counted
from crawler.downloader.access import REFUSED
from crawler.verify.report import Look
from crawler.verify.signs import Signs, name_in, offset_label, offset_of, opens_with_brand
from pipelines.article import Article

_WHOLE = "not looked at: the REST answer holds the articles whole"


@dataclass(slots=True)
class Shown:
    """The signs of the articles that were read."""

    articles: list[Article] = field(default_factory=list)
    signs: list[Signs] = field(default_factory=list)
    """The signs of each page; empty where a REST answer held the articles."""
    openings: list[str] = field(default_factory=list)
    """The first words of each story."""


def status_of(response: Response) -> str:
    """The status of an answer in words."""
    return f"HTTP {response.status}{', refused' if response.status in REFUSED else ''}"


def offset_at(zone: str, moment: datetime) -> timedelta:
    """The distance of a zone (IANA name) from UTC at a moment of UTC."""
    offset = ZoneInfo(zone).utcoffset(moment.replace(tzinfo=None))
    assert offset is not None
    return offset


def compare_pages(look: Look, source: Source, now: datetime, shown: Shown) -> None:
    """Add what the articles show, compared with the source's rules of today."""
    if not shown.articles and not shown.signs:
        return
    _container(look, source.rules_on(now.astimezone(ZoneInfo(source.timezone)).date()).body, shown)
    _zone(look, source.clock, offset_at(source.clock, now), shown)
    _brands(look, source.brands, shown.openings)
    systems = Counter(each.system for each in shown.signs)
    if set(systems) - {"plain"} or (shown.signs and source.platform == "jawapos"):
        look.add("page type", "", ", ".join(systems))
    if themes := {each.theme for each in shown.signs if each.theme}:
        look.theme = ", ".join(sorted(themes))
        look.add("theme", "", look.theme)


def _container(look: Look, body: str | None, shown: Shown) -> None:
    if body is None:
        return
    pages = len(shown.signs)
    if not pages:
        look.add("container", body, _WHOLE)
        return
    held = Counter(each.container for each in shown.signs if each.container)
    agrees = held.total() == pages
    found = (
        f"{', '.join(held)} on {held.total()} of {counted(pages, 'page')}"
        if held
        else "none of it on the page"
    )
    done = "the body is found without it" if shown.articles else "no body is found without it either"
    look.add("container", body, found, agrees, None if agrees else done)


def _zone(look: Look, clock: str, clock_offset: timedelta, shown: Shown) -> None:
    """The zones that the pages state: a zero offset is a common way to state an instant, and no zone."""
    if not shown.signs:
        look.add("zone of the pages", clock, _WHOLE)
        return
    stated = _stated_offsets(shown)
    if not stated:
        look.add("zone of the pages", clock, "none printed: bare times are read so")
        return
    found = ", ".join(f"{offset_label(offset)} ({where})" for where, offset in stated.items())
    zones = {offset for offset in stated.values() if offset}
    agrees = zones == {clock_offset} if zones else None
    done = "offsets on the pages are used as printed" if agrees is False else None
    look.add("zone of the pages", clock, found, agrees, done)


def _stated_offsets(shown: Shown) -> dict[str, timedelta]:
    """Where a page states an offset → the offset."""
    stated: dict[str, timedelta] = {}
    for signs in shown.signs:
        stated |= signs.offsets
    for article in shown.articles:
        offset = offset_of(article.published_raw or "", article.fetched_at)
        if offset is not None and article.published_from not in ("rest", "feed", "sitemap", None):
            stated.setdefault(article.published_from, offset)
    return stated


def _brands(look: Look, brands: Sequence[str], openings: Sequence[str]) -> None:
    if not openings:
        return
    own = sum(opens_with_brand(each, brands) for each in openings)
    others = Counter(
        name for each in openings if (name := name_in(each)) and not opens_with_brand(each, brands)
    )
    (other, times), *_ = others.most_common(1) or [("", 0)]
    named = ", ".join(brands)
    if other and times > len(openings) / 2:
        done = "a dateline of that form is cut all the same"
        look.add("brands", named, f"{times} of {len(openings)} open with {other}", False, done)
    elif brands:
        look.add("brands", named, f"{own} of {len(openings)} open with one", own > 0 or None)


def compare_wordpress_zone(look: Look, clock: str, root: Response, now: datetime) -> None:
    """Add the zone that a WordPress states at the root of its REST interface."""
    zone = _zone_of(root, now)
    if zone is None:
        look.add("zone of WordPress", clock, f"{status_of(root)}, no zone in it")
        return
    name, offset = zone
    found = f"{name} ({offset_label(offset)})" if name else offset_label(offset)
    agrees = offset == offset_at(clock, now)
    done = None if agrees else "REST gives its times in UTC, and they are used"
    look.add("zone of WordPress", clock, found, agrees, done)


def _zone_of(response: Response, at: datetime) -> tuple[str | None, timedelta] | None:
    """The site's zone by the REST root, (name, distance from UTC); null where it does not say."""
    try:
        root = json.loads(response.body)
        name, hours = root.get("timezone_string"), root.get("gmt_offset")
    except (ValueError, AttributeError, RecursionError):
        return None
    try:
        if name and (offset := ZoneInfo(name).utcoffset(at.replace(tzinfo=None))) is not None:
            return name, offset
    except (KeyError, ValueError, OSError, TypeError):
        pass  # a name of WordPress's own: the hours beside it tell
    try:
        return None, timedelta(hours=float(hours))
    except (TypeError, ValueError, OverflowError):
        return None
