"""Witnesses: who is believed, and what is null because nobody says it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from pipelines.article import Article, Link
from pipelines.rules import Rules
from tests.pipelines.expected import only_article, page

PARAGRAPHS = "".join(
    f"<p>Paragraf ke-{n} menceritakan pembangunan jembatan yang menghubungkan dua desa di tepi sungai besar.</p>"
    for n in range(1, 5)
)
WITA = Rules(source="contoh", timezone="Asia/Makassar", clock="Asia/Makassar", brands=("Contoh.id",))


def article(head: str = "", above: str = "", below: str = "", *, rules: Rules = WITA, **more: Any) -> Article:
    html = (
        f"<html><head>{head}</head><body><article><h1>Jembatan Dua Desa Rampung</h1>{above}"
        f"<div class='entry-content'>{PARAGRAPHS}</div>{below}</article></body></html>"
    )
    return only_article(page(html, **more), rules)


def ld(**node: Any) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "Jembatan Dua Desa Rampung",
        **node,
    }
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


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


WITNESSES = {
    "rdfa": (
        "",
        "<span property='dc:date dc:created' content='2024-11-18T09:12:40+08:00'>Submitted by humas</span>",
        "2024-11-18T09:12:40+08:00",
        "meta",
        "second",
    ),
    "local time marked as UTC": (
        ld(datePublished="2024-11-18T21:12:00Z"),
        "<div class='date'>Senin, 18 November 2024 21:12 WITA</div>",
        "2024-11-18T21:12:00+08:00",
        "time",
        "minute",
    ),
    "two labels": (
        "",
        "<p><span>Diperbarui: 20 November 2024, 08:00 WITA</span> <span>Terbit: 18 November 2024, 09:12 WITA</span></p>",
        "2024-11-18T09:12:00+08:00",
        "time",
        "minute",
    ),
    "json-ld": (
        ld(datePublished="2024-11-18T09:12:40+08:00"),
        "",
        "2024-11-18T09:12:40+08:00",
        "json-ld",
        "second",
    ),
    "graph": (
        '<script type="application/ld+json">{"@graph": [{"@type": "WebSite"}, {"@type": ["NewsArticle"], '
        '"datePublished": "2024-11-18T01:12:40+00:00",},]}</script>',
        "",
        "2024-11-18T09:12:40+08:00",
        "json-ld",
        "second",
    ),
    "meta": (
        meta("article:published_time", "2024-11-18T09:12:40+08:00"),
        "",
        "2024-11-18T09:12:40+08:00",
        "meta",
        "second",
    ),
    "time": (
        "",
        "<time class='entry-date published' datetime='2024-11-18T09:12:40+08:00'>x</time>",
        "2024-11-18T09:12:40+08:00",
        "time",
        "second",
    ),
    "microdata": (
        "",
        "<span itemprop='datePublished' content='2024-11-18T09:12:00+07:00'></span>",
        "2024-11-18T10:12:00+08:00",
        "time",
        "second",
    ),
    "date line": (
        "",
        "<div class='date'>Senin, 18 November 2024 | 09:12 WIB</div>",
        "2024-11-18T10:12:00+08:00",
        "time",
        "minute",
    ),
    "bare time": (
        "",
        "<span class='tanggal'>Senin, 18 November 2024 09:12</span>",
        "2024-11-18T09:12:00+08:00",
        "time",
        "minute",
    ),
    "day only": (
        "",
        "<span class='date'>18 November 2024</span>",
        "2024-11-18T00:00:00+08:00",
        "time",
        "day",
    ),
}


@pytest.mark.parametrize(("head", "above", "at", "witness", "precision"), WITNESSES.values(), ids=WITNESSES)
def test_the_publication_is_read_from_its_best_witness(
    head: str, above: str, at: str, witness: str, precision: str
) -> None:
    """Instant, witness, precision and the outlet's own day."""
    found = article(head, above)
    assert found.published_at is not None
    assert found.published_at.isoformat() == at
    assert (found.published_from, found.published_precision) == (witness, precision)
    assert found.published_on is not None
    assert found.published_on.isoformat() == "2024-11-18"


