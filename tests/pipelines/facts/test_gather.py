"""Facts of a page: the rules' selectors, picture, address, numbers, and what is null because nobody says it."""

from __future__ import annotations

import pytest

from pipelines.rules import Rules
from tests.pipelines.story import article, ld, meta


def test_the_rules_selectors_are_witnesses() -> None:
    """What structured data does not say stands where the rules point."""
    rules = Rules(
        title=".judul",
        published=".kapan",
        authors=".oleh b",
        section=".rubrik",
        tags=".kunci a",
        editors=".ed",
    )
    above = (
        "<p class='judul'>Judul dari Aturan</p><i class='kapan'>18/11/2024 09:12 WIB</i><div class='oleh'>Oleh <b>Siti</b></div>"
        "<div class='rubrik'>Daerah</div><div class='kunci'><a>jembatan</a><a>desa</a></div><div class='ed'>Rahman</div>"
    )
    found = article("", above, rules=rules)
    assert (found.title, found.authors, found.editors, found.section, found.tags) == (
        "Judul dari Aturan",
        ("Siti",),
        ("Rahman",),
        "Daerah",
        ("jembatan", "desa"),
    )
    assert found.published_at is not None
    assert found.published_at.isoformat() == "2024-11-18T09:12:00+07:00"


def test_section_tags_picture_and_description_are_read() -> None:
    """From JSON-LD and meta alike; noise among the keywords is none."""
    found = article(
        ld(articleSection=["Daerah", "Infrastruktur"], keywords=[["jembatan", "desa", "Editor: Rahman"]])
        + meta("og:image", "/gambar/a.jpg")
        + meta("og:description", "Dua desa kini terhubung."),
        url="https://contoh.id/a/",
    )
    assert (found.section, found.tags) == ("Daerah", ("jembatan", "desa"))
    assert (found.image_url, found.description) == (
        "https://contoh.id/gambar/a.jpg",
        "Dua desa kini terhubung.",
    )


def test_what_nobody_says_is_null() -> None:
    """A bare page has a title, a text and nothing else."""
    found = article()
    assert (found.published_at, found.modified_at, found.section, found.image_url, found.description) == (
        None,
    ) * 5
    assert (found.authors, found.editors, found.tags, found.dateline) == ((), (), (), None)


CANONICALS = {
    "its own": (
        "https://contoh.id/a/?utm_source=x",
        '<link rel="canonical" href="https://contoh.id/a/">',
        "https://contoh.id/a/",
    ),
    "empty": (
        "https://contoh.id/a/",
        '<link rel="canonical" href="">' + meta("og:url", ""),
        "https://contoh.id/a/",
    ),
    "the front page": (
        "https://contoh.id/a/",
        '<link rel="canonical" href="https://contoh.id/">' + meta("og:type", "article"),
        "https://contoh.id/a/",
    ),
    "another host": (
        "https://contoh.id/a/",
        '<link rel="canonical" href="https://lain.id/a/">',
        "https://contoh.id/a/",
    ),
    "amp": (
        "https://contoh.id/a/amp/",
        '<link rel="canonical" href="https://contoh.id/a/">',
        "https://contoh.id/a/",
    ),
    "a better slug": (
        "https://contoh.id/?p=7",
        '<link rel="canonical" href="https://contoh.id/jembatan/">',
        "https://contoh.id/jembatan/",
    ),
    "relative": (
        "https://contoh.id/a/",
        '<link rel="canonical" href="/jembatan/">',
        "https://contoh.id/jembatan/",
    ),
}


@pytest.mark.parametrize(("url", "head", "expected"), CANONICALS.values(), ids=CANONICALS)
def test_the_address_is_the_one_the_page_names_where_that_is_believable(
    url: str, head: str, expected: str
) -> None:
    """An empty, a foreign or a front-page canonical is ignored."""
    assert article(head, url=url).url == expected


@pytest.mark.parametrize(
    ("head", "url", "key"),
    [
        ('<link rel="shortlink" href="https://contoh.id/?p=77">', "https://contoh.id/a/", "id:contoh.id:77"),
        ("", "https://kaltim.antaranews.com/berita/181704/judul", "id:kaltim.antaranews.com:181704"),
    ],
)
def test_the_platforms_own_number_is_a_key(head: str, url: str, key: str) -> None:
    """It finds the article again when its address is renamed."""
    found = article(head, url=url)
    assert found.keys[0].startswith("url:")
    assert key in found.keys


