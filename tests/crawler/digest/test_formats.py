"""Every format says the same, in both languages; and what outlets wrote does nothing in any of them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree as ET

import lxml.html
import pytest
from markdown_it import MarkdownIt

from crawler.console.text import printable
from crawler.digest.atom import as_atom
from crawler.digest.markdown import as_markdown, opening, text
from crawler.digest.model import Digest
from crawler.digest.page import as_html
from crawler.digest.sheet import BOM, COLUMNS, as_csv
from crawler.digest.terminal import WIDTH, lines_of, wrapped
from crawler.digest.words import EN, ID, Speech, Words
from tests.kit.browser import CHROMIUM, look_at
from tests.kit.clipping import DIGEST, FOUND, HOSTILE, ITEM, UNTIL, hostile
from tests.kit.loopback import Loopback

ATOM = "{http://www.w3.org/2005/Atom}"


def in_terminal(digest: Digest, words: Words) -> str:
    return "\n".join(wrapped(lines_of(Speech(digest, words)), WIDTH))


def in_markdown(digest: Digest, words: Words) -> str:
    html = MarkdownIt("commonmark").enable("strikethrough").render(as_markdown(Speech(digest, words)))
    return str(lxml.html.document_fromstring(html).text_content())


def in_page(digest: Digest, words: Words) -> str:
    document = lxml.html.document_fromstring(as_html(digest, words))
    for each in document.xpath("//style | //title"):
        each.drop_tree()
    return str(document.text_content())


def in_csv(digest: Digest, words: Words) -> str:
    return as_csv(Speech(digest, words))


def in_atom(digest: Digest, words: Words) -> str:
    return " ".join(ET.fromstring(as_atom([digest], words, "istilah-1")).itertext())


SHOWN = {"terminal": in_terminal, "md": in_markdown, "html": in_page, "csv": in_csv, "atom": in_atom}
SAID = {
    "id": (
        "Neni Resmikan Dermaga Baru di Tanjung Limau",
        "Wali kota Neni datang. Ia membuka acara.",
        "Pojok Dongeng Perpustakaan",
        "disunting: angka, ditemukan 24 Nov 2024 12.00 WIT",  # the outlet's zone, not that of the span
        "dan 2 perubahan lain",
        "Berita yang Hilang",
        "muncul kembali",
        "masih memuat yang telah dikoreksi Lensa Timur pada 24 Nov 2024",
        "24 Nov 2024: 9 dari 14 artikel, 1 belum terbaca",
        "25 Nov 2024: 3 alamat belum terbaca",
        "Belum pernah dilihat",
        "Diam (dilihat, tanpa artikel)",
    ),
    "en": (
        "edited: a figure, found 24 Nov 2024 12:00 WIT",
        "and 2 further changes",
        "back again",
        "still carries what Lensa Timur corrected on 24 Nov 2024",
        "24 Nov 2024: 9 of 14 articles, 1 not read yet",
        "Never looked at",
        "Not looked at",
        "Silent (looked at, without an article)",
    ),
}
NOT_IN_CSV = {
    "id": (
        "Kliping, 25 Nov 2024",
        "Minggu, 24 November 2024 07.00 WITA sampai Senin, 25 November 2024 08.05 WITA",
        "3 dari 120 artikel baru menyebut nama dalam daftar (4 media).",
        "Tidak lengkap: 4 dari 4 media",
        "4 artikel baru dari media di luar pilihan tidak disebut.",
        "24 Nov 2024 09.15 WITA",
        "20 Agu 2024",
        "ADVERTORIAL (dibayar DPRD Kaltim)",
        "ralat",
        "baru ditemukan 24 Nov 2024 11.00 WITA",
        "juga di 2 media: Kabar Teluk, Lensa Timur",
        "salinan dari Lensa Timur; juga di 1 media: Lensa Timur",
        "tanpa tanggal, ditemukan 24 Nov 2024 11.00 WITA",
        "ditarik, tidak ada lagi sejak 24 Nov 2024 20.00 WITA",
        "(tanpa judul)",
        "Kutipan sama seperti pada Neni Moerniaeni.",
        "Tanpa berita baru: sepi.",
        "2 salinan yang disebut sebelumnya masih belum dikoreksi.",
        "Radar Hulu (ditolak situs sejak 24 Nov 2024), mesin ini (disk hampir penuh sejak 24 Nov 2024)",
        "Kabar Teluk (25 Nov 2024)",
    ),
    "en": (
        "Clipping, 25 Nov 2024",
        "Sunday, 24 November 2024 07:00 WITA to Monday, 25 November 2024 08:05 WITA",
        "3 of 120 new articles name somebody on the list (4 outlets).",
        "also in 2 outlets: Kabar Teluk, Lensa Timur",
        "paid by DPRD Kaltim",
        "withdrawn since 24 Nov 2024 20:00 WITA",
        "Radar Hulu (refused by the site since 24 Nov 2024)",
    ),
}  # fmt: skip
IN_NO_FEED = {"Kutipan sama", "Tanpa berita", "4 artikel baru", "2 salinan", "Kliping, 25", "Clipping, 25"}


@pytest.mark.parametrize("words", [ID, EN], ids=["id", "en"])
@pytest.mark.parametrize("form", SHOWN)
def test_everything_is_said_in_every_format(form: str, words: Words) -> None:
    """What is new, what was done to it and what is missing; days, times and zones in the language."""
    said = " ".join(SHOWN[form](DIGEST, words).split())
    wanted = SAID[words.language] + (() if form == "csv" else NOT_IN_CSV[words.language])
    for each in wanted:
        if form != "atom" or not each.startswith(tuple(IN_NO_FEED)):
            assert each in said, each
    if form in ("terminal", "csv", "atom"):
        assert "sebanyak [-48-] [+50+] perahu ditambatkan" in said
    else:
        assert re.search(r"sebanyak 48 50 perahu ditambatkan", said)


def test_a_clipping_on_a_terminal_keeps_to_eighty_columns() -> None:
    """But for an address, which is of use whole only."""
    for line in in_terminal(DIGEST, ID).split("\n"):
        assert len(line) <= WIDTH or "://" in line


# --- a page that can be mailed ---------------------------------------------------------------------------


@pytest.mark.parametrize("digest", [DIGEST, hostile()], ids=["plain", "hostile"])
def test_the_page_can_be_mailed(digest: Digest) -> None:
    """No script, nothing that is fetched, style on every element that shows words; it leads to articles alone."""
    html = as_html(digest, ID)
    document = lxml.html.document_fromstring(html)
    assert document.xpath("//script | //link | //img | //iframe | //object | //form | //base | //svg") == []
    assert (
        document.xpath("//@*[starts-with(name(), 'on')] | //@src | //@srcset | //@action | //@background")
        == []
    )
    assert re.search(r"url\(|@import|expression\(", html) is None
    body = document.xpath("//body")[0]
    for each in body.iter():
        words = (each.text or "").strip() + "".join((child.tail or "").strip() for child in each)
        if words:
            assert each.get("style") or each.tag == "b", lxml.html.tostring(each)
    for address in document.xpath("//@href"):
        assert address == "#holes" or re.match(
            r"https://(wartapesisir|lensatimur|kabarteluk)\.example/[!-~]*$", address
        )
    assert "referrer" in html


def test_the_page_is_read_without_its_style_element() -> None:
    """A mail program that drops it leaves every colour and size where it stands."""
    html = re.sub(r"<style>.*?</style>", "", as_html(DIGEST, ID), flags=re.DOTALL)
    assert html.count("font-size") > 10
    assert "prefers-color-scheme" not in html
    assert "max-width:42rem" in html


# --- words of strangers ------------------------------------------------------------------------------------


def test_nothing_that_outlets_wrote_steers_a_terminal() -> None:
    """Every line is printable, and begins where ours begin."""
    for line in in_terminal(hostile(), ID).split("\n"):
        assert printable(line) == line


def test_nothing_that_outlets_wrote_is_markup() -> None:
    """It stands in the page as text, to the sign."""
    html = as_html(hostile(), ID)
    assert "\u202e" not in html
    assert "\x1b" not in html
    said = " ".join(in_page(hostile(), ID).split())
    assert "<script>alert(1)</script><img src=x onerror=y> [klik](javascript:alert(1))" in said
    assert "{{ 7*7 }}" in said


def test_nothing_that_outlets_wrote_is_markdown() -> None:
    """No link but to articles, no picture, no HTML, no heading, no table, by CommonMark and with bare addresses read as links."""
    shown = as_markdown(Speech(hostile(), ID))
    for reader in (MarkdownIt("commonmark"), MarkdownIt("gfm-like", {"linkify": False})):
        document = lxml.html.document_fromstring(reader.render(shown))
        assert document.xpath("//script | //img | //table | //code | //blockquote") == []
        assert {str(each).partition("/a%22")[0] for each in document.xpath("//@href")} <= {
            "https://wartapesisir.example"
        }
        assert len(document.xpath("//h1")) == 1
        assert "<script>alert(1)</script>" in document.text_content()
    assert "<script" not in shown
    # Readers that take a bare address for a link look for these two in the source.
    bare = re.sub(r"\(<[^>]*>\)", "", shown)
    assert re.search(r"(?<!\\)://|www\.", bare) is None


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("1. Juni", "1\\. Juni"),
        ("# Judul", "\\# Judul"),
        ("- Neni", "\\- Neni"),
        ("==", "\\=="),
        ("20 Nov 2024", "20 Nov 2024"),
        ("Rudy Mas’ud (41)", "Rudy Mas’ud (41)"),
        ("a\nb", "a\\\\nb"),
        ("*a_b*", "\\*a\\_b\\*"),
    ],
)
def test_a_line_begins_with_words(words: str, shown: str) -> None:
    """Not with a list, a heading or a rule; and prose stays legible in the source."""
    assert opening(words) == shown
    assert text("Rudy - Seno: 1. putaran") == "Rudy - Seno: 1. putaran"


def test_no_cell_is_a_formula() -> None:
    """Spreadsheets know it for UTF-8, rows have one length, and the words are back where a program reads them."""
    told = as_csv(Speech(hostile(), ID))
    assert told.startswith(BOM)
    rows = list(csv.DictReader(io.StringIO(told.removeprefix(BOM), newline="")))
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert [row["kind"] for row in rows][:3] == ["new", "edited", "uncorrected"]
    assert not [
        cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    ]
    assert rows[1]["title"].startswith("'=cmd|")
    assert rows[0]["title"] == printable(HOSTILE)


def test_a_hole_is_a_row() -> None:
    """Whoever filters by kind finds each day that nobody looked at, and each that lacks articles."""
    told = as_csv(Speech(DIGEST, EN)).removeprefix(BOM)
    holes = [row for row in csv.DictReader(io.StringIO(told)) if row["kind"] == "not_collected"]
    assert [(row["source"], row["published_on"], row["detail"]) for row in holes] == [
        ("kabar_teluk", "2024-11-25", "Not looked at"),
        ("lensa_timur", "2024-11-24", "24 Nov 2024: 9 of 14 articles, 1 not read yet"),
        ("lensa_timur", "2024-11-25", "25 Nov 2024: 3 addresses not read yet"),
        ("warta_pesisir", "", "Silent (looked at, without an article)"),
        ("radar_hulu", "", "Never looked at"),
    ]


# --- feeds --------------------------------------------------------------------------------------------------

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
TAG = re.compile(r"tag:kabar\.invalid,2024:[a-z0-9_/:TZ-]+", re.IGNORECASE)


@pytest.mark.parametrize(
    "digest", [DIGEST, hostile(), replace(DIGEST, topics=())], ids=["plain", "hostile", "empty"]
)
@pytest.mark.parametrize("topic", [None, "neni"])
def test_a_feed_is_valid(digest: Digest, topic: str | None) -> None:
    """By RFC 4287: each id once, instants with a zone, an author, links of the web alone."""
    feed = ET.fromstring(as_atom([digest], ID, "istilah-1", topic).encode())
    assert feed.tag == f"{ATOM}feed"
    assert len(feed.findall(f"{ATOM}author/{ATOM}name")) == 1
    entries = feed.findall(f"{ATOM}entry")
    for each in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(each.findall(ATOM + name)) == 1
        assert TAG.fullmatch(each.findtext(f"{ATOM}id", ""))
        assert INSTANT.fullmatch(each.findtext(f"{ATOM}updated", ""))
    ids = [each.findtext(f"{ATOM}id") for each in entries]
    assert len(ids) == len(set(ids))
    for each in entries:
        assert each.findtext(f"{ATOM}title")
        assert each.findtext(f"{ATOM}content")
        assert each.findtext(f"{ATOM}author/{ATOM}name")
        links = each.findall(f"{ATOM}link")
        assert all(
            link.get("href", "").startswith("https://") and link.get("rel") == "alternate" for link in links
        )
        assert links or each.findtext(f"{ATOM}content")


def test_an_article_of_two_topics_is_one_entry() -> None:
    """With both for its categories; a feed of one topic has that one."""
    feed = ET.fromstring(as_atom([DIGEST], ID, "istilah-1"))
    entry = next(each for each in feed.iter(f"{ATOM}entry") if each.findtext(f"{ATOM}id", "").endswith("/a1"))
    assert [each.get("term") for each in entry.iter(f"{ATOM}category")] == ["neni", "dermaga-0a1b2c"]
    one = ET.fromstring(as_atom([DIGEST], ID, "istilah-1", "dermaga-0a1b2c"))
    assert [each.findtext(f"{ATOM}title") for each in one.iter(f"{ATOM}entry")] == [ITEM.title]
    assert one.findtext(f"{ATOM}title") == "Kliping: dermaga"


def test_a_feed_has_the_digests_before_too() -> None:
    """The newest first, each article once: who looks seldom misses none, and no id changes."""
    older = replace(ITEM, article_id="a0", title="Kemarin", found_at=FOUND.replace(day=23))
    before = replace(
        DIGEST, topics=(replace(DIGEST.topics[0], items=(older, ITEM), changes=(), uncorrected=()),)
    )
    feed = ET.fromstring(as_atom([DIGEST, before], ID, "istilah-1", "neni"))
    ids = [each.findtext(f"{ATOM}id", "").partition("2024:")[2] for each in feed.iter(f"{ATOM}entry")]
    assert ids[-1] == "article/a0"
    assert len(ids) == len(set(ids)) == 8
    assert feed.findtext(f"{ATOM}updated") == f"{UNTIL:%Y-%m-%dT%H:%M:%SZ}"


# --- nothing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [name for name in SHOWN if name not in ("csv", "atom")])
def test_nothing_new_is_said(form: str) -> None:
    """And, where everything was collected, that nothing is known to be missing."""
    quiet = replace(
        DIGEST, topics=DIGEST.topics[2:], holes=(), troubles=(), standing_uncorrected=0, elsewhere=0
    )
    said = " ".join(SHOWN[form](quiet, ID).split())
    assert "Tidak ada yang baru." in said
    assert "Semua media terlihat setiap hari" in said
    assert "Lengkap: 4 media" in said


def test_what_stands_apart_is_said() -> None:
    """An ad hoc answer, a first digest, a clock that was set back, and that nobody gave a name."""
    digest = replace(DIGEST, is_ad_hoc=True, is_first=True, clock_stepped_back=True, has_names=False)
    notes = Speech(digest, EN).notes
    assert [note.split()[0] for note in notes] == ["Asked", "The", "The", "No", "4"]
    assert Speech(digest, EN).counts == "120 new articles (4 outlets)."


# --- in a browser --------------------------------------------------------------------------------------------


@pytest.mark.heavy
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("digest", [DIGEST, hostile()], ids=["plain", "hostile"])
@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1000)])
def test_a_browser_shows_the_page_whole(
    scheme: Literal["light", "dark"], width: int, digest: Digest, server: Loopback, tmp_path: Path
) -> None:
    """On a phone nothing is cut off, the dark is dark, and the page asks for nothing but itself."""
    found = look_at(server, tmp_path, as_html(digest, ID), scheme, width, "h1, h2, h3, p, li, a", "p.quiet")
    assert (found.width, found.cut) == (width, 0)
    paper, ink = found.paper, found.ink
    assert (paper > 240 and ink < 100) if scheme == "light" else (paper < 40 and ink > 140)
    assert found.asked <= {"/look", "/page", "/favicon.ico"}


@pytest.mark.parametrize(
    ("day", "is_paid", "is_said"), [(24, True, True), (26, True, True), (23, True, False), (25, False, False)]
)
def test_what_is_paid_for_in_the_quiet_days_is_said_to_be(day: int, is_paid: bool, is_said: bool) -> None:
    """By the outlet's own day; what bears no mark may be news."""
    item = replace(ITEM, published_on=date(2024, 11, day), is_advertorial=is_paid)
    assert ("terbit dalam masa tenang" in Speech(DIGEST, ID).marks(item)) is is_said
