"""HTML listings: what a reader would click, told from the furniture."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Any

import pytest

from crawler.catalogue.model import Entry, Source
from crawler.discovery import listing
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from pipelines.article import Page

HOME = "https://wartapesisir.example/"
Document = Callable[..., Page]

FRONT = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Warta Pesisir</title></head><body>
<nav><a href="/">Beranda</a> <a href="/daerah/">Daerah</a>
  <a href="https://kota.example/kabar-kota-tetangga-hari-ini/">Jaringan</a></nav>
<article><a href="/jaring-baru-untuk-nelayan-muara/"><img src="/a.jpg"></a>
  <time class="entry-date" datetime="2024-11-18T09:12:40+08:00">18 November 2024</time>
  <h2><a href="/jaring-baru-untuk-nelayan-muara/">Jaring baru untuk  nelayan Muara</a></h2>
  <a href="/jaring-baru-untuk-nelayan-muara/#respond">Tulis komentar</a>
  <a href="/author/rina/">Rina</a></article>
<article><h2><a href="2024/11/banjir/">Banjir</a></h2></article>
<a href="/?p=22812" title="Pompa diuji"><img src="/b.jpg"></a>
<aside class="popular"><a href="/pasar-pagi-bontang-kembali-dibuka/">Pasar Pagi</a></aside>
<div class="nav-links"><a class="next page-numbers" href="/page/2/">Berikutnya</a></div>
</body></html>"""


def read(
    document: Document, outlet: Source, always: Window, body: str | bytes, at: str = HOME, **entry: Any
) -> Found | Unusable:
    made = Entry("listing", **({"url": HOME} | entry))
    return listing.read(document(body, url=at), outlet, made, always)


def test_a_front_page_yields_its_articles(document: Document, outlet: Source, always: Window) -> None:
    """Each article once, in the page's order, with its headline; menus and neighbours are skipped."""
    outcome = read(document, outlet, always, FRONT)
    assert isinstance(outcome, Found)
    assert [(link.url.removeprefix(HOME), link.title, link.platform_id) for link in outcome.links] == [
        ("jaring-baru-untuk-nelayan-muara/", "Jaring baru untuk nelayan Muara", None),
        ("2024/11/banjir/", "Banjir", None),
        ("?p=22812", "Pompa diuji", "22812"),
        ("pasar-pagi-bontang-kembali-dibuka/", "Pasar Pagi", None),
    ]
    assert outcome.more == (HOME + "page/2/",)
    assert outcome.skipped == 5


def test_a_headline_that_wordpress_calls_a_post_is_one(
    document: Document, outlet: Source, always: Window
) -> None:
    """However short its address; other links of the element, and headlines elsewhere, are not believed."""
    body = """<article class="post-7 post type-post status-publish hentry">
    <h2 class="entry-title"><a href="/banjir/">Banjir</a></h2> <a href="/kota/">Kota</a>
    <h2><a href="/tag/banjir/">Banjir</a></h2></article>
    <article class="post-8 page type-page hentry"><h2><a href="/iklan/">Iklan</a></h2></article>"""
    outcome = read(document, outlet, always, body)
    assert isinstance(outcome, Found)
    assert [link.url for link in outcome.links] == [HOME + "banjir/"]


def test_only_a_machine_readable_time_is_taken(document: Document, outlet: Source, always: Window) -> None:
    """The time of an article's own element is its hint; an article without one has none."""
    outcome = read(document, outlet, always, FRONT)
    assert isinstance(outcome, Found)
    assert [link.published for link in outcome.links] == ["2024-11-18T09:12:40+08:00", None, None, None]


@pytest.mark.parametrize("item", ["article h2 a", "article h2", "article"])
def test_a_selector_narrows_the_links(document: Document, outlet: Source, always: Window, item: str) -> None:
    """`item` names the links or what holds them; what stands elsewhere is left alone."""
    outcome = read(document, outlet, always, FRONT, item=item)
    assert isinstance(outcome, Found)
    assert len(outcome.links) == 2


