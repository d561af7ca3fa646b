"""What is left of a document once an erased article is taken out: everything else, as it was."""

from __future__ import annotations

import gzip
import json

import pytest

from pipelines.address import address_key
from pipelines.withhold import Words, cut, withheld

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


def test_the_words_are_found_through_markup_and_escapes() -> None:
    """A title of four words or more, and runs of six words of the text; tags stay, so nothing breaks."""
    words = Words.of(["Warga Kota’s Baru Mengadu", "Pendek Saja"], ["satu dua tiga empat lima enam tujuh"])
    body = b"<b>Warga</b> Kota&#8217;s BARU mengadu | Pendek Saja | dua tiga <i>empat</i> lima enam tujuh delapan"
    assert cut(body, words.spans(body)).replace(b" ", b"") == b"<b></b>|PendekSaja|<i></i>delapan"
    assert words.runs_in(body) == 1


def test_garbage_is_left_alone() -> None:
    """Whatever bytes come, nothing is raised, and what names nothing is as it was."""
    for body in (b"", b"\x00\xff", b"[", b"{", b"[1, 2", b"<a href=", b"\x1f\x8b\x08", b"[" * 5000):
        assert withheld(body, None, is_erased, True) is None