@pytest.mark.parametrize(
    "line",
    [
        "<p>{}</p>",
        "<h6>{}</h6>",
        "<ul><li>{}</li></ul>",
        "<a href='/2024/11/18/'>{}</a>",
        "<em>{}</em>",
        "<b>{}</b>",
        "<i>{}</i>",
        "{}<br>",
        "<table><tr><td>{}</td></tr></table>",
        "<dl><dd>{}</dd></dl>",
        "<label>{}</label>",
        "<address>{}</address>",
        "<p><i class='fa'></i> Siti Aminah &nbsp; <i class='fa'></i> {} &nbsp; <i class='fa'></i> 120</p>",
        "<p class='lead'>" + "Ringkasan yang panjang sekali. " * 5 + "</p><p>{}</p>",
    ],
)
def test_a_date_line_is_found_in_any_element(line: str) -> None:
    """Above the first prose, whatever it is called."""
    found = article(above=line.format("Senin, 18 November 2024 09:12 WITA"))
    assert found.published_at is not None
    assert (found.published_at.isoformat(), found.published_from) == ("2024-11-18T09:12:00+08:00", "time")


def test_a_date_line_two_containers_away_is_found() -> None:
    """Headline and date in boxes of their own, side by side."""
    html = (
        "<html><head><meta property='og:type' content='article'></head><body>"
        "<div class='topbar'>Kamis, 21 November 2024</div><div class='kartu'><div><h1>Jembatan Dua Desa Rampung</h1></div></div>"
        f"<div class='isi'><div><p>Senin, 18 November 2024</p></div><div>{PARAGRAPHS}</div></div></body></html>"
    )
    found = only_article(page(html), WITA)
    assert found.published_on is not None
    assert found.published_on.isoformat() == "2024-11-18"


@pytest.mark.parametrize(
    "line",
    [
        "<p>Pilkada digelar 27 Oktober 2024</p>",
        "<figure><figcaption>Warga di balai, 12 Oktober 2024</figcaption></figure>",
        f"{PARAGRAPHS}<p>Sabtu, 16 November 2024</p>",
        "<p>Terakhir diperbarui 18 November 2024</p>",
        "<ul class='related'><li>Jalan Rusak - 12 November 2024</li></ul>",
    ],
)
def test_a_day_that_is_not_the_publications_is_no_date_line(line: str) -> None:
    """Sentences, captions, subheads below prose, updates and teasers."""
    assert article(above=line).published_at is None


@pytest.mark.parametrize(
    "frame", ["<div class='site-header'>{}</div>", "<header>{}</header>", "<div id='jam'>{}</div>"]
)
def test_todays_date_in_the_sites_frame_is_no_date_line(frame: str) -> None:
    """Above the headline, in what holds no headline."""
    html = (
        "<html><head><meta property='og:type' content='article'></head><body><div id='wrapper'>"
        f"{frame.format('<span>Jumat, 22 November 2024</span>')}<div><h1>Jembatan Dua Desa Rampung</h1></div>"
        f"<div>{PARAGRAPHS}</div></div></body></html>"
    )
    assert only_article(page(html), WITA).published_on is None


def test_a_line_that_speaks_of_an_update_is_one() -> None:
    """Its day is `modified_at`."""
    found = article(above="<p>Terakhir diperbarui 18 November 2024</p>").modified_at
    assert found is not None
    assert found.date().isoformat() == "2024-11-18"


def test_the_zone_of_a_bare_time_is_that_of_the_witness_it_agrees_with() -> None:
    """JSON-LD's bare time and og in UTC, of one second: eight hours apart is WITA."""
    head = ld(datePublished="2024-11-18T16:15:30", dateModified="2024-11-18T17:00:00") + meta(
        "article:published_time", "2024-11-18T08:15:30+00:00"
    )
    found = article(head, rules=Rules(source="contoh"))
    assert found.published_at is not None
    assert found.modified_at is not None
    assert found.published_at.astimezone(UTC).isoformat() == "2024-11-18T08:15:30+00:00"
    assert found.modified_at.astimezone(UTC).isoformat() == "2024-11-18T09:00:00+00:00"
    assert (found.published_from, found.published_conflict) == ("json-ld", True)


def test_the_address_and_the_link_are_witnesses_too() -> None:
    """A page that says nothing has the time of its address, or what discovery said."""
    url = "https://contoh.id/read/2024/11/18/091240/jembatan"
    from_url = article(url=url, rules=Rules(source="contoh", timezone="Asia/Makassar"))
    assert from_url.published_at is not None
    assert (from_url.published_at.isoformat(), from_url.published_from) == (
        "2024-11-18T10:12:40+08:00",
        "url",
    )
    link = Link(url=url, source="contoh", entry="rss", published="Mon, 18 Nov 2024 01:12:40 +0000")
    from_feed = article(link=link)
    assert from_feed.published_at is not None
    assert (from_feed.published_at.isoformat(), from_feed.published_from) == (
        "2024-11-18T09:12:40+08:00",
        "feed",
    )


