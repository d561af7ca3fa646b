"""When a story came out and when it changed: who is believed, and what is null because nobody says it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from pipelines.article import Article, Link
from pipelines.rules import Rules
from tests.pipelines.expected import FETCHED_AT, only_article, page
from tests.pipelines.story import PARAGRAPHS, WITA, article, ld, meta

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
    "a bare day and a moment of it": (
        ld(datePublished="2024-11-18") + meta("article:published_time", "2024-11-18T09:12:40+08:00"),
        "",
        "2024-11-18T09:12:40+08:00",
        "meta",
        "second",
    ),
    "below a picture and its caption": (
        "",
        "<div class='x'><img src='a.jpg'><br>FOTO ARSIP: Presiden meninjau pangkalan udara di dekat kota Orleans, "
        "Prancis, pada 16 Januari 2020, bersama para menteri dan pejabat daerah</div><p>18 November 2024</p>",
        "2024-11-18T00:00:00+08:00",
        "time",
        "day",
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
    "in the zone of a server in America": ("2024-11-18T09:12:40+08:00", "2024-11-18T09:12:40-05:00", True),
    "in the zone of a server in Europe": ("2024-11-18T09:12:40+07:00", "2024-11-18T09:12:40+02:00", True),
    "a half of the day apart": ("2024-11-18T09:12:40+08:00", "2024-11-18T21:12:40+08:00", True),
    "four hours and a half apart": ("2024-11-18T09:12:40+08:00", "2024-11-18T13:42:40+08:00", False),
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


def test_of_two_changes_the_moment_is_kept() -> None:
    """A bare day says less, wherever it stands."""
    found = article(
        meta("article:modified_time", "2024-11-18T09:12:40+08:00"),
        "<p>Terakhir diperbarui 18 November 2024</p>",
    )
    assert str(found.modified_at) == "2024-11-18 09:12:40+08:00"
    found = article(
        ld(dateModified="2024-11-18") + meta("article:modified_time", "2024-11-18T09:12:40+08:00")
    )
    assert str(found.modified_at) == "2024-11-18 09:12:40+08:00"


def test_local_time_marked_as_utc_is_put_right_before_it_is_judged() -> None:
    """Of half an hour ago, it would lie ahead of its fetch: the page prints the same time with its zone."""
    found = article(
        ld(datePublished="2024-11-22T09:30:00Z"),
        "<span class='date'>Jumat, 22 November 2024 09:30 WITA</span>",
    )
    assert found.published_at is not None
    assert (found.published_at.isoformat(), found.published_from) == ("2024-11-22T09:30:00+08:00", "time")


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


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("2024-11-18T22:40:00-04:00", "2024-11-18"),
        ("2024-11-18T20:40:00+00:00", "2024-11-18"),
        ("2024-11-18T00:10:00+09:00", "2024-11-18"),
        ("2024-11-18 23:40", "2024-11-18"),
    ],
)
def test_a_host_that_no_source_names_has_the_day_that_its_page_writes(stated: str, day: str) -> None:
    """Nobody knows its place: the page's own offset decides; a source's place decides for its own pages."""
    head = ld(datePublished=stated)
    unknown = article(head, rules=Rules(source="contoh.example"))
    known = article(head)
    assert str(unknown.published_on) == day
    if "T2" in stated:
        assert str(known.published_on) == "2024-11-19"


def test_a_machines_utc_has_the_day_that_the_page_prints_beside_it() -> None:
    """Of a host that no source names: 20.40 UTC is the next day where the page says so, by a time or by a day alone."""
    rules = Rules(source="contoh.example")
    head = ld(datePublished="2024-11-18T20:40:00Z")
    for line in ("Selasa, 19 November 2024 | 04:40", "Selasa, 19 November 2024"):
        found = article(head, f"<div>{line}</div>", rules=rules)
        assert found.published_at is not None
        assert found.published_at.astimezone(UTC).isoformat() == "2024-11-18T20:40:00+00:00"
        assert str(found.published_on) == "2024-11-19"


def test_json_ld_that_stands_alone_gives_way_to_two_that_agree() -> None:
    """The day of a draft in JSON-LD; `<meta>` and the printed line have the publication's."""
    head = ld(datePublished="2024-11-14T07:29:00+08:00") + meta(
        "article:published_time", "2024-11-18T08:29:34+08:00"
    )
    found = article(head, "<div class='date'>18 November 2024</div>")
    assert (str(found.published_on), found.published_from, found.published_conflict) == (
        "2024-11-18",
        "meta",
        True,
    )


