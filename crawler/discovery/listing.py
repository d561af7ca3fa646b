"""HTML listings: section pages, indexes, front pages. What a reader would click, told from the rest.

A page that a script draws (Next, Inertia) carries its articles as JSON: `embedded_list`.

Dates on listings are mostly relative ("3 jam lalu") and mean nothing later, so only a machine-readable
`time[datetime]` beside the link is taken.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from crawler.catalogue import url_template
from crawler.catalogue.model import Entry, Source
from crawler.discovery import json_list, markup, urls
from crawler.discovery.article_url import is_article, platform_id
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from pipelines.article import Link, Page

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset({"div", "p", "time", "ul"})
NEXT = (
    "link[rel~=next], a[rel~=next], a.next, .next > a, .nav-previous a, .nav-links a.next,"
    " a[aria-label=Next], .page-nav a[aria-label=next-page]"
)
"""Where themes of the region put the way to older articles; WordPress calls it "previous" too."""


def read(page: Page, source: Source, entry: Entry, window: Window) -> Found | Unusable:
    """The articles a listing links to, in its order, and its next page."""
    tree = markup.html_tree(page)
    if tree is None:
        return Unusable("no HTML")
    base = _base(tree, page.url or entry.url)
    chosen, others = _articles(_chosen(tree, entry), base, source, entry)
    if not chosen and entry.item is not None:
        # The selector may be out of date: better the whole page's links than none.
        chosen, others = _articles(_anchors(tree), base, source, entry)
    carried = json_list.links(tree, base, source, entry)
    if not (chosen or carried):
        return Unusable("a page without links to articles")
    chosen = tuple({link.url: link for link in (*chosen, *carried)}.values())
    further = _further(tree, page.url or entry.url, base, source, entry)
    return Found(links=chosen, more=(further,) if further else (), skipped=others)


def _chosen(tree: etree._Element, entry: Entry) -> Iterator[etree._Element]:
    """The anchors that may lead to articles."""
    return _anchors(tree) if entry.item is None else _within(tree, entry.item)


def _anchors(tree: etree._Element) -> Iterator[etree._Element]:
    return tree.iter("a")


def _within(tree: etree._Element, item: str) -> Iterator[etree._Element]:
    for element in markup.css(item)(tree):
        yield from element.iter("a")


def _articles(
    anchors: Iterator[etree._Element], base: str, source: Source, entry: Entry
) -> tuple[tuple[Link, ...], int]:
    """The links to articles, each address once, and how many other addresses there were."""
    links: dict[str, Link] = {}
    others: set[str] = set()
    for anchor in anchors:
        url = urls.absolute(anchor.get("href") or "", base, entry.from_root)
        if url is None:
            continue
        if not is_article(url, source, entry, listed=_is_headline_of_post(anchor)):
            others.add(url)
            continue
        title = _title(anchor)
        known = links.get(url)
        if known is not None and (known.title is not None or title is None):
            continue  # a picture and a headline lead to one article: the headline has the words
        links[url] = Link(
            url=url,
            source=source.name,
            entry=entry.kind,
            title=title,
            published=_published(anchor),
            platform_id=platform_id(url, entry),
        )
    return tuple(links.values()), len(others)


def _is_headline_of_post(anchor: etree._Element) -> bool:
    """Whether WordPress itself says that the link is a post's: it is believed, however short its address."""
    if next(anchor.iterancestors(*_HEADINGS), None) is None:
        return False
    return any("type-post" in (each.get("class") or "").split() for each in anchor.iterancestors())


def _title(anchor: etree._Element) -> str | None:
    """The headline: of an anchor around a whole card its heading, for the rest is date and teaser."""
    inside = {markup.local_name(each): each for each in anchor.iterdescendants() if markup.words_of(each)}
    heading = next((inside[name] for name in _HEADINGS if name in inside), None)
    if heading is not None:
        return markup.words_of(heading)
    declared = markup.plain(anchor.get("title"))
    return declared if not _BLOCKS.isdisjoint(inside) else markup.words_of(anchor) or declared


def _published(anchor: etree._Element) -> str | None:
    """The machine-readable time in the anchor's own `article` element; null when there is none."""
    article = next(anchor.iterancestors("article"), None)
    time = next(article.iter("time"), None) if article is not None else None
    return ((time.get("datetime") or "").strip() or None) if time is not None else None


def _further(tree: etree._Element, url: str, base: str, source: Source, entry: Entry) -> str | None:
    """The next page, by the entry's template or else by the page's own link; null at the end."""
    if entry.pages is not None:
        return url_template.next_page(url, entry.url, entry.pages)
    selectors = NEXT if entry.next is None else f"{entry.next}, {NEXT}"
    named = [element.get("href") or "" for element in markup.css(selectors)(tree)]
    for href in (*named, json_list.next_page(tree) or ""):
        found = urls.absolute(href, base, entry.from_root)
        if found is not None and source.owns(found) and url_template.same(found) != url_template.same(url):
            return found
    return None


def _base(tree: etree._Element, url: str) -> str:
    """What relative links start from: the page's own `base`, else its address."""
    element = next(tree.iter("base"), None)
    declared = urls.absolute(element.get("href") or "", url) if element is not None else None
    return declared or url
