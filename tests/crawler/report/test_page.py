"""The page: whole in itself, true to the report, and text where strangers wrote; in a real browser, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, get_args

import duckdb
import lxml.html
import pytest

from crawler.report import page
from crawler.report.model import KINDS, Report, Shortfall
from crawler.report.words import MESSAGES
from crawler.web.names import INCIDENTS, REJECTIONS
from crawler.web.shown import Shown
from crawler.web.words import Words
from pipelines.article import Reason
from storage.publish import open_published
from tests.kit import prepared
from tests.kit.browser import CHROMIUM, look_at
from tests.kit.loopback import Loopback
from tests.kit.reported import AGAIN, OUTLETS, SILENT, incident, nothing_known, report


@pytest.fixture(scope="module")
def published() -> Iterator[duckdb.DuckDBPyConnection]:
    """A published database without a row."""
    with open_published(prepared.empty(), "Asia/Makassar") as connection:
        yield connection


@pytest.fixture(scope="module")
def counted() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two views with something in them."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Makassar'")
        connection.execute(
            "CREATE VIEW rejections AS SELECT 'kabar_teluk' AS source, 'too_short' AS reason,"
            " TIMESTAMPTZ '2026-11-20 08:00:00+08' AS fetched_at FROM range(212)"
        )
        connection.execute(
            "CREATE VIEW articles AS SELECT unnest(['kabar_teluk', 'lensa_timur']) AS source,"
            " range AS story_id, DATE '2026-11-20' AS published_on FROM range(61)"
        )
        yield connection


ENGLISH = Words(MESSAGES, "en")


def text_of(html: str) -> str:
    """What is read, without what charts say."""
    document = lxml.html.document_fromstring(html)
    for each in document.xpath("//svg | //style"):
        each.drop_tree()
    return " ".join(" ".join(document.itertext()).split()).replace(" ,", ",").replace("( ", "(")


def test_it_says_what_is_open_new_and_over(counted: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Without a chart, too: a mail program may leave them out."""
    path = tmp_path / "status.html"
    page.write(report(), counted, path, "en")
    said = text_of(path.read_text(encoding="utf-8"))
    for words in (
        "3 of 12 outlets need attention, and so does this machine",
        "Kabar, 1 Oct 2026 to 29 Nov 2026; made 29 Nov 2026 23:04 WITA",
        "this machine disk filling up since 29 Nov 2026 21:04 WITA, new 1.2 GB are left",
        "Warta Pesisir silent since 28 Nov 2026 17:04 WITA, new 0 articles since Friday; 9 to 18 a day are normal",
        "Suara Mahakam a field is gone since 21 Nov 2026 15:04 WITA an author in 4%",
        "Radar Hulu certificate from 25 Nov 2026 23:04 WITA to 29 Nov 2026 22:04 WITA the certificate had ended",
        "641 of the 756 articles that it lists (85%); last success 29 Nov 2026 22:17 WITA",
        "0 articles; last success never",
        "Reason Pages too short 212",
        "Outlets Stories 2 61",
        "Warta Pesisir 9 min 45 min",
    ):
        assert words in said, words
    cards = re.findall(r'<h3 id="(\w+)">', path.read_text(encoding="utf-8"))
    assert cards == [name for name, *_ in OUTLETS]


