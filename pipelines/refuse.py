"""What is no article: bytes that are no document, pages that are gone, lists, pages of another kind.

Every answer is a `Rejected` with its reason, or null where nothing speaks against reading on. When in
doubt a page is read: a list among the articles is seen, an article among the lists is lost.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from pipelines import metadata
from pipelines.address import canonical, host_of
from pipelines.article import Page, Reason, Rejected
from pipelines.clean import Cleaned
from pipelines.metadata import Facts
from pipelines.rules import Rules
from pipelines.tree import fold

MAX_BODY_BYTES = 2_000_000
MAX_REST_BYTES = 10_000_000
"""A REST answer holds up to a hundred articles."""


def reject(page: Page, reason: Reason, detail: str | None = None, url: str | None = None) -> Rejected:
    """The page, or the article of it at `url`, rejected."""
    return Rejected(
        url=url or page.url, source=page.source, fetched_at=page.fetched_at, reason=reason, detail=detail
    )


# --- before parsing -------------------------------------------------------------------------------

# Signatures of formats that servers send in an article's place. Only such as no text begins with.
_BINARY = (
    *(b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"PK\x03\x04", b"\x1f\x8b", b"\x7fELF"),
    *(b"OggS\x00", b"Rar!\x1a", b"\x00\x00\x01\x00", b"\x00\x00\x00\x18ftyp", b"\x00\x00\x00\x20ftyp"),
)
_TEXT_TYPE = re.compile(
    r"\s*(?:text/|application/(?:xhtml|xml|json|[\w.+-]*\+(?:xml|json)|octet-stream|x-)|$)", re.IGNORECASE
)
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|div|p|article|h1|span|table|meta|title|section|main|br)\b", re.I
)


def unreadable(page: Page) -> Rejected | None:
    """Refuses what need not be parsed at all."""
    kind = page.header("content-type") or ""
    head = page.body[:4096]
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or "utf-16" in kind.lower()
    limit = MAX_BODY_BYTES if page.document == "page" else MAX_REST_BYTES
    if page.status >= 400:
        return reject(page, "http_error", str(page.status))
    if not page.body.strip():
        return reject(page, "empty")
    if len(page.body) > limit:
        return reject(page, "too_large", f"{len(page.body)} bytes")
    if head.startswith(_BINARY) or (b"\x00" in head and not is_wide):
        return reject(page, "not_html", kind or "binary")
    if not _TEXT_TYPE.match(kind) and not _MARKUP.search(head):
        return reject(page, "not_html", kind)
    return None


def off_site(page: Page, rules: Rules, url: str | None = None) -> Rejected | None:
    """Refuses an address of a host that is not the source's; without hosts in the rules, none."""
    address = url or page.url
    if (
        address is None
        or not rules.hosts
        or {host_of(address), host_of(canonical(address))} & set(rules.hosts)
    ):
        return None
    return reject(page, "off_site", host_of(address), address)


# --- after parsing --------------------------------------------------------------------------------

_LISTS = "tag tags category kategori kanal author penulis page search topic topik indeks index terkini terpopuler top-news"
_LISTING_SEGMENTS = frozenset(_LISTS.split())
_HOUSE_PAGES = re.compile(
    r"tentang(?:-kami)?|about(?:-us)?|kontak(?:-kami)?|contact(?:-us)?|hubungi-kami|(?:susunan-)?redaksi|privacy(?:-policy)?"
    r"|kebijakan-privasi|pedoman-(?:media-siber|pemberitaan.*)|disclaimer|kode-etik.*|info-iklan|karir"
)
_LISTING_CLASSES = frozenset({"archive", "search", "search-results", "search-no-results", "blog", "home"})
_HOUSE_CLASSES = frozenset({"page-template-default", "wp-singular", "page-template"})
_MISSING = re.compile(
    r"\b(?:error )?404\b|\b(?:halaman|berita|artikel|laman) (?:yang anda cari )?(?:tidak (?:di)?temukan|(?:telah|sudah) dihapus)"
    r"|\b(?:page )?not found\b|^oops\b",
    re.IGNORECASE,
)


def no_article(tree: HtmlElement, facts: Facts, page: Page) -> Rejected | None:
    """Refuses a page that says itself what else it is: gone, a list, a page of the house."""
    classes = {name for value in tree.xpath("//body/@class") for name in str(value).split()}
    return (
        _gone(tree, facts, page, classes) or _list(facts, page, classes) or _house_page(facts, page, classes)
    )