AMP = '<link rel="amphtml" href="{}">'


@pytest.mark.parametrize(
    ("head", "claims"),
    [
        (AMP.format("https://contoh.id/a.amp.html"), {"contoh.id/a.amp.html"}),
        (AMP.format("https://amp.contoh.id/a"), {"amp.contoh.id/a"}),
        (AMP.format("https://contoh.id/a/amp/"), set()),
        (AMP.format("https://cdn.example/c/s/contoh.id/a"), set()),
        (ld(**{"@id": "https://contoh.id/?p=7#artikel"}), {"contoh.id?p=7"}),
        (ld(mainEntityOfPage={"@type": "WebPage", "@id": "https://contoh.id/b/"}), {"contoh.id/b"}),
        (ld(mainEntityOfPage=[{"url": "/b/"}], url="https://contoh.id/c"), {"contoh.id/b", "contoh.id/c"}),
        (ld(mainEntityOfPage="https://lain.id/a/", url="javascript:0"), set()),
        (ld(**{"@id": "https://contoh.id/#website", "mainEntityOfPage": "https://contoh.id"}), set()),
        (ld(**{"@id": "#article", "mainEntityOfPage": "https://contoh.id/a/#webpage"}), set()),
        (ld(**{"@id": 7, "mainEntityOfPage": {"@id": None}, "url": ["", {}]}), set()),
    ],
)
def test_what_a_page_calls_its_article_besides_is_a_witness(head: str, claims: set[str]) -> None:
    """Of the outlet's hosts alone; a name within a page is that page's, and the front page nobody's."""
    rules = Rules(source="contoh", hosts=("contoh.id", "amp.contoh.id"))
    found = article(head, url="https://contoh.id/a/", rules=rules)
    assert found.url == "https://contoh.id/a/"
    assert {*found.keys} == {"url:contoh.id/a", *(f"claim:{each}" for each in claims)}


@pytest.mark.parametrize(
    ("head", "where"),
    [
        (ld(articleSection="Advertorial"), "section"),
        (ld(keywords="jembatan, Advertorial"), "label"),
        (ld(), None),
    ],
)
def test_a_paid_section_or_label_marks_an_advertorial(head: str, where: str | None) -> None:
    """`advertorial_from` says where the mark was found."""
    found = article(head)
    assert (found.is_advertorial, found.advertorial_from) == (where is not None, where)


ESCAPED = {
    "twice": ("Warga &amp;amp;ldquo;rapi&amp;amp;rdquo; &amp;amp;amp; bersih", "Warga “rapi” & bersih"),
    "once": ("Warga &amp;#8220;rapi&amp;#8221; &amp;amp; bersih", "Warga “rapi” & bersih"),
    "markup": ("&lt;p class=&quot;x&quot;&gt;Warga rapi&lt;/p&gt;", "Warga rapi"),
    "markup twice": ("&amp;lt;p&amp;gt;Warga &amp;lt;b&amp;gt;rapi&amp;lt;/b&amp;gt;", "Warga rapi"),
    "a sign": ("Suhu &lt; 30 dan &gt; 20", "Suhu < 30 dan > 20"),
}


@pytest.mark.parametrize(("content", "expected"), ESCAPED.values(), ids=ESCAPED)
def test_a_description_is_clean_however_often_it_was_escaped(content: str, expected: str) -> None:
    """Neither entities nor markup are stored; a sign of comparison stays."""
    assert article(meta("og:description", content)).description == expected


def test_names_tags_and_addresses_are_clean_too() -> None:
    """Whatever else a `<meta>` states was escaped by the same function."""
    found = article(
        meta("article:section", "Ekonomi &amp;amp;amp; Bisnis")
        + meta("article:tag", "UMKM &amp;amp;amp; Koperasi")
        + meta("author", "Siti Nur&amp;amp;#039;aini")
        + meta("og:image", "https://contoh.id/a.jpg?w=1&amp;amp;h=2")
    )
    assert (found.section, found.tags, found.authors, found.image_url) == (
        "Ekonomi & Bisnis",
        ("UMKM & Koperasi",),
        ("Siti Nur'aini",),
        "https://contoh.id/a.jpg?w=1&h=2",
    )