def test_it_speaks_indonesian(counted: duckdb.DuckDBPyConnection) -> None:
    """Its headings, kinds, reasons, days and charts; what a detail says stays as it is kept."""
    days = tuple(replace(each, day=date(2026, 8, 1) + timedelta(days=n)) for n, each in enumerate(report().sources[0].days))  # fmt: skip
    html = page.as_html(
        replace(report(), sources=(replace(report().sources[0], days=days), *report().sources[1:])),
        counted,
        "id",
    )
    said = text_of(html)
    for words in (
        "3 dari 12 media perlu diperhatikan, begitu pula mesin ini",
        "Kabar, 1 Okt 2026 sampai 29 Nov 2026; dibuat 29 Nov 2026 23.04 WITA",
        "mesin ini disk hampir penuh sejak 29 Nov 2026 21.04 WITA, baru 1.2 GB are left",
        "Radar Hulu sertifikat bermasalah dari 25 Nov 2026 23.04 WITA sampai 29 Nov 2026 22.04 WITA",
        "641 dari 756 artikel yang didaftarnya (85%); terakhir berhasil 29 Nov 2026 22.17 WITA",
        "Alasan Halaman terlalu pendek 212",
        "Warta Pesisir 9 menit 45 menit",
    ):
        assert words in said, words
    assert '<html lang="id">' in html
    assert "Agu 2026" in html and "tidak ada yang melihat" in html and ">2 jam<" in html
    english = {text for _, text in MESSAGES.values() if len(text) > 8 and "{" not in text}
    assert [text for text in english if text in said] == []


def test_it_names_the_days_that_fell_short(published: duckdb.DuckDBPyConnection) -> None:
    """As the terminal does; where they were asked for, the first line does not say that all is well."""
    days = Shortfall(
        "kabar_teluk", date(2026, 11, 2), date(2026, 11, 4), "3 articles on 2026-11-04, where 20 are usual"
    )
    quiet = tuple(replace(each, open_incidents=()) for each in report().sources)
    given = replace(report(), sources=quiet, machine=(), shortfalls=(days,), dropped=(AGAIN,))
    said = text_of(page.as_html(given, published, "en"))
    assert (
        "Days that fell short and are over Kabar Teluk 2 Nov 2026 to 4 Nov 2026 3 articles on 2026-11-04"
        in said
    )
    assert "No longer followed Radar Hulu" in said
    assert page.summary(given, ENGLISH) == "Nothing is broken"
    assert (
        page.summary(replace(given, is_of_days=True), ENGLISH)
        == "Nothing is broken now; days that fell short: 1"
    )


def test_every_kind_and_reason_has_a_name() -> None:
    """In both languages, and no name of what there is not."""
    assert {*INCIDENTS} == {*KINDS}
    assert {*REJECTIONS} == {*get_args(Reason)}


def test_nothing_is_said_to_be_nothing(published: duckdb.DuckDBPyConnection) -> None:
    """A report of outlets of which nothing is known, and one without any."""
    empty = replace(report(), sources=(nothing_known("a", "A"),), machine=(), opened=(), closed=())
    said = text_of(page.as_html(empty, published, "en"))
    assert "Nothing is broken" in said
    assert "No page was rejected." in said
    assert "No story began on these days." in said
    assert "Works again" not in said
    assert "Nothing is broken" in text_of(page.as_html(replace(empty, sources=()), published, "en"))


def test_it_is_one_file_without_script_or_address(counted: duckdb.DuckDBPyConnection) -> None:
    """Whoever gets it by mail asks nobody for anything."""
    html = page.as_html(report(), counted, "en")
    assert not re.search(r"//(?!$)\w|url\(|@import|<script|<link|<img|<iframe|<object|\son\w+=", html)
    assert not re.search(r"""\b(?:src|href|action|style|srcset)\s*=""", html)


def test_hostile_words_stay_text(counted: duckdb.DuckDBPyConnection) -> None:
    """Of a title, a name, a detail and a holiday, in the page and in its charts."""
    hostile = '"><script>alert(1)</script><img src=x onerror=y>{{ 7*7 }}&amp;\u202e\x1b'
    given = report()
    day = replace(given.sources[0].days[0], holiday=hostile)
    open_ = incident(hostile, "silent", hostile)
    first = replace(given.sources[0], title=hostile, source=hostile, days=(day,), open_incidents=(open_,))
    html = page.as_html(
        replace(given, sources=(first,), machine=(replace(SILENT, detail=hostile),), closed=(AGAIN,)),
        counted,
        "en",
    )
    document = lxml.html.document_fromstring(html)
    assert document.xpath("//script | //img | //*[@onerror]") == []
    assert "\u202e" not in html
    assert "\x1b" not in html
    assert "49" not in re.sub(r'\d="[^"]*"', "", text_of(html).partition("Outlets, worst")[0])
    assert "<script>alert(1)</script><img src=x onerror=y>{{ 7*7 }}&amp;\\u202e\\x1b" in text_of(html)


