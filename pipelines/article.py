"""The vocabulary: what travels through Kabar, and the closed list of reasons for rejection.

Four values, all frozen: `Link → Page → Article | Rejected`. This module decides only what each of them
carries; `pipelines.read` makes Articles from a Page, `storage.merge` decides what is kept of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Literal

Reason = Literal[
    "not_html",  # the body is no HTML: an image, a PDF, a binary file
    "http_error",  # the server answered with an error status
    "too_large",  # larger than `refuse.MAX_BODY_BYTES`, scripts and styles apart, or has too many elements
    "empty",  # no body, or nothing in it
    "too_short",  # under `read.MIN_TEXT_CHARS` characters of clean text
    "listing_page",  # a section, tag, author or search page
    "not_an_article",  # a page of another kind: about, contact, video, gallery
    "wrong_language",  # a language that the source's rules exclude
    "undecodable",  # no character set makes text of the bytes
    "parser_error",  # a parser failed, crashed or ran out of time
    "soft_404",  # status 200, but the page says that there is nothing here
    "off_site",  # the address led to a host that is not the source's
    "forgotten",  # erased by `scrapy forget`, kept out
    "out_of_window",  # published outside the `since`/`until` of the crawl that fetched it
]

Document = Literal["page", "rest", "feed", "text"]
"""The kind of document an Article was read from. Only readings of one kind are compared (edits)."""

Precision = Literal["second", "minute", "day"]
PublishedFrom = Literal["json-ld", "meta", "time", "rest", "feed", "sitemap", "url", "rule"]
AdvertorialFrom = Literal["text", "section", "label"]
Notice = Literal["ralat", "koreksi", "hak_jawab", "pencabutan"]


@dataclass(frozen=True, slots=True)
class Link:
    """An address worth fetching, with the hints of discovery. Null: discovery gave no such hint."""

    url: str
    source: str
    entry: str
    """What led to the address: the kind of the entry (`rss`, `sitemap`, …) or `pending`, `recheck`, `user`."""
    title: str | None = None
    published: str | None = None
    """The publication date as the entry spells it, with its zone where it has one."""
    modified: str | None = None
    """`lastmod`, `modified_gmt` …, as the entry spells it, with its zone where it has one."""
    platform_id: str | None = None
    """The platform's own number for the article, e.g. a WordPress post id."""
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    language: str | None = None
    """ISO 639-1, of the item itself: the language of a whole feed is often a system's default."""


OK, NOT_MODIFIED = 200, 304
"""Statuses of HTTP that decide how a page is read; a page without an answer of its own counts as OK."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a server answered, or what a file held. `body` is decoded of transfer encodings only."""

    url: str | None
    """The final address, after redirects. Null for a file without an address."""
    source: str
    fetched_at: datetime
    """Zone-aware. For a recording, the recording's own moment."""
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    document: Document = "page"
    link: Link | None = None
    """The hints of discovery; archived beside the response."""
    take: tuple[str, ...] | None = None
    """Of a document that holds many articles, the platform ids wanted. Null: all of them."""
    since: date | None = None
    until: date | None = None
    """The crawl's window, in the outlet's days, inclusive. Null: open on that side."""
    parts: tuple[Page, ...] = ()
    """Further parts of a multi-page article, in their order."""
    segment: str | None = None
    """The archive file that holds the page, relative to `segments/`. Null: not archived."""
    record_offset: int | None = None
    """Where the response record starts in `segment`, in bytes of the compressed file."""
    asked_with: tuple[tuple[str, str], ...] = ()
    """The headers of the request, less what logs in. Empty: nobody asked, or it is not known with which."""

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case; null where the server sent none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a page or document did not become an article. A value: counted and stored as a row."""

    url: str | None
    source: str
    fetched_at: datetime
    reason: Reason
    detail: str | None = None
    """What exactly was found, for people. Null: the reason says it all."""
    retry: bool = False
    """The page is asked for again: it says that it is a pause (a site at rest, a guard before it)."""
    day: date | None = None
    """The outlet's day of publication, where that is the reason."""
    status: int | None = None
    """The status that the server answered, where that is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The clean result: one article as one reading of one document found it.

    The fields are the columns of `articles` (docs/fields.md), without those that exist only after the
    merge; null means that the document does not clearly say. Fields named in `INTERNAL` serve identity and
    versions and are no columns.
    """

    article_id: str
    source: str
    host: str | None
    url: str | None
    title: str | None
    description: str | None
    text: str
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    section: str | None = None
    dateline: str | None = None
    image_url: str | None = None
    credited_source: str | None = None
    published_at: datetime | None = None
    modified_at: datetime | None = None
    published_on: date | None = None
    published_precision: Precision | None = None
    published_raw: str | None = None
    published_from: PublishedFrom | None = None
    published_conflict: bool = False
    is_advertorial: bool = False
    advertorial_from: AdvertorialFrom | None = None
    advertorial_sponsor: str | None = None
    is_complete: bool = True
    language: str | None = None
    language_confidence: float | None = None
    word_count: int
    fetched_at: datetime
    removed_at: datetime | None = None
    notice_type: Notice | None = None
    usage_notice: str | None = None
    fingerprint: str
    rules_version: str
    segment: str | None = None
    record_offset: int | None = None
    keys: tuple[str, ...] = field(default=(), repr=False)
    """What identifies the article: its name, which gives `article_id`, then its witnesses (`pipelines.dedupe`)."""
    served_at: str | None = field(default=None, repr=False)
    """The address that served it, while `url` is the one that it gives itself. Null: a file without one."""
    document: Document = field(default="page", repr=False)


INTERNAL = frozenset({"keys", "served_at", "document"})

COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(Article) if f.name not in INTERNAL)
"""The fields of an Article that users see, in order: a feed's columns."""
