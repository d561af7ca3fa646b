"""Sitemaps, their indexes, news sitemaps, and what only pretends to be one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from crawler.catalogue.model import Entry, Source
from crawler.discovery import sitemap
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from pipelines.article import Link, Page

HOME = "https://wartapesisir.example/"
SITEMAP = HOME + "sitemap.xml"
Document = Callable[..., Page]

NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url>
  <image:image><image:loc>https://wartapesisir.example/foto-besar.jpg</image:loc></image:image>
  <loc><![CDATA[ https://wartapesisir.example/banjir-surut/ ]]></loc>
  <lastmod>2024-11-18T10:00:00+08:00</lastmod>
  <news:news>
    <news:publication><news:name>Warta</news:name><news:language>id</news:language></news:publication>
    <news:publication_date>2024-11-18T09:00:00+08:00</news:publication_date>
    <news:title><![CDATA[Banjir "surut" &amp; pompa]]></news:title>
    <news:keywords>banjir, pompa, banjir,</news:keywords>
  </news:news>
</url>
<url><loc>https://wartapesisir.example/</loc></url>
<url><loc>https://lain.example/banjir-surut/</loc></url>
</urlset>"""


def index(*children: str) -> str:
    return f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{''.join(children)}</sitemapindex>"


def child(path: str, lastmod: str = "") -> str:
    changed = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    return f"<sitemap><loc>{HOME}{path}</loc>{changed}</sitemap>"


def read(
    document: Document,
    outlet: Source,
    window: Window,
    body: str | bytes,
    *,
    kind: Any = "sitemap",
    url: str = SITEMAP,
) -> Found | Unusable:
    return sitemap.read(document(body, url=url), outlet, Entry(kind, url), window)


def test_a_news_sitemap_says_when_and_what(document: Document, outlet: Source, always: Window) -> None:
    """Publication, change, title and keywords are taken; home and strangers are not."""
    outcome = read(document, outlet, always, NEWS, kind="news_sitemap")
    assert isinstance(outcome, Found)
    assert outcome.links == (
        Link(
            url=HOME + "banjir-surut/",
            source="warta_pesisir",
            entry="news_sitemap",
            title='Banjir "surut" & pompa',
            published="2024-11-18T09:00:00+08:00",
            modified="2024-11-18T10:00:00+08:00",
            tags=("banjir", "pompa"),
            language="id",
        ),
    )
    assert outcome.skipped == 2


def test_keywords_may_be_a_json_list(document: Document, outlet: Source, always: Window) -> None:
    """Brackets and quotes of a JSON list are no part of a tag."""
    body = NEWS.replace("banjir, pompa, banjir,", '["banjir rob","pompa"]')
    outcome = read(document, outlet, always, body)
    assert isinstance(outcome, Found)
    assert outcome.links[0].tags == ("banjir rob", "pompa")