def test_bloggers_abbr_dates_its_post() -> None:
    """In the post's footer, as a microformat."""
    footer = (
        "<div class='post-footer'><span class='post-author vcard'>oleh <span class='fn'>Siti Aminah</span></span>"
        "<abbr class='published' title='2024-11-18T09:12:40+08:00'>09.12</abbr></div>"
    )
    found = article(below=footer)
    assert found.published_at is not None
    assert (found.published_at.isoformat(), found.authors) == ("2024-11-18T09:12:40+08:00", ("Siti Aminah",))


@pytest.mark.parametrize(
    "line",
    [
        "<span class='published' title='2024-11-18T09:12:40+08:00'>18 Nov</span>",
        "<span class='published'><span class='value-title' title='2024-11-18T09:12:40+08:00'></span>18 Nov</span>",
        "<article class='has-related-posts'><time datetime='2024-11-18T09:12:40+08:00'>18 Nov 2024</time></article>",
    ],
)
def test_the_instant_in_an_attribute_is_read(line: str) -> None:
    """Microformats in other elements; in a box that is called after what it has besides."""
    found = article(above=line)
    assert found.published_at is not None
    assert found.published_at.isoformat() == "2024-11-18T09:12:40+08:00"


STAMPED = {
    "a day, long before": ("2024-11-25T10:33:13+08:00", "Terbit: 18 November 2024", "time"),
    "a time of the day before": ("2024-11-19T11:52:23+08:00", "Terbit: 18 November 2024, 18:00 WITA", "time"),
    "a day alone": ("2024-11-19", "Terbit: 18 November 2024, 12:01 WITA", "time"),
    "the day before, as another zone has it": (
        "2024-11-18T00:30:00+08:00",
        "Terbit: 17 November 2024",
        "meta",
    ),
    "a later day, as a masthead has it": ("2024-11-18T09:12:40+08:00", "Terbit: 25 November 2024", "meta"),
}


@pytest.mark.parametrize(("stamped", "line", "witness"), STAMPED.values(), ids=STAMPED)
def test_a_stamp_of_the_last_change_gives_way_to_the_earlier_day_that_is_printed(
    stamped: str, line: str, witness: str
) -> None:
    """`<meta name="date">` is stamped anew at each change by many systems; what zones explain is no change."""
    found = article(meta("date", stamped), f"<p>{line}</p>")
    assert (str(found.published_on), found.published_from) == ("2024-11-18", witness)


def test_a_stamp_that_json_ld_repeats_is_believed() -> None:
    """Two machines that agree know more than a printed day, which may be a picture's."""
    head = ld(datePublished="2024-11-18T09:12:40+08:00") + meta("date", "2024-11-18T09:12:40+08:00")
    found = article(head, "<p>Terbit: 4 November 2024</p>")
    assert (str(found.published_on), found.published_from) == ("2024-11-18", "json-ld")


def test_an_address_keeps_the_day_of_an_archive_that_was_moved() -> None:
    """The new system dates every story anew; a draft of some days is no archive."""
    head = ld(datePublished="2024-11-18T18:28:00+08:00")
    moved = article(head, url="https://contoh.id/2022/03/07/jembatan/")
    assert (str(moved.published_on), moved.published_from, moved.published_conflict) == (
        "2022-03-07",
        "url",
        True,
    )
    draft = article(head, url="https://contoh.id/2024/11/12/jembatan/")
    assert (str(draft.published_on), draft.published_from) == ("2024-11-18", "json-ld")


def test_a_day_in_numbers_is_read_month_first_where_another_witness_says_so() -> None:
    """Servers of English systems write 11/01/2024 into `<meta>` and print 01.11.2024."""
    stamped = meta("date", "11/01/2024 12:43:42")
    assert str(article(stamped, "<p>Terbit: 01.11.2024</p>").published_on) == "2024-11-01"
    assert str(article(stamped).published_on) == "2024-01-11"


def test_an_embedded_post_dates_no_story() -> None:
    """Its own day stands in the quotation that the network's code draws."""
    post = "<blockquote class='instagram-media'><p>Kiriman <time datetime='2024-04-21T23:47:18+00:00'>21 Apr</time></p></blockquote>"
    assert article(below=post).published_at is None


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        ("<span class='itemPostDate'>18/11/2024 22:30</span>", "2024-11-18"),
        ("<span class='itemPostDate'>18/11/2024</span><span class='itemPostDate'>19/11/2024</span>", None),
        ("<header><span class='date'>18/11/2024</span></header>", None),
    ],
)
def test_a_page_whose_headline_is_not_found_has_the_day_of_its_only_date_line(
    lines: str, day: str | None
) -> None:
    """Named so by its class, outside the frame; of two nobody knows which is the story's."""
    html = f"<html><head><title>Contoh</title></head><body>{lines}<div class='entry-content'>{PARAGRAPHS}</div></body></html>"
    found = only_article(page(html), WITA)
    assert (str(found.published_on) if found.published_on else None) == day