@pytest.mark.parametrize(
    "below",
    [
        "<ul class='related'><li><time datetime='2024-11-01T08:00:00+08:00'>1 November</time></li></ul>",
        "<footer><span class='date'>18 November 2024</span></footer>",
        "<p>Jembatan itu diresmikan 18 November 2024.</p>",
    ],
)
def test_the_date_of_something_else_is_no_publication_date(below: str) -> None:
    """Teasers, footers and sentences are no witnesses."""
    assert article(below=below).published_at is None


CONFLICTS = {
    "the same instant in two zones": ("2024-11-18T09:12:40+08:00", "2024-11-18T01:12:40+00:00", False),
    "some minutes apart": ("2024-11-18T09:12:40+08:00", "2024-11-18T09:15:00+08:00", False),
    "an hour apart": ("2024-11-18T09:12:40+07:00", "2024-11-18T09:12:40+08:00", True),
    "three days apart": ("2024-11-18T09:12:40+08:00", "2024-11-15T09:00:00+08:00", True),
    "the same day without a time": ("2024-11-18T09:12:40+08:00", "18 November 2024", False),
    "another day without a time": ("2024-11-18T09:12:40+08:00", "14 November 2024", True),
}


@pytest.mark.parametrize(("stated", "shown", "expected"), CONFLICTS.values(), ids=CONFLICTS)
def test_witnesses_that_differ_by_a_wrong_zone_or_a_day_are_in_conflict(
    stated: str, shown: str, expected: bool
) -> None:
    """The best witness is kept, the conflict is marked."""
    found = article(ld(datePublished=stated), f"<time class='entry-date' datetime='{shown}'>{shown}</time>")
    assert found.published_conflict is expected
    assert found.published_raw == stated


IMPOSSIBLE = (
    *("9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0000-00-00 00:00:00"),
    *(
        "1994-12-31T10:00:00+08:00",
        "2024-11-22T11:00:01+08:00",
        "2024-11-22T10:30:00Z",
        "2024-11-23",
        "23 November 2024",
    ),
)
"""What no page fetched at 10.00 in Makassar on 22 November 2024 can have been published at."""


@pytest.mark.parametrize("raw", IMPOSSIBLE)
def test_a_witness_of_an_impossible_day_is_passed_over(raw: str) -> None:
    """Wherever it stands: the next one serves, and no conflict is made of what was never so."""
    good = "2024-11-18T09:12:40+08:00"
    time = "<time class='entry-date' datetime='{0}'>{0}</time>".format
    link = Link(url="https://contoh.id/a", source="contoh", entry="sitemap", published=good)
    found = {
        "meta": article(ld(datePublished=raw) + meta("article:published_time", good)),
        "time": article(ld(datePublished=raw) + meta("article:published_time", raw), time(good)),
        "sitemap": article(meta("article:published_time", raw), time(raw), link=link),
        "url": article(
            ld(datePublished=raw), time(raw), url="https://contoh.id/2024/11/18/jembatan-dua-desa/"
        ),
    }
    assert {name: each.published_from for name, each in found.items()} == {name: name for name in found}
    assert {str(each.published_on) for each in found.values()} == {"2024-11-18"}


@pytest.mark.parametrize("raw", IMPOSSIBLE)
def test_where_every_witness_is_impossible_there_is_no_date(raw: str) -> None:
    """Not of the publication, whoever states it, nor of the change."""
    link = Link(url="https://contoh.id/a", source="contoh", entry="rss", published=raw)
    head = ld(datePublished=raw, dateModified=raw) + meta("article:modified_time", raw)
    shown = f"<time class='entry-date' datetime='{raw}'>{raw}</time><span class='kapan'>{raw}</span>"
    found = article(head, shown, link=link, rules=replace(WITA, published=".kapan"))
    assert (found.published_at, found.published_on, found.published_precision, found.published_from) == (
        *(None, None, None, None),
    )
    assert (found.published_raw, found.published_conflict, found.modified_at) == (None, False, None)