@pytest.mark.parametrize(
    ("children", "kind", "more"),
    [
        (
            [child("wp-sitemap-posts-post-1.xml"), child("wp-sitemap-posts-post-2.xml"),
             child("wp-sitemap-posts-page-1.xml"), child("wp-sitemap-taxonomies-category-1.xml"),
             child("wp-sitemap-users-1.xml")],
            "sitemap", ["wp-sitemap-posts-post-2.xml", "wp-sitemap-posts-post-1.xml"],
        ),
        (
            [child("?sitemap=posts&amp;sitemap-subtype=post&amp;paged=1"),
             child("?sitemap=posts&amp;sitemap-subtype=page&amp;paged=1"),
             child("?sitemap=taxonomies&amp;sitemap-subtype=category&amp;paged=1")],
            "sitemap", ["?sitemap=posts&sitemap-subtype=post&paged=1"],
        ),
        (
            [child("post-sitemap.xml", "2024-11-19T10:00:00+08:00"), child("post-sitemap2.xml", "2024-11-20"),
             child("post_tag-sitemap.xml", "2024-11-20"), child("author-sitemap.xml", "2024-11-20")],
            "sitemap", ["post-sitemap2.xml", "post-sitemap.xml"],
        ),
        (
            [child("daerah/sitemap_web.xml", "2024-11-20"), child("daerah/sitemap_news.xml"),
             child("iklan-online/sitemap_news.xml")],
            "sitemap", ["daerah/sitemap_news.xml", "daerah/sitemap_web.xml"],
        ),
        (
            [child("daerah/sitemap_web.xml", "2024-11-20"), child("daerah/sitemap_news.xml")],
            "news_sitemap", ["daerah/sitemap_news.xml"],
        ),
        ([child("arsip-2023.xml", "2023-12-31"), child("arsip-2024.xml", "2024-11-11")],
         "sitemap", ["arsip-2024.xml"]),
        ([child("kota-sitemap9.xml", "2024-11-20"), child("berita-sitemap1.xml", "2024-11-19"), child("berita-sitemap2.xml")],
         "sitemap", ["berita-sitemap1.xml", "berita-sitemap2.xml", "kota-sitemap9.xml"]),
        ([child("sitemap.xml?page=1"), child("sitemap.xml?page=2"), child("berita.xml?type=page")],
         "sitemap", ["sitemap.xml?page=2", "sitemap.xml?page=1"]),
        (["<sitemap><loc>https://lain.example/post.xml</loc></sitemap>", child("a.xml"), child("a.xml")],
         "sitemap", ["a.xml"]),
    ],
)  # fmt: skip
def test_the_children_of_an_index(
    document: Document, outlet: Source, children: list[str], kind: str, more: list[str]
) -> None:
    """News first, then what is called posts, then the newest; tags, pages, strangers and what is too old for the window are left out."""
    window = Window(date(2024, 11, 11), None, "Asia/Makassar")
    outcome = read(document, outlet, window, index(*children), kind=kind)
    assert isinstance(outcome, Found)
    assert outcome.more == tuple(HOME + path for path in more)


def test_robots_names_the_sitemaps(document: Document, outlet: Source, always: Window) -> None:
    """A robots.txt leads to the outlet's own sitemaps, the news sitemap first."""
    robots = (
        "User-agent: *\r\nDisallow: /wp-admin/\r\n"
        "Sitemap: https://wartapesisir.example/wp-sitemap.xml\r\n"
        "sitemap : /news-sitemap.xml\nSitemap: https://lain.example/sitemap.xml"
    )
    outcome = read(document, outlet, always, robots, url=HOME + "robots.txt")
    assert outcome == Found(more=(HOME + "news-sitemap.xml", HOME + "wp-sitemap.xml"))


@pytest.mark.parametrize(
    ("body", "url", "reason"),
    [
        ("<!DOCTYPE html><html><body>Beranda</body></html>", SITEMAP, "an html document, not a sitemap"),
        ("<rss></rss>", SITEMAP, "a feed without items, and without a title"),
        ("", SITEMAP, "no XML, so no sitemap"),
        ("\x1f\x8brusak", SITEMAP, "no XML, so no sitemap"),
        ("<urlset></urlset>", SITEMAP, "a sitemap that lists nothing"),
        (index(), SITEMAP, "a sitemap index that lists nothing"),
        ("User-agent: *\nDisallow:", HOME + "robots.txt", "a robots.txt that names no sitemap"),
        ("<html>Beranda</html>", HOME + "robots.txt", "a robots.txt that names no sitemap"),
    ],
)  # fmt: skip
def test_what_is_no_sitemap(
    document: Document, outlet: Source, always: Window, *, body: str, url: str, reason: str
) -> None:
    """The root element decides: a front page with status 200 is no sitemap."""
    assert read(document, outlet, always, body, url=url) == Unusable(reason)


def test_a_sitemap_of_the_last_days_may_list_nothing(
    document: Document, outlet: Source, always: Window
) -> None:
    """They may have brought nothing; one of everything that the outlet ever wrote is broken."""
    assert read(document, outlet, always, "<urlset></urlset>", kind="news_sitemap") == Found()
    of_a_day = Entry("sitemap", HOME + "sitemap/{year}-{month}-{day}.xml")
    assert sitemap.read(document("<urlset></urlset>", url=SITEMAP), outlet, of_a_day, always) == Found()


TEXT = "https://wartapesisir.example/sitemap.txt"


