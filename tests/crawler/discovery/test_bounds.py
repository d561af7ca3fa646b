"""What a discovery document may cost: sizes, numbers, and XML that is made to grow or to reach elsewhere."""

from __future__ import annotations

import gzip
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.catalogue.model import Entry, EntryKind, Source
from crawler.discovery import entry as entries
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from crawler.limits import Bounds
from pipelines.article import Page
from tests.kit.loopback import Loopback

HOME = "https://wartapesisir.example/"
Document = Callable[..., Page]
Read = Callable[..., Found | Unusable]


@pytest.fixture
def read(document: Document, outlet: Source, always: Window) -> Read:
    """A document of an entry, read within bounds."""

    def reading(
        body: str | bytes, kind: EntryKind = "sitemap", bounds: Bounds | None = None
    ) -> Found | Unusable:
        return entries.read(document(body), outlet, Entry(kind, HOME), always, bounds or Bounds())

    return reading


def urlset(*paths: str) -> str:
    return "<urlset>" + "".join(f"<url><loc>{HOME}{path}</loc></url>" for path in paths) + "</urlset>"


def feed(title: str, before: str = "") -> str:
    return (
        f"<?xml version='1.0'?>{before}<rss><channel><item><link>{HOME}banjir-surut/</link>"
        f"<title>{title}</title></item></channel></rss>"
    )


# --- size ---------------------------------------------------------------------------------------


def test_a_packed_sitemap_is_read(read: Read) -> None:
    """As many sites give theirs: a gzip file, without saying so."""
    found = read(gzip.compress(urlset("banjir-surut/").encode()))
    assert isinstance(found, Found)
    assert [link.url for link in found.links] == [HOME + "banjir-surut/"]


def test_a_packed_document_is_unpacked_up_to_the_bound(read: Read) -> None:
    """A few kilobytes that would fill the memory end as a reason, and never are what they would be."""
    bomb = gzip.compress(bytes(40 << 20))
    assert len(bomb) < 50_000
    tracemalloc.start()
    try:
        assert read(bomb, bounds=Bounds(unpacked_bytes=1_000_000)) == Unusable("over 1 MB unpacked")
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_all_members_of_a_packed_document_are_read(read: Read) -> None:
    """As some tools pack them: of the first alone the rest of the sitemap would be lost, and nobody would know."""
    whole = urlset(*(f"banjir-surut-{n}/" for n in range(9))).encode()
    found = read(gzip.compress(whole[:200]) + gzip.compress(whole[200:]) + b"\n")
    assert isinstance(found, Found)
    assert len(found.links) == 9
    bomb = gzip.compress(whole) + gzip.compress(bytes(40 << 20))
    assert read(bomb, bounds=Bounds(unpacked_bytes=1_000_000)) == Unusable("over 1 MB unpacked")
    assert isinstance(read(gzip.compress(b"") * 100_000), Unusable)


def test_a_packed_document_that_was_cut_short_says_so(read: Read) -> None:
    """Half a sitemap would pass for the whole."""
    packed = gzip.compress(urlset(*(f"banjir-surut-{n}/" for n in range(99))).encode())
    assert read(packed[:-30]) == Unusable("a gzip file that was cut short", is_cut=True)


def test_a_document_of_an_endless_name_is_named_briefly(read: Read) -> None:
    """The reason stands in the log, on the screen and in `crawls`."""
    assert read(b"<" + b"a" * 40_000 + b"/>") == Unusable(f"an {'a' * 80} document, not a sitemap")


def test_a_broken_gzip_file_says_so(read: Read) -> None:
    """It is no empty sitemap."""
    assert read(b"\x1f\x8b\x08" + b"banjir" * 20) == Unusable("a broken gzip file")


# --- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("sitemap", urlset(*(f"banjir-{number}/" for number in range(5)))),
        ("listing", "".join(f"<a href='/2024/11/banjir-{number}/'>Banjir</a>" for number in range(5))),
    ],
)
def test_addresses_over_the_bound_are_counted(read: Read, kind: EntryKind, body: str) -> None:
    """The first are taken; that there were more is known."""
    found = read(body, kind, Bounds(links=3, sitemap_links=3))
    assert isinstance(found, Found)
    assert (len(found.links), found.left_out) == (3, 2)


def test_the_children_of_an_index_are_bounded_too(read: Read) -> None:
    """An index may name as many documents as a sitemap may name articles."""
    children = "".join(f"<sitemap><loc>{HOME}s-{number}.xml</loc></sitemap>" for number in range(5))
    found = read(f"<sitemapindex>{children}</sitemapindex>", bounds=Bounds(sitemap_links=3))
    assert isinstance(found, Found)
    assert (len(found.more), found.left_out) == (3, 2)


