"""What an address means, whose it is, and whether an article stands behind it."""

from __future__ import annotations

import pytest

from crawler.catalogue.model import Entry, Source
from crawler.discovery import urls
from crawler.discovery.article_url import is_article, platform_id

ARTICLES = [
    "https://wartapesisir.example/nelayan-muara-badak-terima-jaring-baru/",
    "https://wartapesisir.example/2024/11/18/banjir/",
    "https://wartapesisir.example/2024/11/banjir",
    "https://wartapesisir.example/daerah/pasar-pagi-bontang-kembali-dibuka.html",
    "https://wartapesisir.example/daerah/pasar-pagi-bontang-kembali-dibuka/index.html",
    "https://wartapesisir.example/index.php/pasar-pagi-bontang-kembali-dibuka",
    "https://wartapesisir.example/?p=22812",
    "https://wartapesisir.example/wisata-foto-di-tepi-pantai-bontang/",
]
OTHERS = [
    "https://wartapesisir.example/",
    "https://wartapesisir.example/index.php",
    "https://wartapesisir.example/?cat=3",
    "https://wartapesisir.example/?page_id=2",
    "https://wartapesisir.example/daerah/",
    "https://wartapesisir.example/category/berita-kota-bontang-raya/",
    "https://wartapesisir.example/tag/basri-rase-chusnul-dhihin/",
    "https://wartapesisir.example/foto/nelayan-muara-badak-terima-jaring/",
    "https://wartapesisir.example/2024/11/",
    "https://wartapesisir.example/2024/11/18/",
    "https://wartapesisir.example/page/2/",
    "https://wartapesisir.example/pasar-pagi-bontang-kembali-dibuka/print/",
    "https://wartapesisir.example/cetak/pasar-pagi-bontang-kembali-dibuka",
    "https://wartapesisir.example/pedoman-pemberitaan-media-siber/",
    "https://wartapesisir.example/wp-content/uploads/2024/11/peta-banjir-kota-bontang.jpg",
    "mailto:redaksi@wartapesisir.example",
    "javascript:void(0)",
    "https://[broken/nelayan-muara-badak-terima-jaring/",
    "https://wartapesisir.example:port/nelayan-muara-badak-terima-jaring/",
]


@pytest.mark.parametrize("url", ARTICLES)
def test_looks_like_an_article(url: str) -> None:
    """A date, four words or a plain permalink make an address look like an article's."""
    assert urls.looks_like_article(url)


@pytest.mark.parametrize("url", OTHERS)
def test_looks_like_something_else(url: str) -> None:
    """Lists, tags, house pages, files and broken addresses do not look like articles."""
    assert not urls.looks_like_article(url)


@pytest.mark.parametrize(
    "query", ["replytocom=33", "share=facebook&nb=1", "print=1", "tmpl=component&print=1"]
)
def test_an_errand_is_no_article(outlet: Source, query: str) -> None:
    """Answering, sharing and printing lead to the article again, or to another site."""
    entry = Entry("rss", "https://wartapesisir.example/feed/")
    url = "https://wartapesisir.example/pasar-pagi-bontang-dibuka/"
    assert is_article(f"{url}?cetak=tebal", outlet, entry, listed=True)
    assert not is_article(f"{url}?{query}", outlet, entry, listed=True)


@pytest.mark.parametrize(
    ("url", "listed"),
    [
        ("https://wartapesisir.example/banjir/", True),
        ("https://wartapesisir.example/?p=7", True),
        ("https://wartapesisir.example/", False),
        ("https://wartapesisir.example", False),
        ("https://wartapesisir.example/tentang-kami/", False),
        ("https://wartapesisir.example/category/daerah/", False),
        ("https://wartapesisir.example/wp-content/uploads/peta.pdf", False),
    ],
)
def test_a_feed_is_believed_but_for_house_pages(url: str, listed: bool) -> None:
    """A one-word address in a feed is an article; the front page and house pages never are."""
    assert urls.is_listed_article(url) is listed


