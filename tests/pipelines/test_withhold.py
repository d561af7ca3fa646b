"""What is left of a document once an erased article is taken out: everything else, as it was."""

from __future__ import annotations

import gzip
import json

import pytest

from pipelines.address import address_key
from pipelines.withhold import Words, cut, own_addresses, withheld

BASE = "https://warta.example/"
GONE = "https://warta.example/berita-yang-hilang/"


def is_erased(url: str) -> bool:
    return url == "id:warta.example:7" or address_key(url) == address_key(GONE)


def taken(body: str, is_list: bool = True) -> str | None:
    left = withheld(body.encode(), BASE, is_erased, is_list)
    return None if left is None else left.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"<rss><item><title>A</title><link>{GONE}</link><x>isi</x></item><item><link>{BASE}b/</link></item></rss>",
         f"<rss><item><link>{BASE}b/</link></item></rss>"),
        (f"<urlset><url><loc>\n {GONE}?utm_source=rss </loc></url><url><loc>{BASE}b/</loc></url></urlset>",
         f"<urlset><url><loc>{BASE}b/</loc></url></urlset>"),
        (f'<feed><entry><title>A</title><link rel="alternate" href="{GONE}"/></entry></feed>', "<feed></feed>"),
        # An item of another article that only links to it stays.
        (f"<rss><item><link>{BASE}b/</link><d>&lt;a href={GONE}&gt;</d></item></rss>",
         f"<rss><item><link>{BASE}b/</link><d>&lt;a href=&gt;</d></item></rss>"),
        (f'[{{"id": 7, "link": "{GONE}", "t": "x"}}, {{"id": 8,  "link": "{BASE}b/"}}]',
         f'[{{"id": 8,  "link": "{BASE}b/"}}]'),
        (f'[{{"id": 7, "link": "{BASE}?p=7"}}, {{"id": 8, "link": "{BASE}b/"}}]', f'[{{"id": 8, "link": "{BASE}b/"}}]'),
        (f'{{"data": [{{"url": "{GONE}"}}, {{"url": "{BASE}b/"}}]}}', f'{{"data": [{{"url": "{BASE}b/"}}]}}'),
    ],
)  # fmt: skip
def test_lists_lose_the_item(before: str, after: str) -> None:
    """Of feeds, sitemaps and JSON; what other items say stays as it was written."""
    assert taken(before) == after
    assert taken(after) is None


def test_a_post_with_escaped_slashes_is_found() -> None:
    """PHP writes addresses in JSON with `\\/`."""
    body = json.dumps([{"id": 9, "link": GONE, "title": {"rendered": "Hilang"}}]).replace("/", "\\/")
    assert taken(body) == "[]"


def test_a_listing_loses_the_card() -> None:
    """With the picture, the title and the excerpt of it; the cards beside it stay."""
    card = '<article><a href="{0}"><img alt="{1}"></a><a href="/kota/">Kota</a><h2><a href="{0}">{1}</a></h2><p>{2}</p></article>'
    page = "<html><body><main>{}{}</main></body></html>"
    body = page.format(
        card.format(GONE, "Judul Hilang", "Cuplikan hilang"),
        card.format("/berita-lain-yang-ada/", "Judul Ada", "Cuplikan ada"),
    )
    left = taken(body)
    assert left is not None
    assert "ilang" not in left and "Judul Ada" in left and "Cuplikan ada" in left


def test_what_is_packed_is_unpacked() -> None:
    """A sitemap may be a gzip file."""
    body = gzip.compress(f"<urlset><url><loc>{GONE}</loc></url></urlset>".encode())
    left = withheld(body, BASE, is_erased, True)
    assert left is not None and gzip.decompress(left) == b"<urlset></urlset>"