CLOCK = "<div id='navwrap'><span class='jam'><time datetime='{}'>Senin</time></span></div>"


@pytest.mark.parametrize(("line", "day"), [("<p>Terbit: 18 November 2024</p>", "2024-11-18"), ("", None)])
def test_a_clock_above_the_headline_dates_no_story(line: str, day: str | None) -> None:
    """Mastheads print today's date as the page's only `<time>`; an archive keeps it."""
    clock = CLOCK.format("2024-11-25T13:56:20+08:00")
    html = (
        f"<html><body>{clock}<main><div><div><div><article><header>x</header><h1>Jembatan Dua Desa Rampung</h1>{line}"
        f"<div class='entry-content'>{PARAGRAPHS}</div></article><p>Bantuan</p></div><p>Kontak</p></div><p>Lain</p></div>"
        "</main></body></html>"
    )
    found = only_article(page(html), WITA)
    assert (str(found.published_on) if found.published_on else None) == day


def test_a_time_in_the_header_of_the_post_itself_dates_it() -> None:
    """Directly above the headline, in the post's own `header`."""
    html = (
        "<html><body><div class='post'><header><time datetime='2024-11-18T16:05:25+08:00'>18 Nov</time></header>"
        f"<h1>Jembatan Dua Desa Rampung</h1><div class='entry-content'>{PARAGRAPHS}</div></div></body></html>"
    )
    assert str(only_article(page(html), WITA).published_on) == "2024-11-18"


OTHERS = "<a href='/berita/dua/'>Pasar Baru Dibuka untuk Pedagang Kecil</a>"


@pytest.mark.parametrize(
    ("box", "day"),
    [
        ("<div class='sidebar'><p>{}</p><a href='/kutai/'>Kutai</a></div>", "2024-11-18"),
        ("<div class='sidebar'><p>{}</p>" + OTHERS + "</div>", None),
        (
            "<div class='lay-sidebar'><div class='sidebar__main'>{}"
            + PARAGRAPHS * 2
            + OTHERS
            + "</div></div>",
            "2024-11-18",
        ),
    ],
    ids=["of the story's facts", "of other stories", "that is the story's column"],
)
def test_a_box_at_the_side_that_leads_to_no_other_story_may_date_the_story(box: str, day: str | None) -> None:
    """What a template calls a sidebar holds the facts of the story, or its text, as often as lists of others."""
    found = article(above=box.format("<time datetime='2024-11-18'>18 November 2024</time>"))
    assert (str(found.published_on) if found.published_on else None) == day


def test_a_clock_in_a_box_at_the_side_dates_no_story() -> None:
    """Where it names the moment of the fetch; widgets of weather and prayer times have one."""
    box = f"<div class='widget'><time datetime='{FETCHED_AT.isoformat()}'>Hari ini</time></div>"
    assert article(below=box).published_at is None


