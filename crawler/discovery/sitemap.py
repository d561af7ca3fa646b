"""Sitemaps (of XML, of plain text, or a feed in the place of one), indexes, news sitemaps, the `Sitemap:` lines of a robots.txt.

The root element decides, never the status: sites answer an unknown address with their front page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from lxml import etree

from crawler.catalogue import url_template
from crawler.catalogue.model import Entry, Source
from crawler.discovery import feed, markup, urls
from crawler.discovery.article_url import is_article, platform_id
from crawler.discovery.found import CUT, Found, Unusable
from crawler.discovery.window import Window
from pipelines.article import Link, Page
from pipelines.page.tree import MAX_NAME_CHARS

_NOT_POSTS = frozenset({
    "attachment", "author", "authors", "categories", "category", "foto", "galeri", "gallery", "iklan",
    "image", "images", "page", "pages", "tag", "tags", "taxonomies", "taxonomy", "users", "video", "videos",
})  # fmt: skip
"""Words in a child sitemap's address that say it lists something else than articles."""
_POSTS = frozenset({"article", "articles", "artikel", "berita", "post", "posts"})
"""Words that say it lists articles, among hundreds that list a theme's own kinds of page."""
_ADDRESS_LINE = re.compile(rb"\s*(?:https?:/{0,3}|www\.)[^\s<>]+(?:\s[^<>]*)?$", re.IGNORECASE)
_FIRST_BYTES = 4_096
"""Of a text that lists addresses, remarks before them included."""
_ROBOTS_LINE = re.compile(rb"(?<![^\r\n])[ \t]*sitemaps?[ \t]*:[ \t]*[\"'<]?([^\s\"'<>]+)", re.IGNORECASE)


def read(page: Page, source: Source, entry: Entry, window: Window) -> Found | Unusable:
    """The articles of a sitemap, or the child sitemaps of an index that the window may need."""
    url = page.url or entry.url
    if urlsplit(url).path.endswith("/robots.txt"):
        return _of_robots(page, url, source)
    text = markup.utf8(page.body, page.header("Content-Type"))
    if _lists_addresses(text):
        return _of_text(text.decode("utf-8", "replace"), url, source, entry)
    document = markup.xml(page)
    if document is None:
        return Unusable("no XML, so no sitemap")
    match document.name:
        case "urlset":
            found = _of_urlset(document.root, url, source, entry)
        case "sitemapindex":
            found = _of_index(document.root, url, source, entry, window)
        case name if name in feed.ROOTS:  # the protocol allows it
            return feed.of_document(document, page, source, entry)
        case name:
            return Unusable(f"an {name[:MAX_NAME_CHARS]} document, not a sitemap")
    return _as_cut(found) if document.is_cut else found


def _as_cut(found: Found | Unusable) -> Found | Unusable:
    """What was found, of a document that ends before its end."""
    if isinstance(found, Found):
        return replace(found, is_cut=True)
    return Unusable(f"a sitemap, {CUT}", is_cut=True)


def _lists_addresses(text: bytes) -> bool:
    """Whether a document is a text of addresses, one a line, perhaps with a day beside it or remarks (`#`) before."""
    lines = filter(None, map(bytes.strip, text[:_FIRST_BYTES].splitlines()))
    first = next((line for line in lines if not line.startswith(b"#")), b"")
    return _ADDRESS_LINE.match(first) is not None


def _of_text(text: str, url: str, source: Source, entry: Entry) -> Found | Unusable:
    """The addresses of a text that lists them, one a line."""
    lines = [words for line in text.splitlines() if (words := line.split()) and not words[0].startswith("#")]
    is_whole = text.endswith(_LINE_ENDS) or _has_shape(lines[-1], lines[:-1])
    if not is_whole:
        lines.pop()
    named = {each for words in lines if (each := urls.absolute(words[0], url)) is not None}
    links = {
        each: Link(url=each, source=source.name, entry=entry.kind, platform_id=platform_id(each, entry))
        for words in lines
        if (each := urls.absolute(words[0], url)) is not None and is_article(each, source, entry, listed=True)
    }
    found = Found(links=tuple(links.values()), skipped=len(named) - len(links))
    return found if is_whole else _as_cut(found if lines else Unusable(CUT))


_LINE_ENDS = ("\n", "\r")
_ADDRESS_END = re.compile(r"/$|\.[a-z]{2,5}$|\d+$", re.IGNORECASE)


def _has_shape(last: list[str], others: list[list[str]]) -> bool:
    """Whether a last line without an end of its own ends as an earlier one does, and so is whole.

    As deep an address, with a slash, an extension, or a number of as many digits. Where addresses end in words,
    nobody can tell half a line from a whole one: a stump is never asked for, so that is taken for half.
    """
    shape = _shape(last)
    return shape is not None and shape in map(_shape, others)


def _shape(line: list[str]) -> tuple[object, ...] | None:
    """How a line of an address, and perhaps more, ends; null: in a word."""
    address, *more = line
    end = _ADDRESS_END.search(address)
    if end is None and not more:
        return None
    ending = re.sub(r"\d", "0", end[0].lower()) if end else ""
    return (address.count("/"), ending, *map(len, more))