def test_an_impossible_change_gives_way_to_the_next_witness() -> None:
    """As a publication's does."""
    good = "2024-11-19T09:00:00+08:00"
    found = article(ld(dateModified="9999-01-01T00:00:00Z") + meta("article:modified_time", good)).modified_at
    assert found is not None
    assert found.isoformat() == good


def test_local_time_marked_as_utc_is_put_right_before_it_is_judged() -> None:
    """Of half an hour ago, it would lie ahead of its fetch: the page prints the same time with its zone."""
    found = article(
        ld(datePublished="2024-11-22T09:30:00Z"),
        "<span class='date'>Jumat, 22 November 2024 09:30 WITA</span>",
    )
    assert found.published_at is not None
    assert (found.published_at.isoformat(), found.published_from) == ("2024-11-22T09:30:00+08:00", "time")


AUTHORS = {
    "one person": (ld(author={"@type": "Person", "name": "Siti Aminah"}), Rules(), ("Siti Aminah",), ()),
    "two people": (
        ld(author=[{"name": "Siti Aminah"}, {"name": "Budi"}]),
        Rules(),
        ("Siti Aminah", "Budi"),
        (),
    ),
    "by reference": (
        '<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "author": {"@id": "#a"}}, '
        '{"@type": "Person", "@id": "#a", "name": "Siti Aminah"}]}</script>',
        Rules(),
        ("Siti Aminah",),
        (),
    ),
    "an editor apart": (
        ld(author="Siti Aminah", editor={"name": "Rahman"}),
        Rules(),
        ("Siti Aminah",),
        ("Rahman",),
    ),
    "the agency's swap": (
        ld(author="Rahman", creator="Siti Aminah"),
        Rules(author_is_editor=True),
        ("Siti Aminah",),
        ("Rahman",),
    ),
    "an account": (ld(author="admin"), Rules(), (), ()),
    "the outlet itself": (ld(author={"@type": "Organization", "name": "Contoh.id"}), WITA, (), ()),
    "an address": (meta("article:author", "https://facebook.com/contoh"), Rules(), (), ()),
    "nobody": ("", Rules(), (), ()),
}


@pytest.mark.parametrize(("head", "rules", "authors", "editors"), AUTHORS.values(), ids=AUTHORS)
def test_authors_and_editors_are_people_that_the_page_names(
    head: str, rules: Rules, authors: tuple[str, ...], editors: tuple[str, ...]
) -> None:
    """Accounts, addresses and the outlet are none."""
    found = article(head, rules=rules)
    assert (found.authors, found.editors) == (authors, editors)


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
        ('<link rel="shortlink" href="https://contoh.id/?p=77">', "https://contoh.id/a/", "id:contoh:77"),
        ("", "https://kaltim.antaranews.com/berita/181704/judul", "id:contoh:181704"),
    ],
)
def test_the_platforms_own_number_is_a_key(head: str, url: str, key: str) -> None:
    """It finds the article again when its address is renamed."""
    found = article(head, url=url)
    assert found.keys[0].startswith("url:")
    assert key in found.keys


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


OWN = {"headline": "Jembatan Dua Desa Rampung", "datePublished": "2024-11-18T09:00:00+08:00"}
OTHER = {"headline": "Pasar Lama Dibuka Kembali", "datePublished": "2024-11-15T07:00:00+08:00"}


@pytest.mark.parametrize(
    ("nodes", "day"),
    [
        ([OTHER, OWN], 18),
        ([OWN, OTHER], 18),
        ([{**OTHER, "url": "https://contoh.id/a/"}, OWN | {"headline": "Lain"}], 15),  # by its address
        ([OTHER, {"headline": OWN["headline"]}], None),  # its own states no day: the other's is not its day
        ([OTHER], 15),  # alone it is the page's, whatever it is called
    ],
)
def test_another_storys_node_is_not_believed(nodes: list[dict[str, str]], day: int | None) -> None:
    """Pages carry the data of related stories too."""
    found = article("".join(ld(**node) for node in nodes), url="https://contoh.id/a/")
    assert (found.published_on.day if found.published_on else None) == day