def test_what_stood_there_stays_where_the_page_cannot_be_made(tmp_path: Path) -> None:
    """A page is there whole or not at all."""
    path = tmp_path / "status.html"
    path.write_text("of yesterday")
    with duckdb.connect() as connection, pytest.raises(duckdb.Error):
        page.write(report(), connection, path, "en")
    assert path.read_text() == "of yesterday"
    assert [each.name for each in tmp_path.iterdir()] == ["status.html"]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 min"), (119, "119 min"), (120, "2.0 h"), (2879, "48.0 h"), (2880, "2.0 days"), (None, "–")],
)
def test_a_time_is_told_in_the_largest_unit_of_which_there_are_two(minutes: int | None, words: str) -> None:
    """Null is a dash."""
    assert Shown("en").duration(None if minutes is None else timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "–"), (0, "0%"), (0.0001, "< 1%"), (0.5, "50%"), (0.9999, "> 99%"), (1, "100%")],
)
def test_a_share_of_all_is_all(value: float | None, words: str) -> None:
    """And one of nothing is nothing."""
    assert Shown("en").share(value) == words


@pytest.mark.parametrize(
    ("broken", "machine", "words"),
    [
        (0, False, "Nothing is broken"),
        (0, True, "This machine needs attention"),
        (1, False, "1 of 12 outlets needs attention"),
        (3, True, "3 of 12 outlets need attention, and so does this machine"),
    ],
)
def test_the_first_line_says_how_it_goes(broken: int, machine: bool, words: str) -> None:
    """It is the title of the window, too."""
    given: Report = report()
    sources = tuple(
        replace(each, open_incidents=(SILENT,) if number < broken else ())
        for number, each in enumerate(given.sources)
    )
    assert (
        page.summary(replace(given, sources=sources, machine=given.machine if machine else ()), ENGLISH)
        == words
    )


# --- in a browser -------------------------------------------------------------------------------------


@pytest.mark.heavy
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1000)])
def test_a_browser_shows_it_whole(
    scheme: Literal["light", "dark"],
    width: int,
    counted: duckdb.DuckDBPyConnection,
    server: Loopback,
    tmp_path: Path,
) -> None:
    """On a phone nothing is cut off, the dark is dark, and the page asks for nothing but itself."""
    shown = page.as_html(report(), counted, "en")
    found = look_at(server, tmp_path, shown, scheme, width, ":is(svg, h1, h2, h3, p, li):not(.wide, .wide *)")
    assert (found.width, found.cut) == (width, 0)
    paper, ink = found.paper, found.ink
    assert (paper > 240 and ink < 60) if scheme == "light" else (paper < 40 and ink > 200)
    assert found.asked <= {"/look", "/page", "/favicon.ico"}


def test_the_election_is_explained_where_its_days_are_shown(published: duckdb.DuckDBPyConnection) -> None:
    """With its days; on other days the page has no word of it."""
    given = report()
    assert "quiet days" not in text_of(page.as_html(given, published, "en"))
    days = tuple(
        replace(each, day=date(2024, 11, 23) + timedelta(days=n))
        for n, each in enumerate(given.sources[0].days[:6])
    )
    then = replace(given, sources=(replace(given.sources[0], days=days),))
    said = text_of(page.as_html(then, published, "en"))
    assert "quiet days (24 Nov 2024 to 26 Nov 2024), vote (27 Nov 2024)" in said