def test_an_outdated_selector_costs_nothing(document: Document, outlet: Source, always: Window) -> None:
    """Where `item` finds nothing any more, all links of the page are judged."""
    outcome = read(document, outlet, always, FRONT, item=".old-theme a")
    assert isinstance(outcome, Found)
    assert len(outcome.links) == 4


@pytest.mark.parametrize(
    ("anchor", "title"),
    [
        ("<a href='{}'>Jaring\xa0baru</a>", "Jaring baru"),
        ("<a href='{}' title='Jaring &amp;amp; umpan'><img></a>", "Jaring & umpan"),
        ("<a href='{}'><span>18/11</span><h3>Jaring baru</h3><p>Nelayan menerima …</p></a>", "Jaring baru"),
        ("<a href='{}'><div>18/11</div><p>Nelayan menerima …</p></a>", None),
        ("<a href='{}'><!-- iklan --></a>", None),
        ("<a href='{0}'></a><a href='{0}'>Jaring baru</a>", "Jaring baru"),
        ("<a href='{0}'>Jaring baru</a><a href='{0}'>Baca selengkapnya</a>", "Jaring baru"),
    ],
)
def test_the_headline_of_a_link(
    document: Document, outlet: Source, always: Window, anchor: str, title: str | None
) -> None:
    """A card's heading is its headline; what is no headline is not taken for one."""
    outcome = read(document, outlet, always, anchor.format("/jaring-baru-untuk-nelayan-muara/"))
    assert isinstance(outcome, Found)
    assert [link.title for link in outcome.links] == [title]


@pytest.mark.parametrize(
    ("body", "url", "entry", "more"),
    [
        ("<link rel='next' href='/halaman/2/'>", HOME, {}, "halaman/2/"),
        ("<a rel='nofollow next' href='/?paged=2'>", HOME, {}, "?paged=2"),
        ("<ul class='pagination'><a aria-label='Next' href='terkini/3'>", HOME + "terkini/2",
         {"from_root": True}, "terkini/3"),
        ("<span class='lebih'><a href='/lama/'></a></span>", HOME, {"next": ".lebih a"}, "lama/"),
        ("<a class='next' href='/'>", HOME, {}, None),
        ("<a class='next' href='https://lain.example/page/2/'>", HOME, {}, None),
        ("<a class='next'>", HOME, {}, None),
        ("", HOME + "terkini", {"url": HOME + "terkini", "pages": HOME + "terkini/{n}"}, "terkini/2"),
        ("<a class='next' href='/lain'>", HOME + "terkini/4",
         {"url": HOME + "terkini", "pages": HOME + "terkini/{n}"}, "terkini/5"),
        ("<a class='next' href='/lain'>", HOME + "beranda",
         {"url": HOME + "terkini", "pages": HOME + "terkini/{n}"}, None),
    ],
)  # fmt: skip
def test_the_next_page_of_a_listing(
    document: Document,
    outlet: Source,
    always: Window,
    *,
    body: str,
    url: str,
    entry: dict[str, Any],
    more: str | None,
) -> None:
    """A template decides where there is one, else the page's own link, if it leads on within the outlet."""
    body = f"<a href='/jaring-baru-untuk-nelayan-muara/'>Jaring baru</a>{body}"
    outcome = read(document, outlet, always, body, url, **entry)
    assert isinstance(outcome, Found)
    assert outcome.more == ((HOME + more,) if more else ())


@pytest.mark.parametrize(
    ("href", "base", "from_root", "found"),
    [
        ("berita/2024/11/judul", "", True, "berita/2024/11/judul"),
        ("2024/11/judul", "", False, "terkini/2024/11/judul"),
        ("2024/11/judul", "<base href='/lama/'>", False, "lama/2024/11/judul"),
        ("../2024/11/judul", "", False, "2024/11/judul"),
    ],
)
def test_relative_links(
    document: Document, outlet: Source, always: Window, *, href: str, base: str, from_root: bool, found: str
) -> None:
    """Relative links start from the page, from its `base`, or from the site's root where a source says so."""
    body = f"<head>{base}</head><a href='{href}'>Judul</a>"
    outcome = read(document, outlet, always, body, HOME + "terkini/2", from_root=from_root)
    assert isinstance(outcome, Found)
    assert [link.url for link in outcome.links] == [HOME + found]


