"""Learning what an article's address looks like: from how many, against which others, and when not at all."""

from __future__ import annotations

import re

import pytest

from crawler.discovery.article_url import path_of
from crawler.probe.url_pattern import common, learn

HOST = "https://warta.example"


def urls(*paths: str) -> list[str]:
    return [HOST + path for path in paths]


@pytest.mark.parametrize(
    ("paths", "menu", "pattern"),
    [
        (["/read/4001/banjir", "/read/4002/jalan", "/read/4003/pasar"], [], r"^/read/(?P<id>\d+)/[^/?]+"),
        (
            ["/kota/9001/banjir", "/desa/9002/jalan", "/kota/9003/pasar"],
            ["/kategori/3/kota", "/tag/12/air"],
            r"^/(?!kategori/|tag/)[^/?]+/(?P<id>\d+)/[^/?]+",
        ),
        (
            ["/kota/9001/banjir", "/kota/9002/jalan", "/kota/9003/pasar"],
            ["/kota"],
            r"^/[^/?]+/(?P<id>\d+)/[^/?]+",
        ),
        (
            ["/baca/banjir-60001.html", "/baca/jalan-60002.html", "/baca/pasar-60003.html", "/baca/air-60004.html"],
            ["/baca/tentang.html"],
            r"^/baca/[^/?]+[-_](?P<id>\d+)\.html",
        ),
        (
            ["/60001-banjir", "/60002-jalan", "/60003-pasar", "/60004-air"],
            ["/kontak"],
            r"^/(?P<id>\d+)[-_][^/?]+",
        ),
        (
            ["/berita.php?id=71", "/berita.php?id=72&l=1", "/berita.php?id=73"],
            ["/kontak.php"],
            r"^/berita\.php\?(?:.*&)?id=(?P<id>\d+)(?:&|$)",
        ),
        (
            ["/kota/bontang/9001/banjir", "/desa/9002/jalan", "/kota/9003/pasar"],
            [],
            r"^/(?:[^/?]+/){1,2}(?P<id>\d+)/[^/?]+",
        ),
        (["/artikel/banjir", "/artikel/jalan-rusak", "/artikel/pasar"], ["/tentang"], "^/artikel/[^/?]+"),
    ],
)  # fmt: skip
def test_what_is_learned_fits_every_article_and_no_other_page(
    paths: list[str], menu: list[str], pattern: str
) -> None:
    """The pattern as written, and what it does."""
    learned = learn(urls(*paths), urls(*menu))
    assert learned == pattern
    assert all(re.search(learned, path_of(url)) for url in urls(*paths))
    assert not any(re.search(learned, path_of(url)) for url in urls(*menu))


@pytest.mark.parametrize(
    ("why", "paths", "menu"),
    [
        ("two are too few", ["/read/4001/banjir", "/read/4002/jalan"], []),
        ("the general rules know them", [f"/kota/satu-dua-tiga-empat-{word}" for word in "abc"], []),
        ("a number that two share is a section's", ["/3/banjir", "/3/jalan", "/4/pasar"], []),
        ("years end headlines", [f"/pilkada-serentak-putaran-{n}" for n in (2023, 2024, 2025)], []),
        ("a time of day is no number of an article", [f"/read/2024/11/20/07150{n}/satu-dua-tiga-empat" for n in "123"], []),
        ("which number is the article's is open", [f"/kota/{n}/{n + 7}/banjir" for n in (4001, 4002, 4003)], []),
        ("numbers of different series", ["/read/7/banjir", "/read/4002/jalan", "/read/4003/pasar"], []),
        ("several shapes", ["/read/4001/banjir", "/read/4002/jalan", "/foto/pasar-pagi"], []),
        ("every page of the site would fit", ["/banjir", "/jalan", "/pasar"], ["/kontak"]),
        ("a page of the house would fit", ["/artikel/banjir", "/artikel/jalan", "/artikel/pasar"], ["/artikel/arsip"]),
    ],
)  # fmt: skip
def test_where_nothing_is_sure_nothing_is_learned(why: str, paths: list[str], menu: list[str]) -> None:
    """Null beats a wrong pattern: it would lose articles, or make two of them one."""
    assert learn(urls(*paths), urls(*menu)) is None, why


def test_among_all_links_those_of_one_shape_with_a_number_are_the_articles() -> None:
    """Where no feed tells and the general rules know none."""
    articles = urls("/b/4001", "/b/4002", "/b/4003")
    assert common([*articles, *urls("/kategori/kota", "/tentang/kami", "/r/2/kota")]) == articles
    assert common(urls("/b/4001", "/b/4002", "/tentang")) == []
    assert common([]) == []