def _gone(tree: HtmlElement, facts: Facts, page: Page, classes: set[str]) -> Rejected | None:
    title = facts.title or ""
    if "error404" in classes:
        return reject(page, "soft_404", "body.error404")
    if not facts.is_article and facts.published is None and len(title) < 80 and _MISSING.search(title):
        return reject(page, "soft_404", title)
    if (
        page.url
        and not metadata.is_front(page.url)
        and facts.kind != "article"
        and _names_front(tree, page.url)
    ):
        return reject(page, "soft_404", "answers with the front page")
    return None


def _list(facts: Facts, page: Page, classes: set[str]) -> Rejected | None:
    is_front = page.url is not None and metadata.is_front(page.url)
    in_list = (
        is_front or bool(classes & _LISTING_CLASSES) or not _LISTING_SEGMENTS.isdisjoint(_segments(page)[:2])
    )
    if in_list and not facts.is_story:
        return reject(page, "listing_page", "front page" if is_front else None)
    return None


def _house_page(facts: Facts, page: Page, classes: set[str]) -> Rejected | None:
    if facts.is_article:
        return None
    segments = _segments(page)
    if segments and _HOUSE_PAGES.fullmatch(segments[-1]):
        return reject(page, "not_an_article", segments[-1])
    if "page" in classes and classes & _HOUSE_CLASSES and "single-post" not in classes:
        return reject(page, "not_an_article", "a WordPress page")
    return None


def _segments(page: Page) -> list[str]:
    return [segment for segment in urlsplit(page.url or "").path.lower().split("/") if segment]


def _names_front(tree: HtmlElement, url: str) -> bool:
    """Whether a page at an inner address says that it is its host's front page."""
    found = tree.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
    named = [str(address).strip() for address in found]
    return any(host_of(name) == host_of(url) and metadata.is_front(name) for name in named if name)


# --- after reading --------------------------------------------------------------------------------

MIN_STORIES = 5
"""A page that leads to fewer stories is no list, whatever it tells."""

RUNNING_CHARS = 140
"""A teaser's summary is shorter, two paragraphs of a story are longer."""

_INDEX_TITLE = re.compile(
    r"(?:indeks|index|arsip|kategori|tag|topik|hasil pencarian|search results)\b"
    r"|(?:kumpulan )?berita\b.{0,60}\b(?:terkini|terbaru|hari ini)",
    re.IGNORECASE,
)


_SENTENCE = re.compile(r"""[.!?]["'\u201d\u2019)]*$""")


def stories_linked(tree: HtmlElement) -> int:
    """How many stories a page leads to: links whose text is as long as a headline."""
    found = {
        link.get("href") for link in tree.iter("a") if len(fold("".join(map(str, link.itertext())))) > 30
    }
    return len(found - {None})


def _is_of_title(text: str, title: str | None) -> bool:
    """Whether a text tells what its headline says."""
    words = _words(title)
    return _is_headline(title) and 2 * sum(word in text.lower() for word in words) >= len(words)


def _is_headline(title: str | None) -> bool:
    """Whether a title says something: a list's title is a word or two."""
    return len(_words(title)) >= 4 and not _INDEX_TITLE.match(title or "")


def _words(title: str | None) -> set[str]:
    return {word for word in re.findall(r"\w+", (title or "").lower()) if len(word) > 3}


def no_story(page: Page, facts: Facts, cleaned: Cleaned, stories: int, min_chars: int) -> Rejected | None:
    """Refuses a page that does not call itself an article and tells none.

    Some systems say `og:type` article on every page: a list's title over no sentence outweighs that.
    """
    if facts.is_article and (
        facts.is_story
        or not _INDEX_TITLE.match(facts.title or "")
        or any(len(paragraph) >= 60 and _SENTENCE.search(paragraph) for paragraph in cleaned.paragraphs)
    ):
        return None
    is_list = stories >= MIN_STORIES or _INDEX_TITLE.match(facts.title or "") is not None
    if len(cleaned.text) < min_chars:
        detail = f"{len(cleaned.text)} characters of text"
        is_headless = is_list and not _is_headline(facts.title)
        return reject(page, "listing_page" if is_headless else "not_an_article", detail)
    running = [paragraph for paragraph in cleaned.paragraphs if len(paragraph) >= RUNNING_CHARS]
    tells = (
        len(running) > 1
        or sum(map(len, running)) >= 0.5 * len(cleaned.text)
        or ((cleaned.dateline or facts.published) is not None and _is_of_title(cleaned.text, facts.title))
    )
    if is_list and not tells:
        return reject(page, "listing_page", f"leads to {stories} stories, tells none")
    return None
