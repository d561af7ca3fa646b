"""What a page states for machines: JSON-LD, `<meta>`, RDFa, and the article that a script carries as JSON.

Parses each form once and decides which node describes the page's own article. Its callers decide what of
it to believe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml import etree

from pipelines.address import address_key, is_front
from pipelines.facts import frame, nearly_json
from pipelines.page import embedded
from pipelines.page.index import Index
from pipelines.page.tree import fold, letters, unescaped

MAX_NODES = 1_000
"""Nodes of a page's JSON-LD that are looked at; later ones are not."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What one page states, as it states it."""

    nodes: tuple[dict[str, Any], ...]
    """Every node of its JSON-LD."""
    article: Mapping[str, Any]
    """The node of its own article, under schema.org's names; empty for none."""
    meta: Mapping[str, list[str]]
    """The contents of `<meta>` and RDFa by lower-case name; none is empty."""

    @property
    def lists_stories(self) -> bool:
        """Whether the JSON-LD describes several stories, all of other addresses: the page leads to them."""
        found = (node for node in self.nodes if types_of(node) & _ARTICLE_TYPES)
        return not self.article and len(list(islice(found, 2))) > 1


def stated(index: Index, url: str | None) -> Stated:
    """Everything that the page at `url` states."""
    nodes = tuple(islice(_json_ld(index), MAX_NODES))
    return Stated(nodes, _article_node(nodes, index, url) or embedded.node(index), _meta(index))


# --- JSON-LD --------------------------------------------------------------------------------------

_ARTICLE_TYPES = frozenset(
    [
        "article",
        "newsarticle",
        "reportagenewsarticle",
        "analysisnewsarticle",
        "backgroundnewsarticle",
        "opinionnewsarticle",
        "reviewnewsarticle",
        "advertisercontentarticle",
        "blogposting",
        "liveblogposting",
        "socialmediaposting",
        "report",
    ]
)


def _json_ld(index: Index) -> Iterator[dict[str, Any]]:
    """Every node of every JSON-LD block, the members of `@graph` among them."""
    for at in index.of_tag.get("script", ()):
        if "ld+json" in (index.elements[at].get("type") or "").lower():
            yield from _nodes(list(nearly_json.objects(index.texts[at] or "")), depth=0)


def _nodes(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 5:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value or "@graph" not in value:
            yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _nodes(value.get(key), depth + 1)


def types_of(node: Mapping[str, Any]) -> set[str]:
    """The schema.org types of a node, lower case, without their vocabulary: `schema:NewsArticle`, an address."""
    return {letters(_VOCABULARY.sub("", str(name).rstrip("/# "))) for name in items(node.get("@type"))}


_VOCABULARY = re.compile(r"^.*[/#:]", re.DOTALL)


def _article_node(nodes: Sequence[dict[str, Any]], index: Index, url: str | None) -> dict[str, Any]:
    """The node of the page's own article; {} for none.

    Of several article nodes: the one with the page's headline or address (the others are other stories),
    else the first that has a date; none where all are of other addresses, as on a list.
    """
    found = [node for node in nodes if types_of(node) & _ARTICLE_TYPES]
    if len(found) > 1:
        titles = {letters(index.text(at)) for at in index.numbered("h1", "title")} - {""}
        own = [node for node in found if _is_of_page(node, titles, url)]
        found = own or ([] if all(map(_names_story, found)) else found)
    return next((node for node in found if node.get("datePublished")), found[0] if found else {})


def _is_of_page(node: Mapping[str, Any], titles: set[str], url: str | None) -> bool:
    """Whether a node's address is the page's, or its headline is among the page's titles."""
    if url and any(address_key(each) == address_key(url) for each in addresses_of(node)):
        return True
    headline = letters(first_text(node.get("headline")) or "")
    return bool(headline) and any(headline in text for text in titles)


def _names_story(node: Mapping[str, Any]) -> bool:
    """Whether a node names a whole address of its own that is no front page."""
    return any(each.startswith("http") and not is_front(each) for each in addresses_of(node))


def addresses_of(node: Mapping[str, Any]) -> list[str]:
    """What a node gives as its own address, as it spells it: its `url`, `@id` and `mainEntityOfPage`."""
    named = [each for name in ("url", "@id", "mainEntityOfPage") for each in items(node.get(name))]
    addresses = [each.get("@id") or each.get("url") if isinstance(each, dict) else each for each in named]
    return [each for each in addresses if isinstance(each, str)]


def items(value: Any) -> list[Any]:
    """The items of a JSON-LD value, which may be one, several or none."""
    return value if isinstance(value, list) else [] if value is None else [value]


def texts(value: Any) -> list[str]:
    """The strings in a JSON-LD value, nested lists (ANTARA's keywords) opened."""
    found: list[str] = []
    for item in items(value):
        if isinstance(item, list):
            found += texts(item)
        elif isinstance(item, str):
            found.append(item)
        elif isinstance(item, dict):
            found += texts(item.get("name") or item.get("@value"))
    plain = (fold(_TAG.sub("", unescaped(text))) for text in found)
    return [text for text in plain if text]


_TAG = re.compile(r"</?[a-z][^<>]{0,300}>", re.IGNORECASE)


def first_text(value: Any) -> str | None:
    """The first string in a JSON-LD value; null for none."""
    return next(iter(texts(value)), None)


# --- meta -----------------------------------------------------------------------------------------


def _meta(index: Index) -> dict[str, list[str]]:
    """The contents of `<meta>` by name, property or itemprop, lower case; empty contents are none."""
    found: dict[str, list[str]] = {}
    for element in map(index.elements.__getitem__, index.of_tag.get("meta", ())):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = fold(unescaped(element.get("content") or ""))
        if name and content:
            found.setdefault(name.strip().lower(), []).append(content)
    # RDFa (Drupal) says it on any element, in one property or in several: "dc:date dc:created".
    for element in _RDFA(index.root):
        at = index.numbers[element]
        if element.tag == "meta" or not index.stands_in(at, index.of_tag.get("body", ())):
            continue
        content = fold(unescaped(element.get("content") or ""))
        if content and not frame.in_teaser(index, at):
            for name in (element.get("property") or "").lower().split():
                found.setdefault(name, []).append(content)
    return found


_RDFA = etree.XPath("descendant-or-self::*[@property][@content]")