def _of_urlset(root: etree._Element, url: str, source: Source, entry: Entry) -> Found | Unusable:
    items = [each for each in root.iter() if markup.local_name(each) == "url"]
    if not items and (entry.kind == "news_sitemap" or url_template.is_dated(entry.url)):
        return Found()  # of two days, or of one: they may have brought nothing
    if not items:
        return Unusable("a sitemap that lists nothing")
    named = [link for each in items for link in _links(each, url, source, entry)]
    links = tuple({link.url: link for link in named}.values())
    children = tuple(dict.fromkeys(_sitemaps_among(items, url, source)))
    skipped = len(items) - len(links) - len(children)
    return Found(links=links, more=children, skipped=skipped, items=len(named))


def _sitemaps_among(items: Iterable[etree._Element], page_url: str, source: Source) -> Iterator[str]:
    """The sitemaps that stand where articles should: some systems print their index so."""
    for item in items:
        url = urls.absolute(_text(item, "loc") or "", markup.base_of(item, page_url))
        if (
            url is not None
            and _IS_SITEMAP.search(urlsplit(url).path)
            and url != page_url
            and source.owns(url)
        ):
            yield url


_IS_SITEMAP = re.compile(r"sitemap[^/]*\.xml(?:\.gz)?$", re.IGNORECASE)


def _links(item: etree._Element, page_url: str, source: Source, entry: Entry) -> Iterator[Link]:
    url = urls.absolute(_text(item, "loc") or "", markup.base_of(item, page_url))
    if url is None or not is_article(url, source, entry, listed=True) or _IS_SITEMAP.search(url):
        return
    news = next((each for each in item if markup.local_name(each) == "news"), None)
    keywords = _text(news, "keywords") if news is not None else None
    yield Link(
        url=url,
        source=source.name,
        entry=entry.kind,
        title=markup.plain(_text(news, "title")) if news is not None else None,
        published=_text(news, "publication_date") if news is not None else None,
        modified=_text(item, "lastmod"),
        platform_id=platform_id(url, entry),
        tags=_tags(keywords),
        language=markup.language(_language(news)) if news is not None else None,
    )


def _language(news: etree._Element) -> str | None:
    publication = next((each for each in news if markup.local_name(each) == "publication"), None)
    return _text(publication, "language") if publication is not None else None


def _tags(keywords: str | None) -> tuple[str, ...]:
    """`news:keywords`: a list with commas; some print a JSON list of it."""
    words = (markup.plain(word.strip(' \t\r\n[]"')) for word in (keywords or "").split(","))
    return tuple(dict.fromkeys(word for word in words if word is not None))


def _of_index(
    root: etree._Element, url: str, source: Source, entry: Entry, window: Window
) -> Found | Unusable:
    """Children, most promising first: of news, of posts by name, the latest changed, those of the highest number."""
    children: list[tuple[tuple[bool, bool, str, int], str]] = []
    named = 0
    for each in root.iter():
        child = urls.absolute(_text(each, "loc") or "", markup.base_of(each, url))
        if markup.local_name(each) != "sitemap" or child is None:
            continue
        named += 1
        words, changed = _words(child), _text(each, "lastmod")
        if not source.owns(child) or not words.isdisjoint(_NOT_POSTS) or window.is_past(changed):
            continue
        rank = ("news" in words, not words.isdisjoint(_POSTS), changed or "", _number(child))
        children.append((rank, child))
    if not named:
        return Unusable("a sitemap index that lists nothing")
    if entry.kind == "news_sitemap" and any(rank[0] for rank, _ in children):
        children = [each for each in children if each[0][0]]
    children.sort(key=lambda each: each[0], reverse=True)
    ordered = tuple(dict.fromkeys(child for _, child in children))
    return Found(more=ordered, skipped=named - len(ordered))


def _of_robots(page: Page, url: str, source: Source) -> Found | Unusable:
    lines = _ROBOTS_LINE.findall(markup.utf8(page.body, page.header("Content-Type")))
    named = [urls.absolute(line.decode("utf-8", "replace"), url) for line in lines]
    own = list(dict.fromkeys(each for each in named if each is not None and source.owns(each)))
    if not own:
        return Unusable("a robots.txt that names no sitemap")
    return Found(more=tuple(sorted(own, key=lambda each: "news" not in _words(each))))


def _words(url: str) -> frozenset[str]:
    """The words of an address; `?page=2` counts the parts of a sitemap, and says nothing of what it lists."""
    parts = urlsplit(_PAGE_NUMBER.sub("", url))
    return frozenset(re.split(r"[^a-z0-9]+", f"{parts.path}?{parts.query}".lower()))


_PAGE_NUMBER = re.compile(r"(?<=[?&])page=(?=\d)", re.IGNORECASE)


def _number(url: str) -> int:
    """The last number in an address: of numbered children without dates, the highest is the newest."""
    numbers = re.findall(r"\d{1,9}", url.rpartition("/")[2])
    return int(numbers[-1]) if numbers else 0


def _text(element: etree._Element, name: str) -> str | None:
    """The text of an element's first own child of that name; null when there is none."""
    for child in element:
        if markup.local_name(child) == name:
            text = str(child.xpath("string()")).strip()
            if text:
                return text
    return None