def crumbs(*names: str) -> str:
    steps = [{"@type": "ListItem", "position": n, "name": name} for n, name in enumerate(names, 1)]
    data = {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": steps}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


@pytest.mark.parametrize(
    ("head", "section"),
    [
        (crumbs("Contoh.id", "Daerah", "Kutai Barat", "Jembatan Dua Desa Rampung"), "Kutai Barat"),
        (crumbs("Home", "Jembatan Dua Desa Rampung"), None),
        (crumbs("Contoh.id"), None),
        (crumbs("Home", "Daerah") + meta("article:section", "Infrastruktur"), "Infrastruktur"),
        ('<meta itemprop="articleSection" content="Daerah">', "Daerah"),
    ],
)
def test_a_breadcrumb_names_the_section_where_nothing_else_does(head: str, section: str | None) -> None:
    """The innermost, less the home page and the article itself."""
    assert article(head).section == section


FRAMES = {
    "a label and a line": (
        "<div class='info'><span>Penulis: Siti Aminah</span> <span>18 November 2024</span></div>",
        ("Siti Aminah",),
        (),
        None,
    ),
    "two labels, spaced": (
        "<div><span>Reporter : Siti Aminah</span><br><span>Editor : Rahman</span></div>",
        ("Siti Aminah",),
        ("Rahman",),
        None,
    ),
    "section and name": (
        "<ol class='breadcrumb'><li><a href='/'>Beranda</a></li><li><a href='/daerah'>Daerah</a></li></ol>"
        "<div>Daerah - Siti Aminah</div>",
        ("Siti Aminah",),
        (),
        "Daerah",
    ),
    "a dash that is no byline": ("<div>Daerah - Siti Aminah</div>", (), (), None),
    "the deepest crumb, not the title": (
        "<div class='crumbs'><a href='/'>Home</a> / <a href='/a'>Kaltim</a> / <a href='/a/b'>Bontang</a>"
        " / <a href='/a/b/c'>Jembatan Dua Desa Rampung</a></div>",
        (),
        (),
        "Bontang",
    ),
    "a menu is no section": (
        "<nav class='menu-kategori'><a href='/kategori/olahraga'>Olahraga</a></nav>",
        (),
        (),
        None,
    ),
    "a name in a list of other stories": (
        "<ul class='terkait'><li><span>Penulis: Orang Lain</span></li></ul>",
        (),
        (),
        None,
    ),
    "a block theme": (
        "<div class='taxonomy-category wp-block-post-terms'><a rel='tag' href='/category/kota/'>Kota</a></div>"
        "<p class='wp-block-post-author__name'>Siti Aminah</p>",
        ("Siti Aminah",),
        (),
        "Kota",
    ),
    "tagDiv": (
        "<ul class='td-category'><li><a href='/category/kota/'>Kota</a></li></ul>"
        "<div class='td-post-author-name'>Oleh <a href='/author/siti/'>Siti Aminah</a></div>",
        ("Siti Aminah",),
        (),
        "Kota",
    ),
}


@pytest.mark.parametrize(("above", "authors", "editors", "section"), FRAMES.values(), ids=FRAMES)
def test_the_frame_of_a_headline_names_people_and_section(
    above: str, authors: tuple[str, ...], editors: tuple[str, ...], section: str | None
) -> None:
    """Labels, crumbs and the classes of known themes, where structured data is silent."""
    found = article(above=above)
    assert (found.authors, found.editors, found.section, found.tags) == (authors, editors, section, ())


def test_a_footer_of_the_story_dates_it() -> None:
    """Classic themes print date and author below the text, in the article's own `entry-footer`."""
    footer = (
        "<footer class='entry-footer'><time class='entry-date published' datetime='2024-11-18T09:12:40+08:00'>"
        "18 November 2024</time> <a rel='author' href='/author/siti/'>Siti Aminah</a></footer>"
    )
    found = article(below=footer)
    assert found.published_at is not None
    assert found.published_at.isoformat() == "2024-11-18T09:12:40+08:00"
    assert found.authors == ("Siti Aminah",)


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        ("<p>Tags : <a href='/tag/a'>#jembatan</a> <a href='/tag/b'>#desa</a></p>", ("jembatan", "desa")),
        ("<div>TAG: <a href='/tag/a'>JEMBATAN</a></div>", ("JEMBATAN",)),
        ("<p>Tagihan listrik: <a href='/x'>cara membayar</a></p>", ()),
    ],
)
def test_a_line_that_opens_with_tag_is_one_of_tags(line: str, tags: tuple[str, ...]) -> None:
    """Whatever the element is called; other words do not open it."""
    assert article(below=line).tags == tags