@pytest.mark.parametrize("body", ["<p>Sedang dalam perbaikan</p>", "", "\x00\x01", '{"code": 404}'])
def test_a_page_without_articles_is_unusable(
    document: Document, outlet: Source, always: Window, body: str
) -> None:
    """A page in maintenance, an empty one, or something else entirely lists nothing."""
    assert isinstance(read(document, outlet, always, body), Unusable)


@pytest.mark.parametrize(
    ("encoding", "header"),
    [
        ("utf-8", "text/html"),
        ("utf-8", "text/html; charset=iso-8859-1"),
        ("cp1252", "text/html; charset=windows-1252"),
        ("cp1252", "text/html; charset=tidak-ada"),
    ],
)
def test_headlines_survive_their_encoding(
    document: Document, outlet: Source, always: Window, encoding: str, header: str
) -> None:
    """The bytes decide for UTF-8, then the header, then the page itself."""
    meta = "<meta charset='windows-1252'>" if encoding == "cp1252" else ""
    body = f"<head>{meta}</head><a href='/jaring-baru-untuk-nelayan-muara/'>“Jaring” — é</a>".encode(encoding)
    page = document(body, Content_Type=header)
    outcome = listing.read(page, outlet, Entry("listing", HOME), always)
    assert isinstance(outcome, Found)
    assert outcome.links[0].title == "“Jaring” — é"


JAWA_POS = r"^/[a-z0-9-]+/(?P<id>\d{9,11})/[^/?]+"
CARDS = [
    {"article_id": 2386114501, "title": "Dermaga &amp; Jetty", "slug": "dermaga-jetty-muara-dibenahi",
     "published_at": "2024-11-18 09:12:40", "category": {"name": "Samarinda", "slug": "samarinda"}},
    {"id": "2386114502", "title": "Banjir Surut", "url": "/utama/2386114502/banjir-surut"},
    {"title": "Kanal", "url": "/kanal/samarinda"},
    {"title": "Tetangga", "url": "https://kota.example/utama/2386114503/kabar-tetangga"},
    {"title": "Tanpa nomor", "slug": "tanpa-nomor-dan-kanal"},
]  # fmt: skip


@pytest.mark.parametrize("system", ["next", "inertia"])
def test_a_page_that_a_script_draws(document: Document, outlet: Source, always: Window, system: str) -> None:
    """Its JSON names the articles, by addresses or by the pieces of one, with their dates; and the next page."""
    told = {"props": {"articles": {"data": CARDS, "next_page_url": HOME + "indeks?page=2"}}}
    text = json.dumps(told)
    body = {
        "next": f'<div id="__next"></div><script id="__NEXT_DATA__" type="application/json">{text}</script>',
        "inertia": f'<div id="app" data-page="{escape(text)}"></div>',
    }[system]
    outcome = read(document, outlet, always, body, HOME + "indeks", url=HOME + "indeks", article=JAWA_POS)
    assert isinstance(outcome, Found)
    assert [(link.url.removeprefix(HOME), link.title, link.published, link.platform_id) for link in outcome.links] == [
        ("samarinda/2386114501/dermaga-jetty-muara-dibenahi", "Dermaga & Jetty", "2024-11-18 09:12:40", "2386114501"),
        ("utama/2386114502/banjir-surut", "Banjir Surut", None, "2386114502"),
    ]  # fmt: skip
    assert outcome.more == (HOME + "indeks?page=2",)


@pytest.mark.parametrize("text", ["", "{", "[" * 5000, '{"title": 7, "slug": []}', '"title"', "null"])
def test_json_that_names_nothing(document: Document, outlet: Source, always: Window, text: str) -> None:
    """Broken or empty, it costs nothing."""
    body = f'<script id="__NEXT_DATA__">{text}</script>'
    assert isinstance(read(document, outlet, always, body, article=JAWA_POS), Unusable)
