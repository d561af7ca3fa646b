"""Titles: the story's own headline, without the outlet's name."""

from __future__ import annotations

import pytest

from tests.pipelines.expected import only_article, page
from tests.pipelines.story import PARAGRAPHS, WITA, article, ld, meta


@pytest.mark.parametrize(
    "head",
    [
        "<title>Jembatan Dua Desa Rampung - Contoh.id</title>",
        "<title>Jembatan Dua Desa Rampung | Contoh Kabar</title>" + meta("og:site_name", "Contoh Kabar"),
        "<title>Contoh.id | Jembatan Dua Desa Rampung</title>",
        meta("og:title", "Jembatan Dua Desa Rampung – Contoh.id"),
        ld(),
        "",
    ],
)
def test_the_title_has_no_name_of_the_outlet(head: str) -> None:
    """Suffix and prefix leave, whatever separates them."""
    assert article(head).title == "Jembatan Dua Desa Rampung"


def test_a_dash_inside_a_title_stays() -> None:
    """Only the outlet's names are cut off."""
    html = "<title>Bontang - Sangatta Kini Dua Jam - Contoh.id</title><h1>Contoh.id</h1>" + PARAGRAPHS
    assert only_article(page(html), WITA).title == "Bontang - Sangatta Kini Dua Jam"


TITLES = {
    "a title that is the site's": (
        "<title>Kabar Pesisir</title>" + ld(headline="Kabar Pesisir"),
        "<h1>Jembatan Dua Desa Kini Rampung</h1>",
        "Jembatan Dua Desa Kini Rampung",
    ),
    "a title that is the site's motto": (
        "<title>Kabar Pesisir - Portal Berita Warga</title>",
        "<h1>Jembatan Dua Desa Kini Rampung</h1>",
        "Jembatan Dua Desa Kini Rampung",
    ),
    "a site's name and a whole og:title": (
        ld(headline="Contoh.id") + meta("og:title", "Jembatan Dua Desa Rampung"),
        "<h1>Contoh.id</h1>",
        "Jembatan Dua Desa Rampung",
    ),
    "an h2 and an unknown suffix": (
        "<title>Jembatan Dua Desa Rampung - Kabar Warga Pesisir</title>",
        "<h2>Jembatan Dua Desa Rampung</h2>",
        "Jembatan Dua Desa Rampung",
    ),
    "an og:title that is cut off": (
        meta("og:title", "Jembatan Dua Desa Ramp...") + "<title>Jembatan Dua Desa Rampung</title>",
        "",
        "Jembatan Dua Desa Rampung",
    ),
    "an og:title that is cut off, and an h2": (
        meta("og:title", "Jembatan Dua Desa Ramp…"),
        "<h2>Jembatan Dua Desa Rampung</h2>",
        "Jembatan Dua Desa Rampung",
    ),
    "escaped twice": (
        meta("og:title", "&amp;#8220;Jembatan&amp;#8221; Dua Desa &amp;amp; Kota"),
        "",
        "“Jembatan” Dua Desa & Kota",
    ),
    "a subhead that is not the title": (
        "<title>Jembatan Dua Desa Rampung</title>",
        "<h2>Warga Kampung Bergotong Royong</h2>",
        "Jembatan Dua Desa Rampung",
    ),
    "an h1 that is the site's motto": (
        "<title>Jembatan Dua Desa Rampung Pekan Ini</title>",
        "<h1>Kabar Warga Pesisir Kalimantan</h1>",
        "Jembatan Dua Desa Rampung Pekan Ini",
    ),
}


@pytest.mark.parametrize(("head", "above", "title"), TITLES.values(), ids=TITLES)
def test_the_title_is_the_storys_whatever_the_site_states(head: str, above: str, title: str) -> None:
    """The page's own headline beats a name, a motto, a suffix nobody knows and a title cut off."""
    html = f"<html><head>{head}</head><body><article>{above}<div>{PARAGRAPHS}</div></article></body></html>"
    url = "https://contoh.id/2024/11/18/jembatan/"
    assert only_article(page(html, url=url), WITA).title == title


def test_a_heading_that_is_the_title_wins_over_one_that_resembles_it() -> None:
    """A logo's heading repeats the title with names around it."""
    html = (
        meta("og:title", "Jembatan Dua Desa Rampung")
        + "<h1>Pesisir Jembatan Dua Desa Rampung - Daerah :: Pesisir Gaya</h1><h1>Jembatan Dua Desa Rampung</h1>"
        + PARAGRAPHS
    )
    assert only_article(page(html), WITA).title == "Jembatan Dua Desa Rampung"