@pytest.mark.parametrize(
    "body",
    [
        "https://wartapesisir.example/pasar-pagi/\nhttps://wartapesisir.example/dermaga/",
        "\ufeff\r\nhttps://wartapesisir.example/pasar-pagi/\r\n\r\nhttps://wartapesisir.example/dermaga/ 2024-11-20\r\n",
        "www.wartapesisir.example/pasar-pagi/\nhttps://wartapesisir.example/dermaga/\nhttps://lain.example/iklan/\n",
        "# daftar berita\n\nhttps://wartapesisir.example/pasar-pagi/\t2024-11-20\nhttps://wartapesisir.example/dermaga/\t2024-11-19\n",
        "https://wartapesisir.example/pasar-pagi/\rhttps://wartapesisir.example/dermaga/\r",
    ],
)
def test_a_sitemap_may_be_a_text(document: Document, outlet: Source, always: Window, body: str) -> None:
    """One address a line, as the protocol allows."""
    for encoded in (body.encode(), body.removeprefix("\ufeff").encode("utf-16")):
        outcome = read(document, outlet, always, encoded, url=TEXT)
        assert isinstance(outcome, Found)
        assert [link.url.partition("example")[2] for link in outcome.links] == ["/pasar-pagi/", "/dermaga/"]


@pytest.mark.parametrize(
    "body",
    [
        '<rss version="2.0"><channel><item><link>https://wartapesisir.example/pasar-pagi/</link></item></channel></rss>',
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry>'
        '<link href="https://wartapesisir.example/pasar-pagi/"/></entry></feed>',
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry>'
        '<link rel="alternate" href="https://wartapesisir.example/pasar-pagi/"/></entry></feed>',
    ],
)
def test_a_feed_may_stand_in_the_place_of_a_sitemap(
    document: Document, outlet: Source, always: Window, body: str
) -> None:
    """As a robots.txt of Blogger names it, and the protocol allows."""
    outcome = read(document, outlet, always, body)
    assert isinstance(outcome, Found)
    assert [(link.url, link.entry) for link in outcome.links] == [
        ("https://wartapesisir.example/pasar-pagi/", "sitemap")
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_robots_txt_names_its_sitemaps_in_any_character_set(
    document: Document, outlet: Source, always: Window, encoding: str
) -> None:
    """Editors of Windows save it so."""
    lines = "Sitemap: https://wartapesisir.example/sitemap.txt\r\nUser-agent: *\r\nSitemap: /atom.xml\r\n"
    outcome = read(
        document, outlet, always, lines.encode(encoding), url="https://wartapesisir.example/robots.txt"
    )
    assert isinstance(outcome, Found)
    assert outcome.more == (TEXT, "https://wartapesisir.example/atom.xml")


def test_sitemaps_may_stand_where_articles_should(document: Document, outlet: Source, always: Window) -> None:
    """Some systems print their index as a list of addresses: what it leads to is asked, and is no article."""
    listed = ["sitemap-2.xml", "sitemap-1.xml.gz", "banjir-surut-di-kampung-nelayan/"]
    urls = "".join(f"<url><loc>{HOME}{path}</loc></url>" for path in listed)
    outcome = read(document, outlet, always, f"<urlset>{urls}</urlset>")
    assert isinstance(outcome, Found)
    assert outcome.more == (HOME + "sitemap-2.xml", HOME + "sitemap-1.xml.gz")
    assert [link.url for link in outcome.links] == [HOME + "banjir-surut-di-kampung-nelayan/"]


@pytest.mark.parametrize(
    "robots",
    [
        "User-agent: *\rSitemap: {}\r",
        'Sitemap: "{}"',
        "Sitemap: <{}>",
        "Sitemaps: {}",
    ],
)
def test_robots_names_its_sitemaps_carelessly(
    document: Document, outlet: Source, always: Window, robots: str
) -> None:
    """Old line ends, quotes, brackets, a plural."""
    body = robots.format(f"{HOME}wp-sitemap.xml")
    outcome = read(document, outlet, always, body, url=f"{HOME}robots.txt")
    assert isinstance(outcome, Found)
    assert outcome.more == (f"{HOME}wp-sitemap.xml",)
