"""Entries at work: what is asked first, when an answer is the last, and what no bytes can break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.catalogue.model import Entry, EntryKind, Source
from crawler.discovery import entry as entries
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from pipelines.article import Page

HOME = "https://wartapesisir.example/"
TODAY = date(2024, 11, 20)
Document = Callable[..., Page]


def window(since: date | None = None, until: date | None = None) -> Window:
    return Window(since, until, "Asia/Makassar")


@pytest.mark.parametrize(
    ("days", "documents"),
    [
        (window(date(2024, 11, 18)), ["20-11-2024", "19-11-2024", "18-11-2024"]),
        (window(date(2024, 10, 31), date(2024, 11, 1)), ["01-11-2024", "31-10-2024"]),
        (window(date(2024, 11, 20), date(2024, 12, 31)), ["20-11-2024"]),
        (window(), ["20-11-2024"]),
        (window(date(2024, 11, 21)), []),
    ],
)
def test_a_dated_listing_is_asked_day_by_day(days: Window, documents: list[str]) -> None:
    """One document for each day of the window up to today, newest first."""
    entry = Entry("listing", HOME + "indeks?d={day:02}-{month:02}-{year}")
    assert entries.start(entry, days, TODAY) == tuple(f"{HOME}indeks?d={day}" for day in documents)


def test_other_entries_start_with_one_document() -> None:
    """A feed has one first document, whatever the window."""
    assert entries.start(Entry("rss", HOME + "feed/"), window(date(2020, 1, 1)), TODAY) == (HOME + "feed/",)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, "<html>", "HTTP 404"),
        (503, "<rss><channel/></rss>", "HTTP 503"),
        (200, " \n", "HTTP 200, nothing in it"),
        (304, "", "HTTP 304, nothing in it"),
    ],
)
def test_an_error_is_unusable(
    document: Document, outlet: Source, status: int, body: str, reason: str
) -> None:
    """An error status or an empty body is no document, whatever it holds."""
    assert entries.read(document(body, status=status), outlet, Entry("rss", HOME), window()) == Unusable(
        reason
    )


@pytest.mark.parametrize(
    ("since", "goes_on"),
    [(date(2024, 11, 18), True), (date(2024, 11, 19), True), (date(2024, 11, 20), False)],
)
def test_a_page_older_than_the_window_is_the_last(
    document: Document, outlet: Source, since: date, goes_on: bool
) -> None:
    """Newest comes first, so a page of which everything is too old has no page worth asking behind it."""
    items = "".join(
        f"<item><link>/kabar-{day}/</link><pubDate>{day} Nov 2024 09:00:00 +0800</pubDate></item>"
        for day in (19, 18)
    )
    feed = Entry("rss", HOME, pages=HOME + "?paged={n}")
    outcome = entries.read(document(f"<rss><channel>{items}</channel></rss>"), outlet, feed, window(since))
    assert isinstance(outcome, Found)
    assert bool(outcome.more) is goes_on


FRAGMENTS = st.sampled_from([
    b"<rss><channel>", b"<item>", b"<link>https://wartapesisir.example/a-b-c-d/</link>", b"</item>",
    b"<urlset>", b"<url>", b"<loc>", b"</loc>", b"<sitemapindex>", b"<sitemap>", b"<feed>", b"<entry>",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?php", b"<?xml ?>",
    b"\xff\xfe", b"\x00", b"\x1f\x8b", b"<a href='//[x'>", b"<base href='http://[::1'>", b"<h2>",
    b"<a href=' http://wartapesisir.example:99999999/a-b-c-d'>", b"<meta charset=utf-7>", b"]", b"{",
    b'[{"link":"https://wartapesisir.example/a/","id":1e999,"title":{"rendered":"\\ud800"}}',
    b'"_embedded":', b"Sitemap: http://[x", b"<time datetime=''>", b"<news:news>", b"<dc:creator>",
])  # fmt: skip


@pytest.mark.parametrize("kind", get_args(EntryKind))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    body=st.one_of(st.binary(max_size=400), st.lists(FRAGMENTS, max_size=12).map(b"".join)),
    charset=st.sampled_from(["", "utf-16", "utf-7", "rot13", "idna", "undefined", "hex", "x" * 300]),
    path=st.sampled_from(["", "robots.txt", "?page=99999999999999999999", "feed/"]),
)
def test_no_bytes_make_a_parser_raise(
    document: Document, outlet: Source, kind: EntryKind, *, body: bytes, charset: str, path: str
) -> None:
    """Whatever a server sends, reading it ends in links or in a reason."""
    page = document(body, url=HOME + path, Content_Type=f"text/html; charset={charset}")
    made: dict[str, Any] = {"pages": HOME + "?page={n}", "item": "h2", "article": r"^/(?P<id>a)?"}
    for each in (Entry(kind, HOME), Entry(kind, HOME, **made)):
        outcome = entries.read(page, outlet, each, window(date(2024, 11, 11)))
        assert isinstance(outcome, Found | Unusable)
        if isinstance(outcome, Found):
            assert all(outlet.owns(link.url) for link in outcome.links)


def test_a_document_without_an_address_is_read_as_the_entrys(document: Document, outlet: Source) -> None:
    """A document from a file has no address; its links are resolved against the entry's."""
    page = replace(document("<a href='a-b-c-d/'>Judul</a>"), url=None)
    outcome = entries.read(page, outlet, Entry("listing", HOME + "daerah/"), window())
    assert isinstance(outcome, Found)
    assert [link.url for link in outcome.links] == [HOME + "daerah/a-b-c-d/"]


def test_an_article_is_one_link_however_often_it_is_spelt(document: Document, outlet: Source) -> None:
    """Its own page is asked for, wherever its AMP and mobile twins stand in the list."""
    slug = "wartapesisir.example/pasar-pagi-bontang-dibuka/"
    spelt = [
        f"https://{slug}?amp=1",
        f"https://m.{slug}",
        f"https://{slug}",
        f"http://{slug}",
        f"https://{slug}?amp",
    ]
    page = document("".join(f"<a href='{url}'>Pasar Pagi Dibuka</a>" for url in spelt))
    found = entries.read(page, outlet, Entry("listing", HOME), window())
    assert isinstance(found, Found)
    assert [link.url for link in found.links] == [f"https://{slug}"]
