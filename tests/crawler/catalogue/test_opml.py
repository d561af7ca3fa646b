"""The feeds of sources as a list for feed readers."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

import pytest

from crawler.catalogue.load import load_catalogue
from crawler.catalogue.model import Entry, Source
from crawler.catalogue.opml import feeds_of, opml, sites_of

NOW = datetime(2024, 11, 20, 1, 0, tzinfo=UTC)


def outlet(title: str, *entries: Entry) -> Source:
    return Source(
        name="warta",
        title=title,
        home="https://wartapesisir.example/?a=1&b=<2>",
        timezone="Asia/Makassar",
        clock="Asia/Makassar",
        entries=entries,
    )


def outlines(document: bytes) -> list[dict[str, str]]:
    root = ElementTree.fromstring(document)
    assert (root.tag, root.attrib) == ("opml", {"version": "2.0"})
    assert [child.tag for child in root] == ["head", "body"]
    assert parsedate_to_datetime(root.findtext("head/dateCreated") or "") == NOW
    return [dict(each.attrib) for each in root.iter("outline")]


def test_every_feed_of_the_catalogue_is_an_outline() -> None:
    """With its outlet's title and front page; in the catalogue's order."""
    sources = list(load_catalogue().values())
    found = outlines(opml(sources, NOW))
    assert [each["xmlUrl"] for each in found] == [url for source in sources for url in feeds_of(source)]
    expresi = next(each for each in found if each["text"] == "Expresi")
    assert expresi == {
        "type": "rss",
        "text": "Expresi",
        "title": "Expresi",
        "xmlUrl": "https://expresi.co/feed/",
        "htmlUrl": "https://expresi.co/",
    }


def test_a_hostile_title_is_a_title() -> None:
    """It ends no tag, opens no other, and what XML cannot hold is replaced."""
    title = '"/><outline xmlUrl="https://x.example/"/>&lt;]]>\x00\x1b\ufffe\ud800 Warta'
    (found,) = outlines(
        opml([outlet(title, Entry("rss", "https://wartapesisir.example/?feed=rss2&a=<b>"))], NOW)
    )
    assert found["title"] == '"/><outline xmlUrl="https://x.example/"/>&lt;]]>\ufffd\ufffd\ufffd\ufffd Warta'
    assert found["xmlUrl"] == "https://wartapesisir.example/?feed=rss2&a=<b>"
    assert found["htmlUrl"] == "https://wartapesisir.example/?a=1&b=<2>"


def test_what_is_no_feed_to_subscribe_to_is_none() -> None:
    """Nor is a sitemap, a guess, or the list of one day; numbered pages begin with the first."""
    entries = (
        Entry("sitemap", "https://wartapesisir.example/sitemap.xml"),
        Entry("rss", "https://wartapesisir.example/?feed=rss2", is_guess=True),
        Entry("rss", "https://wartapesisir.example/{year}/{month}/{day}/feed/"),
        Entry("rss", "https://wartapesisir.example/feed/?page={n}"),
        Entry("rss", "https://wartapesisir.example/feed/?page={n}"),
    )
    assert feeds_of(outlet("Warta", *entries)) == ["https://wartapesisir.example/feed/?page=1"]
    assert outlines(opml([outlet("Warta", *entries[:3])], NOW)) == []


ENTITY = b'<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><outline htmlUrl="https://a.example/&x;"/></opml>'


def test_the_sites_of_a_list() -> None:
    """Front pages, else the host of a feed, each host once; folders and other schemes name none."""
    document = b"""<?xml version="1.0"?><opml version="1.0"><body><outline text="Kota"><outline xmlUrl="https://a.example/feed/" htmlUrl="https://a.example/kota/"/>
    <outline xmlUrl="https://b.example/umpan.xml?a=1"/></outline><outline htmlUrl="javascript:alert(1)"/>
    <outline htmlUrl="https://www.a.example/"/></body></opml>"""
    assert sites_of(document) == ["https://a.example/kota/", "https://b.example/"]


@pytest.mark.parametrize("document", [b"", b"https://a.example/", b"<html/>", ENTITY])
def test_what_is_no_list_is_said(document: bytes) -> None:
    with pytest.raises(ValueError):
        sites_of(document)


def test_our_own_list_is_read_back() -> None:
    assert sites_of(opml([outlet("Warta", Entry("rss", "https://wartapesisir.example/feed/"))], NOW)) == [
        outlet("Warta").home
    ]