@pytest.mark.parametrize("path", ["a" * 200, "\u00e9" * 60])
def test_an_address_that_is_too_long_is_dropped_and_counted(read: Read, path: str) -> None:
    """As a request would spell it: what is not ASCII grows sixfold."""
    found = read(urlset("banjir-surut/", path), bounds=Bounds(url_chars=200))
    assert isinstance(found, Found)
    assert ([link.url for link in found.links], found.too_long) == ([HOME + "banjir-surut/"], 1)


# --- XML that is made to grow, or to reach elsewhere ----------------------------------------------


def laughs(levels: int) -> str:
    """Each entity is ten of the one before."""
    named = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, levels + 1))
    return f"<!DOCTYPE rss [<!ENTITY l0 'lol'>{named}]>"


BOMBS = {
    "a billion laughs": feed("&l9;", laughs(9)),
    "a hundred thousand laughs in each of many items": feed("&l4;" * 1000, laughs(4)),
    "laughs in an attribute": feed("<b c='&l9;'/>", laughs(9)),
    "one long entity many times": feed("&a;" * 5000, f"<!DOCTYPE rss [<!ENTITY a '{'a' * 50_000}'>]>"),
    "entities in a circle": feed("&a;", "<!DOCTYPE rss [<!ENTITY a '&b;'><!ENTITY b '&a;'>]>"),
    "an entity in the parameters": feed(
        "&l9;", "<!DOCTYPE rss [<!ENTITY % p '<!ENTITY l9 \"lol\">'> %p; %p; %p;]>"
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_do_not_grow(read: Read, bomb: str, encoding: str) -> None:
    """What a document makes of its own entities stays within a few megabytes, whatever it asks for."""
    text = BOMBS[bomb].replace("version='1.0'", f"version='1.0' encoding='{encoding}'")
    began = time.process_time()
    found = read(text.encode(encoding), "rss")
    assert time.process_time() - began < 5
    titles = [link.title or "" for link in found.links] if isinstance(found, Found) else []
    assert sum(map(len, titles)) < 3_000_000


EXTERNAL = {
    "an entity": "<!DOCTYPE rss [<!ENTITY secret SYSTEM '{where}'>]>",
    "a parameter": "<!DOCTYPE rss [<!ENTITY % more SYSTEM '{where}'> %more;]>",
    "a document type": "<!DOCTYPE rss SYSTEM '{where}'>",
    "a public one": "<!DOCTYPE rss PUBLIC '-//X//Y' '{where}'>",
}


@pytest.mark.parametrize("declared", EXTERNAL)
def test_nothing_is_read_from_elsewhere(read: Read, tmp_path: Path, server: Loopback, declared: str) -> None:
    """No file of this machine gets into an article, and no address is asked for by a parser."""
    secret = tmp_path / "secret.dtd"
    secret.write_text("<!ENTITY secret 'rahasia'>")
    for where in (secret.as_uri(), str(secret), server.url("secret.dtd")):
        found = read(feed("Banjir &secret;", EXTERNAL[declared].format(where=where)), "rss")
        assert isinstance(found, Found)
        assert "rahasia" not in (found.links[0].title or "")
    included = feed(f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{secret.as_uri()}'/>")
    assert "rahasia" not in str(read(included, "rss"))
    assert server.asked == []


SLOW = {
    "CDATA that is never closed": ("rss", "<rss><channel>" + "<![CDATA[" * 14_000),
    "anchors far down": ("listing", "<div>" * 240 + "<a href=/a-b-c-d>x</a>" * 5_000),
    "lists in lists": ("wordpress", "[" * 128_000),
    "tags that are never closed": ("listing", "<a href='/a-b-c-d' title='" + "<a" * 64_000),
}


@pytest.mark.parametrize("case", SLOW)
def test_a_document_that_is_read_at_once_takes_little_time(read: Read, case: str) -> None:
    """Twice as large as those that are: what is read in the crawl's own process holds up every source."""
    kind, body = SLOW[case]
    began = time.process_time()
    read(body, kind)
    assert time.process_time() - began < 5


def test_bounds_do_not_touch_what_is_ordinary(read: Read) -> None:
    """Nothing is left out of a document within them."""
    found = read(urlset(*(f"banjir-{number}/" for number in range(2000))))
    assert isinstance(found, Found)
    assert (len(found.links), replace(found, links=())) == (2000, Found())
