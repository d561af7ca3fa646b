"""What a page names: feeds of news and not of comments, the REST root, the list of the newest, its pager."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.catalogue.load import load_platforms
from crawler.probe.homepage import Named, read
from crawler.probe.platform import recognise
from pipelines.article import Page

HOME = "https://warta.example/"


def page(body: str, *headers: tuple[str, str], url: str = HOME) -> Page:
    return Page(url, "warta", datetime(2024, 11, 20, tzinfo=UTC), 200, headers, body.encode())


def named(body: str, *headers: tuple[str, str], url: str = HOME) -> Named:
    found = read(page(f"<html><body>{body}</body></html>", *headers, url=url))
    assert found is not None
    return found


def test_only_feeds_of_news_on_its_own_host_count() -> None:
    """Comments, sections and other hosts are left; a relative address is the site's."""
    kinds = 'rel="alternate" type="application/rss+xml"'
    found = named(
        f'<link {kinds} title="Komentar" href="/comments/feed/"><link {kinds} href="/category/kota/feed/">'
        f'<link {kinds} href="https://umpan.example/warta"><link {kinds} href="umpan.xml">'
        '<link rel="alternate" type="application/atom+xml" href="/atom">'
    )
    assert found.feeds == (f"{HOME}umpan.xml", f"{HOME}atom")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ('<link rel="https://api.w.org/" href="/wp-json/">', ()),
        ("", (("Link", f'<{HOME}wp-json/>; rel="https://api.w.org/", <{HOME}?p=1>; rel=shortlink'),)),
    ],
)
def test_the_rest_root_stands_in_the_page_or_in_a_header(
    body: str, headers: tuple[tuple[str, str], ...]
) -> None:
    """As WordPress says it; another host's is none of its own."""
    assert named(body, *headers).rest_root == f"{HOME}wp-json/"
    assert named('<link rel="https://api.w.org/" href="https://lain.example/wp-json/">').rest_root is None


@pytest.mark.parametrize(
    ("links", "template"),
    [
        ({"1": "/", "2": "/page/2/", "3": "/page/3/"}, "page/{n}/"),
        ({"2": "/?hal=2", "3": "/?hal=3"}, "?hal={n}"),
        ({"2": "/berita2/2", "3": "/berita2/3"}, "berita2/{n}"),
        ({"Berikutnya": "/terkini?page=2"}, "terkini?page={n}"),
        ({"2": "/kota-2-besar", "3": "/lain"}, None),
        ({"2": "/halaman-dua"}, None),
        ({"Berikutnya": "/2024/11/warga-berikutnya-turun-ke-jalan-2"}, None),
        ({"2": "/{n}?page=2"}, None),
        ({}, None),
    ],
)
def test_a_pager_is_what_both_its_numbers_fit(links: dict[str, str], template: str | None) -> None:
    """The template makes the address of page 2 and that of page 3."""
    body = "".join(f'<a href="{href}">{words}</a>' for words, href in links.items())
    assert named(body).pages == (HOME + template if template else None)


def test_an_address_is_one_link_with_its_longest_words() -> None:
    """A picture and a headline lead to one article; in the menu it is only where all its links are."""
    found = named(
        '<nav><a href="/a">Kota</a><a href="/b">Desa</a></nav><a href="/a"><img></a><a href="/a">Banjir di kota</a>'
        '<a href="https://lain.example/">Lain</a><a href="/indeks/">Semua</a>'
    )
    assert [(each.url, each.words, each.in_menu) for each in found.anchors] == [
        (f"{HOME}a", "Banjir di kota", False),
        (f"{HOME}b", "Desa", True),
        (f"{HOME}indeks/", "Semua", False),
    ]
    assert found.index == f"{HOME}indeks/"


def test_bytes_that_are_no_page_name_nothing() -> None:
    """Null, and no exception."""
    assert read(page("")) is None
    assert read(page("\x00\x01")) is None or read(page("\x00\x01")) == Named()


ANTARA = "".join(f'<a href="/berita/{n}/warga">Warga</a>' for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("body", "url", "platform"),
    [
        ('<link rel="https://api.w.org/" href="/wp-json/">', HOME, "wordpress"),
        ('<meta name="generator" content="WordPress 6.8">', HOME, "wordpress"),
        ('<img src="/wp-content/a.jpg"><img src="/wp-content/b.jpg"><script src="/wp-includes/c.js"></script>', HOME, "wordpress"),
        ('<img src="/wp-content/a.jpg">', HOME, "generic"),
        (ANTARA, "https://kalsel.antaranews.com/", "antara"),
        ("<p>Segera</p>", "https://kalsel.antaranews.com/", "generic"),
        (f'{ANTARA}<img src="https://img.antaranews.com/a.jpg">', HOME, "antara"),
        (ANTARA, HOME, "generic"),
        ('<a href="/read/2024/11/20/071508/antre-obat">Antre</a>', "https://bali.suara.com/", "suara"),
        ('<a href="/tribun-etam/1121817/populer-kaltim">Populer</a>', "https://kaltim.tribunnews.com/", "tribun"),
        ('<a href="/utama/2385960542/pompa">Pompa</a>', "https://www.prokal.co/", "jawapos"),
        ('<a href="/kota/read/63474/pompa">Pompa</a>', "https://sumsel.disway.id/", "disway"),
        ('<meta name="generator" content="blogger">', HOME, "generic"),
    ],
)  # fmt: skip
def test_a_platform_is_recognised_by_what_the_page_shows(body: str, url: str, platform: str) -> None:
    """A network's host or files are believed only where its articles' addresses are there too."""
    text = f"<html><body>{body}</body></html>"
    found = read(page(text, url=url))
    assert found is not None
    assert recognise(found, text, url, load_platforms()).platform == platform


def test_an_empty_front_page_has_its_headers() -> None:
    """A site that is drawn by a script may send nothing else; without the header it is no page."""
    link = ("Link", f'<{HOME}wp-json/>; rel="https://api.w.org/"')
    assert read(page("", link)) == Named(rest_root=f"{HOME}wp-json/")
    assert read(page("")) is None