LAST = {
    "a labelled fact in a list": ("", "<ul><li><p>Terbit</p><p>18 November 2024</p></li><li>Cetak</li></ul>", "time"),
    "a part of the title": ("<title>Jembatan Dua Desa Rampung | Contoh | 18.11.2024</title>", "", "meta"),
    "the only day in scripts": (
        "<script>var page = {\"post\": {\"published_at\": \"2024-11-18T09:12:40+08:00\"}};</script>",
        "<script>list.push({\\\"publishedDate\\\": \\\"2024-11-18\\\"})</script>",
        "json-ld",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("head", "below", "witness"), LAST.values(), ids=LAST)
def test_where_nothing_else_says_it_the_last_witnesses_are_heard(head: str, below: str, witness: str) -> None:
    """Of which none may speak of another day."""

    def story(head: str, below: str) -> Article:
        html = (
            f"<html><head>{head}</head><body><main><div><div><div><h1>Jembatan Dua Desa Rampung</h1><p>x</p></div><p>x</p></div>"
            f"<p>x</p></div><div class='entry-content'>{PARAGRAPHS}</div>{below}</main></body></html>"
        )
        return only_article(page(html), WITA)

    found = story(head, below)
    assert (str(found.published_on), found.published_from) == ("2024-11-18", witness)
    other = "<script>var next = {'published_at': '2024-11-19T08:00:00+08:00'};</script>"
    assert story(head, below + other).published_at is None
    assert str(story(head + meta("date", "2024-11-20"), below).published_on) == "2024-11-20"


@pytest.mark.parametrize(
    ("opening", "day"),
    [
        ("Samarinda, 18 November 2024 – Jembatan", "2024-11-18"),
        ("(18/11/2024) Jembatan", "2024-11-18"),
        ("Bupati Kutai (18/11/2024) meresmikan jembatan", None),
        ("Senin, 18 November 2024, jembatan", None),
    ],
)
def test_the_day_of_a_dateline_dates_a_story_that_nothing_else_dates(opening: str, day: str | None) -> None:
    """Offices' releases open with place and day; a day in a sentence is that of what it tells."""
    text = f"<p>{opening} yang menghubungkan dua desa di tepi sungai besar itu rampung dan dibuka bagi warga.</p>"
    found = article(above=f"<div class='entry-content'>{text}</div>")
    assert (str(found.published_on) if found.published_on else None) == day


@pytest.mark.parametrize(
    ("box", "day"),
    [
        ("<div>18 November 2024</div>", "2024-11-18"),
        ("<div>18 November 2024</div><div>19 November 2024</div>", None),
        ("<table><tr><td>Diperbarui</td><td>18 November 2024</td></tr></table>", None),
        ("<table><tr><td>Berlaku sejak</td><td>18 November 2024</td></tr></table>", None),
        ("<div>Diubah:</div><div>18 November 2024</div>" + "<p>Rambu dipasang di tepi jalan desa itu.</p>" * 5, None),
        ("<ul><li>18 November 2024</li></ul>", None),
        ("<footer>18 November 2024</footer>", None),
    ],
    ids=["alone", "of two", "of a change", "of something else", "below its label", "in a list", "in the frame"],
)  # fmt: skip
def test_the_only_day_on_a_line_of_its_own_dates_a_story_that_nothing_else_dates(
    box: str, day: str | None
) -> None:
    """Wherever it stands; not where a label beside it says what else happened then."""
    found = article(below=f"<div><div><p>x</p></div><p>y</p></div><section>{box}</section>")
    assert (str(found.published_on) if found.published_on else None) == day


def test_a_page_without_its_headline_is_dated_by_the_only_paragraph_that_opens_with_a_day() -> None:
    """Two such paragraphs are two stories'."""
    told = "<p>(18. November 2024) Jembatan yang menghubungkan dua desa di tepi sungai besar itu rampung, {}.</p>"

    def day_of(*paragraphs: str) -> str:
        html = f"<html><head><title>Kabar</title></head><body><div>{''.join(paragraphs)}{PARAGRAPHS}</div></body></html>"
        return str(only_article(page(html), WITA).published_on)

    assert day_of(told.format("kata bupati")) == "2024-11-18"
    assert day_of(told.format("kata bupati"), told.replace("18", "19").format("kata camat")) == "None"


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://contoh.id/nasional/20241118103015-20-1168273/jembatan-rampung", "2024-11-18"),
        ("https://contoh.id/2024-11-18-jembatan-rampung.html", "2024-11-18"),
        ("https://contoh.id/berita/pilkada-2024-11-18", None),
        ("https://contoh.id/berita/2024111812345678", None),
        ("https://arsip.example/web/20241118103015/http://contoh.id/jembatan-rampung", None),
    ],
)
def test_an_address_that_opens_a_part_with_a_day_is_the_very_last_witness(url: str, day: str | None) -> None:
    """A number that begins like a day is none; nor is the moment at which an archive copied the page."""
    found = article(url=url)
    assert (str(found.published_on) if found.published_on else None) == day
    assert str(article(meta("date", "2024-11-20"), url=url).published_on) == "2024-11-20"


@pytest.mark.parametrize(
    ("changed", "day", "witness"),
    [
        ("2024-11-18T10:14:00+08:00", "2024-11-18", "meta"),
        ("2024-11-18T07:30:00+08:00", "2024-11-17", "json-ld"),
    ],
)
def test_json_ld_of_the_day_before_gives_way_to_two_that_agree_to_the_minute(
    changed: str, day: str, witness: str
) -> None:
    """But for the minute of its own last change, which many systems stamp and print."""
    head = ld(datePublished="2024-11-17T18:19:00+08:00", dateModified=changed) + meta(
        "date", "2024-11-18T07:30:00+08:00"
    )
    found = article(head, "<p>18.11.2024, 07:30</p>")
    assert (str(found.published_on), found.published_from) == (day, witness)