TEXT = f"<h1>Ada</h1><div class='entry-content'><p>{'kata ' * 80}</p></div>"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # A box of related articles: each with its picture and its first words.
        ('<aside><h3>Terkait</h3><div><a href="{0}"><img alt="Hilang"></a><h4><a href="{0}">Hilang</a></h4><p>Cuplikan</p></div>'
         '<div><a href="/berita-lain-yang-ada/">Ada</a><p>Lain</p></div></aside>',
         '<aside><h3>Terkait</h3><div><a href="/berita-lain-yang-ada/">Ada</a><p>Lain</p></div></aside>'),
        ('<aside><h3>Terkait</h3><div><a href="{0}">Hilang</a><p>Cuplikan</p></div></aside>', ""),
        ('<ul><li><a href="{0}">Hilang</a><br>Cuplikan</li></ul>', "<ul></ul>"),
        ('<p>Baca juga: <a href="{0}">Hilang</a></p>', ""),
        ('<div class="entry-content"><p>Berita singkat saja.</p><div><a href="{0}">Hilang</a></div></div>',
         '<div class="entry-content"><p>Berita singkat saja.</p></div>'),
        ('<div>Berita singkat saja, kurang dari tujuh puluh kata, tanpa judul. <h4><a href="{0}">Hilang</a></h4></div>',
         "<div>Berita singkat saja, kurang dari tujuh puluh kata, tanpa judul. </div>"),
        ('<p>Seperti <a href="{0}">diberitakan</a> kemarin.</p>', "<p>Seperti diberitakan kemarin.</p>"),
        # Data for other programs.
        ('<script type="application/ld+json">{{"a": [{{"url": "{0}", "name": "Hilang"}}, {{"url": "/b"}}]}}</script>',
         '<script type="application/ld+json">{{"a": [{{"url": "/b"}}]}}</script>'),
        ('<script type="application/ld+json">{{"@type": "NewsArticle", "url": "{0}", "name": "Hilang"}}</script>', ""),
    ],
)  # fmt: skip
def test_a_page_loses_what_shows_it(before: str, after: str) -> None:
    """Around the link what shows the article, and nothing of the page's own text."""
    assert taken(TEXT + before.format(GONE), is_list=False) == TEXT + after.replace("{{", "{").replace(
        "}}", "}"
    )


def test_a_page_without_an_address_says_whose_it_is() -> None:
    """By its canonical address or that for sharing, however they are written; not by what else it links."""
    for tag in (
        f'<link rel="canonical" href="{GONE}">',
        f"<LINK href='{GONE}' REL=canonical />",
        f"<meta content={GONE} property=og:url>",
    ):
        assert list(own_addresses(f"<html><head>{tag}</head>".encode())) == [GONE]
    assert list(own_addresses(f'<link rel="next" href="{GONE}"><a href="{GONE}">'.encode())) == []


def test_the_words_are_found_through_markup_and_escapes() -> None:
    """A title of four words or more, a shorter one that stands alone, and runs of six words of the text; tags stay, so nothing breaks."""
    words = Words.of(["Warga Kota’s Baru Mengadu", "Pendek Saja"], ["satu dua tiga empat lima enam tujuh"])
    body = b"<b>Warga</b> Kota&#8217;s BARU mengadu | Pendek Saja | dua tiga <i>empat</i> lima enam tujuh delapan"
    assert cut(body, words.spans(body)).replace(b" ", b"") == b"<b></b>|PendekSaja|<i></i>delapan"
    assert words.runs_in(body) == 1
    alone = b'<h3>Pendek Saja</h3> {"t": "Pendek saja!"} <img alt="satu dua tiga empat lima enam" src="/warga-kota-s-baru-mengadu">'
    assert (
        cut(alone, words.spans(alone))
        == b'<h3></h3> {"t": "!"} <img alt="" src="/warga-kota-s-baru-mengadu">'
    )


def test_words_that_others_have_are_theirs() -> None:
    """Titles and runs that stand in their texts are left out."""
    words = Words.of(["Warga Kota Baru Mengadu"], ["satu dua tiga empat lima enam tujuh"])
    assert words.less(["Kemarin warga kota baru mengadu lagi: dua tiga empat lima enam tujuh."]) == Words.of(
        [], ["satu dua tiga empat lima enam"]
    )


def test_garbage_is_left_alone() -> None:
    """Whatever bytes come, nothing is raised, and what names nothing is as it was."""
    # What never ends, around links that are looked at one by one: this must not take minutes.
    for never in (b"<!-- ", b"<script type=application/json>", b"<div>"):
        body = never * 20_000 + f'<p><a href="{GONE}">Hilang</a></p>'.encode() * 10 + never * 20_000
        left = withheld(body, BASE, is_erased, False)
        assert left is not None and b"Hilang" not in left
    for body in (b"", b"\x00\xff", b"[", b"{", b"[1, 2", b"<a href=", b"\x1f\x8b\x08", b"[" * 5000):
        assert withheld(body, None, is_erased, True) is None