@pytest.mark.parametrize(
    ("label", "is_paid"),
    [("Kerja sama", True), ("ADVERTORIAL", True), ("Advertisement", False), ("Kerja sama dua desa", False)],
)
def test_a_label_above_the_headline_marks_an_advertorial(label: str, is_paid: bool) -> None:
    """The label alone on its line; an ad's own label says nothing of the story."""
    html = (
        "<html><head><meta property='og:type' content='article'></head><body><article>"
        f"<div class='pita'>{label}</div><header><h1>Jembatan Dua Desa Rampung</h1></header>"
        f"<div class='entry-content'>{PARAGRAPHS}</div></article></body></html>"
    )
    found = only_article(page(html), WITA)
    assert (found.is_advertorial, found.advertorial_from) == (is_paid, "label" if is_paid else None)


def test_a_page_that_is_drawn_by_a_script_states_its_facts_in_json() -> None:
    """Date, people, section, tags and picture are read where the body is; teasers beside it say nothing."""
    stated = {
        "title": "Jembatan Dua Desa Rampung",
        "content": PARAGRAPHS,
        "published_at": "2024-11-18 09:12:40",
        "authors": [{"name": "Siti Aminah"}],
        "editor": {"name": "Rahman"},
        "category": {"name": "Daerah"},
        "tags": [{"name": "jembatan"}],
        "cover": "https://contoh.id/a.webp",
    }
    teaser = {
        "title": "Yang Lain",
        "content": "Ringkas.",
        "published_at": "2023-01-01",
        "author": "Orang Lain",
    }
    data = json.dumps({"props": {"pageProps": {"article": stated, "related": [teaser]}}})
    html = (
        "<html><body><h1>Jembatan Dua Desa Rampung</h1>"
        f"<script id='__NEXT_DATA__' type='application/json'>{data}</script></body></html>"
    )
    found = only_article(page(html), WITA)
    assert (found.authors, found.editors, found.section, found.tags, found.image_url) == (
        ("Siti Aminah",),
        ("Rahman",),
        "Daerah",
        ("jembatan",),
        "https://contoh.id/a.webp",
    )
    assert found.published_at is not None
    assert (found.published_at.isoformat(), found.published_from) == ("2024-11-18T09:12:40+08:00", "json-ld")


PRINTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "an icon": (
        "<p><i class='fa fa-user'></i> Siti Aminah <i class='fa fa-eye'></i> 120</p>",
        ("Siti Aminah",),
    ),
    "a cell behind the date": (
        "<div>Selasa, 4-3-2025 | 13:05 Wita | Penulis: Siti Aminah</div>",
        ("Siti Aminah",),
    ),
    "Detik's desk": (
        "<div class='detail__author'>Siti Aminah - <span>contohKota</span></div>",
        ("Siti Aminah",),
    ),
    "Jawa Pos": ("<div class='read__info__author'><a href='/a'>Siti Aminah</a></div>", ("Siti Aminah",)),
    "Joomla's account": ("<span class='author vcard'><a href='/a'>Super User</a></span>", ()),
    "the site's account": ("<span class='author vcard'><a href='/a'>contoh</a></span>", ()),
    "Suara's editor first": (
        "<script>dataLayer.push({'articleEditor':'Rahman Hakim'})</script>"
        "<h3 class='author-trigger'><a href='/a'>Rahman Hakim</a></h3>"
        "<h3 class='author-trigger'><a href='/b'>Siti Aminah</a></h3>",
        ("Siti Aminah",),
    ),
}


@pytest.mark.parametrize(("above", "authors"), PRINTED.values(), ids=PRINTED)
def test_the_author_is_found_where_platforms_print_it(above: str, authors: tuple[str, ...]) -> None:
    """Behind icons, dates and labels; an account of the site or of its software is nobody."""
    assert article(above=above).authors == authors


def test_an_update_in_markup_is_no_publication() -> None:
    """Joomla's and Foxiz' update beside the printed publication; gmr marks a publication as its change."""
    line = "<dl><dd>Terbit: 17 November 2024</dd><dd><time datetime='2024-11-18T09:00:00+08:00' {}>x</time></dd></dl>"
    for marks in ("itemprop='dateModified'", "class='updated-date'"):
        found = article(above=line.format(marks))
        assert found.published_on is not None
        assert found.modified_at is not None
        assert (found.published_on.isoformat(), found.modified_at.isoformat()) == (
            "2024-11-17",
            "2024-11-18T09:00:00+08:00",
        )
    gmr = "<time class='entry-date published' itemprop='dateModified' datetime='2024-11-18T09:00:00+08:00'>x</time>"
    assert article(above=gmr).modified_at is None
