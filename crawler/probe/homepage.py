"""What one HTML page of an unknown site names: itself, its system, its feeds, lists and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from crawler.catalogue import url_template
from crawler.discovery import markup, urls
from crawler.discovery.urls import absolute
from pipelines.address import host_of
from pipelines.article import Page
from pipelines.page.tree import fold

_FEED_TYPES = ("application/rss+xml", "application/atom+xml")
_NOT_NEWS = re.compile(r"comments?\b|komentar|oembed|/(?:category|tag|author|kategori|topik)/", re.IGNORECASE)
_REST = "https://api.w.org/"
_LINK_HEADER = re.compile(r"<([^<>]*)>\s*;[^,<]*rel=\"?https://api\.w\.org/", re.IGNORECASE)
_MENUS = frozenset({"nav", "header", "footer", "aside"})
_INDEX = frozenset({"indeks", "index", "indeks-berita", "index-berita", "terkini", "terbaru", "latest", "berita-terbaru",
                    "berita-terkini"})  # fmt: skip
_NEXT_WORDS = re.compile(
    r"(?:»|>+|next|berikutnya|selanjutnya|older.*|lebih lama.*|.*sebelumnya)", re.IGNORECASE
)


MAX_ANCHORS = 2_000
"""So many links of a page are looked at: a busy front page has some 300."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link of a page to its own host, each address once."""

    url: str
    words: str
    """The longest of its texts, white space folded; empty for a picture."""
    in_menu: bool
    """All links to it stand in a menu, a header, a footer or an aside."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a page names. Null or empty: it does not."""

    title: str | None = None
    site_name: str | None = None
    """`og:site_name`, else `application-name`."""
    description: str | None = None
    generators: tuple[str, ...] = ()
    rest_root: str | None = None
    """The root of WordPress's REST interface."""
    feeds: tuple[str, ...] = ()
    """Its feeds of news, on its own host, without those of comments and sections."""
    index: str | None = None
    """The list of the newest articles."""
    pages: str | None = None
    """Template of the numbered pages of this very list."""
    anchors: tuple[Anchor, ...] = ()


def read(page: Page) -> Named | None:
    """What the page names; null where it is no HTML, and no header of it names a REST interface."""
    tree = markup.html_tree(page)
    if page.url is None:
        return None
    if tree is None:
        root = _rest_root(None, page)
        return Named(rest_root=root) if root else None
    meta = _meta(tree)
    anchors = tuple(_anchors(tree, page.url))
    return Named(
        title=next((markup.words_of(each) for each in tree.iter("title")), None),
        site_name=next(iter(meta.get("og:site_name", ()) or meta.get("application-name", ())), None),
        description=next(iter(meta.get("description", ()) or meta.get("og:description", ())), None),
        generators=tuple(meta.get("generator", ())),
        rest_root=_rest_root(tree, page),
        feeds=tuple(dict.fromkeys(_feeds(tree, page.url))),
        index=_index(anchors),
        pages=_pager(anchors, page.url),
        anchors=anchors,
    )


def _meta(tree: etree._Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name, content = element.get("property") or element.get("name"), fold(element.get("content") or "")
        if name and content:
            found.setdefault(name.strip().lower(), []).append(content)
    return found


def _rest_root(tree: etree._Element | None, page: Page) -> str | None:
    links = tree.iter("link") if tree is not None else ()
    hrefs = [link.get("href") or "" for link in links if link.get("rel") == _REST]
    hrefs += [
        match
        for name, value in page.headers
        if name.lower() == "link"
        for match in _LINK_HEADER.findall(value)
    ]
    urls = (absolute(href, page.url or "") for href in hrefs)
    return next((url for url in urls if url and host_of(url) == host_of(page.url or "")), None)


def _feeds(tree: etree._Element, url: str) -> Iterator[str]:
    for link in tree.iter("link"):
        if (link.get("type") or "").lower() not in _FEED_TYPES or "alternate" not in (
            link.get("rel") or ""
        ).lower():
            continue
        feed = absolute(link.get("href") or "", url)
        if feed and host_of(feed) == host_of(url) and not _NOT_NEWS.search(f"{feed} {link.get('title')}"):
            yield feed


def _anchors(tree: etree._Element, url: str) -> Iterator[Anchor]:
    base = next((absolute(each.get("href") or "", url) for each in tree.iter("base")), None) or url
    found: dict[str, Anchor] = {}
    for element in islice(tree.iter("a"), MAX_ANCHORS):
        target = absolute(element.get("href") or "", base)
        if target is None or host_of(target) != host_of(url):
            continue
        words = markup.words_of(element) or ""
        in_menu = any(markup.local_name(each) in _MENUS for each in element.iterancestors())
        known = found.get(target)
        if known is not None:
            words = max(known.words, words, key=len)
            in_menu = in_menu and known.in_menu
        found[target] = Anchor(target, words, in_menu)
    yield from found.values()


def _index(anchors: tuple[Anchor, ...]) -> str | None:
    """The page that the site itself calls its index, or the newest."""
    for anchor in anchors:
        segments = [each for each in urlsplit(anchor.url).path.lower().split("/") if each]
        if (len(segments) == 1 and segments[0] in _INDEX) or anchor.words.lower() in (
            "indeks",
            "index",
            "indeks berita",
        ):
            return anchor.url
    return None


def _pager(anchors: tuple[Anchor, ...], url: str) -> str | None:
    """The template that makes both the link called 2 and that called 3, or the one called next; null without."""
    second = next((anchor.url for anchor in anchors if anchor.words == "2"), None)
    third = next((anchor.url for anchor in anchors if anchor.words == "3"), None)
    if second is None:
        second = next((anchor.url for anchor in anchors if _NEXT_WORDS.fullmatch(anchor.words)), None)
    if second is None or "{" in second or urls.looks_like_article(second):
        return None
    head = second[: len(second) - len(urlsplit(second)._replace(scheme="", netloc="").geturl())]
    for match in reversed(list(re.finditer(r"(?<![0-9A-Za-z])2(?![0-9A-Za-z])", second[len(head) :]))):
        at = len(head) + match.start()
        template = f"{second[:at]}{{n}}{second[at + 1 :]}"
        if third is not None and url_template.fill(template, {"n": 3}) != third:
            continue
        if url_template.fault(template) is None and url_template.same(
            url_template.fill(template, {"n": 1})
        ) != url_template.same(second):
            return template
    return None
