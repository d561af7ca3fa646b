"""What an article page shows of the site behind it: its container, zones, system, theme and opening words.

Holds only what a look compares with a source file; `pipelines` reads what the page means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml.html import HtmlElement

from pipelines import themes
from pipelines.article import Page
from pipelines.lines import dates
from pipelines.lines.outlet import recognise
from pipelines.page.tree import alternatives, decode, outermost, parse, select, text_of
from pipelines.rules import Rules

_STATED_IN = {
    "json-ld": r'"datePublished"\s*:\s*"([^"]+)"',
    "meta": r"article:published_time[\"']?[^<>]{0,200}?content=[\"']([^\"']+)",
    "time": r"<time\b[^<>]{0,200}?\bdatetime=[\"']([^\"']+)",
}
"""Where a page states when it was published, by the names that `published_from` has.

Within one tag, and near its beginning: a page of tags that never end would be searched to its end for each.
"""
_NAME = re.compile(
    r"\W{0,2}((?:[A-Za-z][\w-]*\.)+(?:com|co|id|net|news|org|info|tv|asia|media))\b(?=[\s,|(\u2013-])"
)


@dataclass(frozen=True, slots=True)
class Signs:
    """What one page shows. `container`: the selector of the rules that holds text; null: none does."""

    container: str | None
    offsets: Mapping[str, timedelta]
    """Where a time of publication stands with its zone → that zone."""
    system: str
    """`next`, `inertia` (the page carries its article as JSON of its own) or `plain`."""
    theme: str | None
    """The theme that drew the page, as `pipelines.themes` calls it. Null: the page names none."""
    opening: str
    """The first words of the container; empty without one."""


def signs_of(page: Page, rules: Rules) -> Signs | None:
    """The signs of an article page; null where there is no page to be had."""
    text = decode(page.body, page.header("Content-Type"))
    tree = parse(text) if text and "<" in text else None
    if text is None or tree is None:
        return None
    container, element = _container(tree, rules)
    return Signs(
        container=container,
        offsets={
            where: found
            for where in _STATED_IN
            if (found := _stated(where, text, page.fetched_at)) is not None
        },
        system=_system(tree),
        theme=themes.named_by(tree),
        opening=text_of(element)[:200] if element is not None else "",
    )


def openings_of(page: Page) -> list[str]:
    """The first words of the posts that a REST answer holds and the page takes, each number once."""
    found = dict(_contents(page))
    return [text_of(tree)[:200] for content in found.values() if (tree := parse(content)) is not None]


def offset_of(text: str, fetched_at: datetime) -> timedelta | None:
    """The zone that a time is written with, as its distance from UTC; null for a bare time, and for none."""
    found = dates.parse(text, "UTC", fetched_at)
    return found.at.utcoffset() if found and found.zone_from != "clock" else None


def offset_label(offset: timedelta) -> str:
    """`UTC+8`, `UTC+5:30`, `UTC`."""
    minutes = round(offset.total_seconds() / 60)
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}"


def opens_with_brand(opening: str, brands: Collection[str]) -> bool:
    """Whether one of the outlet's names opens the text."""
    return recognise(opening, dict.fromkeys(brands, "")) is not None


def name_in(opening: str) -> str | None:
    """What opens a text and looks like an outlet's name ("EXPRESI.co, BONTANG - "); null where nothing does."""
    match = _NAME.match(opening)
    return match[1] if match else None


def _container(tree: HtmlElement, rules: Rules) -> tuple[str | None, HtmlElement | None]:
    """The first container of the rules that has text, alternatives in their order, as reading has it."""
    for css in alternatives(rules.body) if rules.body else ():
        for element in outermost(tree, css):
            if text_of(element):
                return css, element
    return None, None


def _stated(where: str, text: str, fetched_at: datetime) -> timedelta | None:
    match = re.search(_STATED_IN[where], text, re.IGNORECASE)
    return offset_of(match[1], fetched_at) if match else None


def _system(tree: HtmlElement) -> str:
    if select(tree, "script#__NEXT_DATA__"):
        return "next"
    return "inertia" if select(tree, "#app[data-page]") else "plain"


def _contents(page: Page) -> Iterator[tuple[str, str]]:
    """Number and content of the posts."""
    try:
        posts = json.loads(page.body)
    except (ValueError, RecursionError):
        return
    for post in posts if isinstance(posts, list) else ():
        content = post.get("content") if isinstance(post, dict) else None
        rendered = content.get("rendered") if isinstance(content, dict) else None
        if isinstance(rendered, str) and (page.take is None or str(post.get("id")) in page.take):
            yield str(post.get("id")), rendered
