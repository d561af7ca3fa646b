"""The article that a page carries as JSON of its own (Next, Inertia), where a script draws the template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.page.index import Index

MIN_CONTENT_CHARS = 150
"""A shorter content is a teaser's."""

MAX_OWN_WORDS_CHARS = 10_000
"""Bounds the page's own words: every object's title is looked for in them."""

_CONTENT_KEYS = ("content", "body", "articleBody", "article_content", "content_html")

# schema.org's name of a fact, and the names that these systems give it.
_NAMES = {
    "headline": ("title",),
    "description": ("description", "summary"),
    "datePublished": ("published_at", "publishedAt", "datePublished", "publish_date"),
    "dateModified": ("updated_at", "updatedAt", "dateModified"),
    "author": ("authors", "author", "reporter", "writer"),
    "editor": ("editors", "editor"),
    "articleSection": ("category", "section", "rubric"),
    "keywords": ("tags", "keywords"),
    "image": ("cover", "image", "thumbnail"),
}


def content(index: Index) -> str:
    """The HTML of the article in the page's JSON; empty where there is none."""
    found = _article(index)
    return _content(found) if found else ""


def node(index: Index) -> dict[str, Any]:
    """What the page's JSON says of its article, under schema.org's names; {} where there is none."""
    found = _article(index)
    if found is None:
        return {}
    stated = {
        name: next((found[key] for key in keys if found.get(key)), None) for name, keys in _NAMES.items()
    }
    return {"@type": "NewsArticle", **{name: value for name, value in stated.items() if value}}


def publications(index: Index) -> Iterator[str]:
    """Every value under the name of a publication in the page's scripts, whatever object it is of; not in its JSON-LD.

    A page that lists other stories in its scripts names many days.
    """
    for at in index.of_tag.get("script", ()):
        text = index.texts[at] or ""
        if "ld+json" not in (index.elements[at].get("type") or "").lower() and "ubli" in text:
            yield from (match["value"] for match in _PUBLICATION.finditer(text))


_PUBLICATION = re.compile(
    r"\\?[\"'](?:date_?published|published?_?(?:date|at|time|on)|publication_?(?:date|time))\\?[\"']\s*:\s*"
    r"\\?[\"'](?P<value>[^\"'\\]{8,40})",
    re.IGNORECASE,
)


def _article(index: Index) -> Mapping[str, Any] | None:
    raws = [index.texts[at] for at in index.of_tag.get("script", ()) if index.ids[at] == "__NEXT_DATA__"]
    apps = (index.elements[at] for at, name in enumerate(index.ids) if name == "app")
    raws += [page for element in apps if (page := element.get("data-page")) is not None]
    own_words = _own_words(index) if raws else ""
    for raw in raws:
        try:
            found = max(
                _titled(json.loads(raw or ""), depth=0),
                key=lambda at: (_fits(at, own_words), len(_content(at))),
                default=None,
            )
        except (ValueError, RecursionError):
            continue
        if found is not None and len(_content(found)) >= MIN_CONTENT_CHARS:
            return found
    return None


def _titled(value: Any, depth: int) -> list[Mapping[str, Any]]:
    """Every object with a title and a content, less those in lists of such: other stories."""
    if depth > 8:
        return []
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, list) and sum(map(_is_titled, value)) > 1:
        return []
    found = [inner for child in children for inner in _titled(child, depth + 1)]
    return [*found, value] if _is_titled(value) else found


def _is_titled(value: Any) -> bool:
    return isinstance(value, dict) and "title" in value and bool(_content(value))


def _own_words(index: Index) -> str:
    """What the page outside its JSON says of itself: its titles and addresses, lower case."""
    found = index.root.xpath(
        "//head/title/text() | //meta[@property='og:title' or @property='og:url']/@content"
        " | //link[@rel='canonical']/@href | //h1//text()"
    )
    return " ".join(map(str, found))[:MAX_OWN_WORDS_CHARS].lower()


def _fits(value: Mapping[str, Any], own_words: str) -> float:
    """The share of an object's title that the page says too; a slug that it names is all of it."""
    slug = value.get("slug")
    if isinstance(slug, str) and len(slug) > 10 and slug.lower() in own_words:
        return 1.0
    words = set(re.findall(r"\w{4,}", str(value["title"]).lower()))
    return sum(word in own_words for word in words) / len(words) if words else 0.0


def _content(value: Mapping[str, Any]) -> str:
    return max((value[key] for key in _CONTENT_KEYS if isinstance(value.get(key), str)), key=len, default="")