@pytest.mark.parametrize(
    ("href", "from_root", "means"),
    [
        ("/terkini/2", False, "https://contoh.example/terkini/2"),
        ("terkini/2", False, "https://contoh.example/terkini/terkini/2"),
        ("terkini/2", True, "https://contoh.example/terkini/2"),
        ("?page=2", True, "https://contoh.example/terkini/3?page=2"),
        (" https://lain.example/a#isi ", True, "https://lain.example/a"),
        ("//contoh.example/b", True, "https://contoh.example/b"),
        ("/a b\n/c", False, "https://contoh.example/a b/c"),
        ("#komentar", False, None),
        ("", False, None),
        ("tel:+6254812345", True, None),
        ("http://[::1/x", False, None),
    ],
)
def test_what_an_href_means(href: str, from_root: bool, means: str | None) -> None:
    """A link is resolved against its page, or against the site's root where the outlet means that."""
    assert urls.absolute(href, "https://contoh.example/terkini/3", from_root) == means


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://wartapesisir.example/berita/42/harga-cabai", True),
        ("https://www.wartapesisir.example/berita/42/harga-cabai?utm=1", True),
        ("https://wartapesisir.example/foto/42/harga-cabai", False),
        ("https://wartapesisir.example/nelayan-muara-badak-terima-jaring-baru/", False),
        ("https://kota.wartapesisir.example/berita/42/harga-cabai", False),
        ("https://lain.example/berita/42/harga-cabai", False),
    ],
)
def test_a_pattern_replaces_the_general_rules(outlet: Source, url: str, expected: bool) -> None:
    """Where the platform's addresses are known, they alone count, and only on the outlet's own host."""
    known = Entry("listing", outlet.home, article=r"^/berita/(?P<id>\d+)/[^/?]+")
    assert is_article(url, outlet, known, listed=False) is expected
    assert platform_id(url, known) == ("42" if "/berita/42/" in url else None)


def test_a_plain_permalink_carries_its_number(outlet: Source) -> None:
    """The number of a post is read off a plain permalink without a pattern."""
    assert platform_id("https://wartapesisir.example/?p=22812", Entry("rss", outlet.home)) == "22812"


@pytest.mark.parametrize(
    ("href", "means"),
    [
        ("www.contoh.example/berita/a", "https://www.contoh.example/berita/a"),
        ("contoh.example/berita/a", "https://contoh.example/berita/a"),
        ("bontang.contoh.example/a?b=1", "https://bontang.contoh.example/a?b=1"),
        ("https:/www.contoh.example/a", "https://www.contoh.example/a"),
        ("http:///www.contoh.example/a", "http://www.contoh.example/a"),
        ("https:www.contoh.example", "https://www.contoh.example"),
        ("http//contoh.example/a", "http://contoh.example/a"),
        ("://contoh.example:8080/a", "https://contoh.example:8080/a"),
        ("//contoh.example/a", "https://contoh.example/a"),
        ("www.lain.example/iklan", "https://www.lain.example/iklan"),
        ("berita/a.html", "https://contoh.example/terkini/berita/a.html"),
        ("lain.example/a", "https://contoh.example/terkini/lain.example/a"),
        ("/www.contoh.example/a", "https://contoh.example/www.contoh.example/a"),
        ("?u=www.contoh.example", "https://contoh.example/terkini/3?u=www.contoh.example"),
        ("mailto:redaksi@contoh.example", None),
        ("/baca?id=12&amp;judul=warga", "https://contoh.example/baca?id=12&judul=warga"),
        ("/baca?id=12&#038;judul=warga#isi", "https://contoh.example/baca?id=12&judul=warga"),
        ("/baca?id=12&amp;amp;judul=warga", "https://contoh.example/baca?id=12&judul=warga"),
        ("/baca?id=12&judul=warga", "https://contoh.example/baca?id=12&judul=warga"),
    ],
)
def test_an_address_that_was_written_carelessly_means_what_its_writer_meant(
    href: str, means: str | None
) -> None:
    """Without a scheme, or with half of one, and with an ampersand that was escaped twice."""
    assert urls.absolute(href, "https://contoh.example/terkini/3") == means
