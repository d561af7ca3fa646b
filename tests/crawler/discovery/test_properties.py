"""What holds of every parser of discovery, whatever a site sends: links or a reason, never a fault.

Each property runs in a few examples among the quick tests, and in many among the heavy ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.catalogue import url_template
from crawler.catalogue.model import Entry, EntryKind, Source
from crawler.discovery import entry as entries
from crawler.discovery import urls
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from pipelines.article import Link, Page
from tests.kit.strategies import (
    ADDRESSES,
    HEADERS,
    LENGTHS,
    MARKUP,
    SITES,
    TEXTS,
    as_json,
    documents,
    spoilt,
    wronged,
)

HOME = "https://expresi.co/"
OUTLET = Source(
    name="expresi",
    title="Expresi",
    home=HOME,
    timezone="Asia/Makassar",
    clock="Asia/Makassar",
    hosts=("expresi.co",),
)
WINDOWS = st.sampled_from([
    Window(None, None, "Asia/Makassar"),
    Window(date(2024, 11, 11), date(2024, 11, 20), "Asia/Makassar"),
    Window(date.min, date.max, "Asia/Jayapura", "Asia/Jakarta"),
])  # fmt: skip
READ_AT = datetime(2024, 11, 22, 2, tzinfo=UTC)

POSTS: list[Any] = json.loads((SITES / "expresi.co/wp-json/posts.json").read_bytes())[:3]
LISTED: dict[str, Any] = {
    "props": {"next_page_url": HOME + "?page=2", "data": [
        {"id": 7, "title": "Dermaga Kayu Bontang Kuala Diperbaiki", "slug": "dermaga-kayu-bontang-kuala-diperbaiki",
         "url": "/2024/11/18/dermaga-kayu-bontang-kuala-diperbaiki/", "published_at": "2024-11-18", "category": {"slug": "kota"}},
        {"id": "8", "judul": "Warga Bontang Lestari Menanam Pohon", "link": HOME + "warga-bontang-lestari-menanam-pohon/", "section": "kota"},
    ]},
}  # fmt: skip
KINDS: dict[EntryKind, list[bytes]] = {
    "rss": documents(
        "fixtures/sites/**/feed*/*.xml", "fixtures/sites/**/*feed*", "fixtures/sites/**/rss/*", most=6
    ),
    "sitemap": documents("fixtures/sites/**/*sitemap*.xml", "fixtures/sites/**/robots.txt", most=8),
    "news_sitemap": documents("fixtures/sites/**/*sitemap*.xml", most=6),
    "wordpress": [as_json(POSTS)],
    "listing": documents("fixtures/sites/*/index.html", "fixtures/sites/**/category/**/*.html", most=5),
}

at_length = pytest.mark.parametrize("length", LENGTHS)
Length = Callable[..., settings]


def document(body: bytes, path: str = "", header: str = "", status: int = 200) -> Page:
    headers = (("Content-Type", header), ("X-WP-Total", "9" * 30), ("X-WP-TotalPages", "-1"))
    return Page(HOME + path, "expresi", READ_AT, status, headers, body)


def yields_links_or_a_reason(page: Page, kind: EntryKind, window: Window) -> None:
    """By a bare entry and by one that says all it can."""
    made: dict[str, Any] = {
        "pages": HOME + "?page={n}", "item": "h2, article", "next": ".next", "article": r"^/(?:[\w-]+/)*(?P<id>[\w-]+)",
    }  # fmt: skip
    for entry in (Entry(kind, HOME), Entry(kind, HOME, **made)):
        outcome = entries.read(page, OUTLET, entry, window)
        assert isinstance(outcome, Found | Unusable)
        if isinstance(outcome, Found):
            for link in outcome.links:
                assert OUTLET.owns(link.url)
                assert link.url.startswith(("http://", "https://"))
                said = (
                    link.title,
                    link.published,
                    link.modified,
                    link.platform_id,
                    *link.tags,
                    *link.authors,
                )
                " ".join((link.url, *filter(None, said))).encode()
                assert all(len(each) <= entries.MAX_TITLE_CHARS for each in said if each)
                assert window.holds(link) in (True, False, None)
                window.likely_day(link)
            assert len({link.url for link in outcome.links}) == len(outcome.links)
            assert all(urls.split(each) for each in outcome.more)


@at_length
@pytest.mark.parametrize("kind", get_args(EntryKind))
def test_no_spoilt_document_is_a_fault(kind: EntryKind, length: Length) -> None:
    """Real feeds, sitemaps, answers and listings, cut and spliced, and the documents of other kinds."""
    others = [document for each in KINDS.values() for document in each[:1]]

    @length()
    @given(
        spoilt([*KINDS[kind], *others]),
        HEADERS,
        st.sampled_from(["", "robots.txt", "?page=2&per_page=100", "feed/"]),
        WINDOWS,
    )
    def holds(body: bytes, header: str, path: str, window: Window) -> None:
        yields_links_or_a_reason(document(body, path, header), kind, window)

    holds()


@at_length
def test_no_answer_of_wrong_types_is_a_fault(length: Length) -> None:
    """Any field of a REST answer may hold anything, and so may the answer."""

    @length()
    @given(wronged(POSTS), WINDOWS, st.sampled_from([200, 400, 403, 500]))
    def holds(answer: Any, window: Window, status: int) -> None:
        for body in (answer, answer[0], {"code": answer}):
            yields_links_or_a_reason(document(as_json(body), "?page=2", status=status), "wordpress", window)

    holds()


def test_half_a_character_costs_one_link_not_the_document() -> None:
    """JSON can spell it, and nothing can keep it: a REST answer of an address or a title cut in two still lists the rest."""
    broken = [
        POSTS[0] | {"link": HOME + "\ud83d/"},
        POSTS[1] | {"title": {"rendered": "Judul \ud83d"}},
        POSTS[2],
    ]
    found = entries.read(
        document(as_json(broken)), OUTLET, Entry("wordpress", HOME), Window(None, None, "UTC")
    )
    assert isinstance(found, Found)
    assert [link.url for link in found.links] == [POSTS[1]["link"], POSTS[2]["link"]]


def test_what_is_too_long_to_be_meant_is_not_kept() -> None:
    """It would be written down with every answer to its link."""
    said = {"title": "Judul " * 300_000, "url": HOME + "satu-dua-tiga-empat-lima/", "published_at": "9" * 300}
    listed = f'<script id="__NEXT_DATA__">{json.dumps(said)}</script>'
    found = entries.read(
        document(f"<html><body>{listed}</body></html>".encode()),
        OUTLET,
        Entry("listing", HOME),
        Window(None, None, "UTC"),
    )
    assert isinstance(found, Found)
    ((title, published),) = [(link.title, link.published) for link in found.links]
    assert (title, published) == (None, None)


@at_length
def test_no_list_in_a_script_is_a_fault(length: Length) -> None:
    """A page's own JSON may hold anything, as deep as it likes, beside markup of any kind."""

    @length()
    @given(wronged(LISTED), MARKUP, WINDOWS)
    def holds(data: Any, around: bytes, window: Window) -> None:
        script = b"<script id='__NEXT_DATA__' type='application/json'>" + as_json(data) + b"</script>"
        yields_links_or_a_reason(document(script + around), "listing", window)
        yields_links_or_a_reason(document(around + script), "listing", window)

    holds()


@at_length
def test_an_href_of_any_kind_means_an_address_or_none(length: Length) -> None:
    """What it means is an address of the web, and meant by itself again."""

    @length(200)
    @given(st.one_of(ADDRESSES, TEXTS), st.booleans())
    def holds(href: str, from_root: bool) -> None:
        found = urls.absolute(href, HOME + "daerah/", from_root)
        urls.post_id(href)
        url_template.next_page(href, HOME, HOME + "?page={n}")
        assert urls.looks_like_article(href) in (True, False)
        assert urls.is_listed_article(href) in (True, False)
        assert found is None or urls.absolute(found, HOME) == found

    holds()


@at_length
def test_a_hint_of_any_kind_means_days_or_none(length: Length) -> None:
    """Of whatever a feed calls a date: first and last day in their order, and a window that can judge them."""

    @length(200)
    @given(TEXTS, TEXTS, ADDRESSES, WINDOWS)
    def holds(published: str, modified: str, url: str, window: Window) -> None:
        link = Link(url=url, source="expresi", entry="rss", published=published, modified=modified)
        span = window.days(link)
        assert span is None or span[0] <= span[1]
        assert window.holds(link) in (True, False, None)
        window.is_before(link)
        window.is_past(modified)

    holds()
