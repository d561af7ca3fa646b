"""What an article page shows of the site behind it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.verify.signs import (
    Signs,
    name_in,
    offset_label,
    offset_of,
    openings_of,
    opens_with_brand,
    signs_of,
)
from pipelines.article import Page
from pipelines.rules import Rules

AT = datetime(2024, 11, 18, tzinfo=UTC)
RULES = Rules(body=".isi, .entry-content")
H = timedelta(hours=1)


def page(body: str, document: str = "page") -> Page:
    headers = (("Content-Type", "text/html; charset=UTF-8"),)
    made = Page("https://wartapesisir.example/a/", "warta_pesisir", AT, 200, headers, body.encode())
    return replace(made, document="rest") if document == "rest" else made


def signs(body: str) -> Signs:
    found = signs_of(page(f"<html><head></head><body>{body}</body></html>"), RULES)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("2024-11-18T09:15:00+08:00", 8 * H),
        ("2024-11-18T09:15:00+0700", 7 * H),
        ("2024-11-18T01:15:00Z", 0 * H),
        ("Mon, 18 Nov 2024 01:15:00 GMT", 0 * H),
        ("Senin, 18 November 2024 09:15 WITA", 8 * H),
        ("Jum'at, 21 Juli 2023 | 07:08 WIB", 7 * H),
        ("2024-11-18 09:15:00.123+08:00", 8 * H),
        ("2024-11-18T09:15:00-03:30", -3.5 * H),
        ("2024-11-18T09:15:00", None),
        ("2024-11-18", None),
        ("18 November 2024", None),
    ],
)
def test_the_zone_that_a_time_is_written_with(text: str, offset: timedelta | None) -> None:
    """An offset or a name; a bare time has none, and a date's hyphens are no offset."""
    assert offset_of(text, AT) == offset


@pytest.mark.parametrize(
    ("offset", "text"), [(8 * H, "UTC+8"), (0 * H, "UTC"), (5.5 * H, "UTC+5:30"), (-3.5 * H, "UTC-3:30")]
)
def test_a_zone_has_a_label(offset: timedelta, text: str) -> None:
    """As one says it."""
    assert offset_label(offset) == text


def test_the_zones_of_a_page_stand_in_three_places() -> None:
    """JSON-LD, meta and time; the first of each, whatever the order of the attributes."""
    found = signs(
        '<meta content="x"><meta property="article:published_time" content="2024-11-18T01:15:00+00:00">'
        '<script type="application/ld+json">{"datePublished": "2024-11-18T09:15:00+08:00"}</script>'
        '<time class="entry-date" datetime="2024-11-18T08:15:00+07:00">18/11</time><time datetime="2024-11-18">'
    )
    assert found.offsets == {"json-ld": 8 * H, "meta": 0 * H, "time": 7 * H}


@pytest.mark.parametrize(
    ("body", "container", "opening"),
    [
        ('<div class="entry-content"><p>BONTANG - Hujan.</p></div>', ".entry-content", "BONTANG - Hujan."),
        ('<div class="isi"> </div><div class="entry-content">Hujan.</div>', ".entry-content", "Hujan."),
        ('<div class="isi">Satu.</div><div class="entry-content">Dua.</div>', ".isi", "Satu."),
        ('<div class="lain">Hujan.</div>', None, ""),
    ],
)
def test_the_container_is_the_one_that_reading_takes(body: str, container: str | None, opening: str) -> None:
    """The first alternative of the rules that has text."""
    assert (signs(body).container, signs(body).opening) == (container, opening)


@pytest.mark.parametrize(
    ("body", "system"),
    [
        ('<script id="__NEXT_DATA__" type="application/json">{}</script>', "next"),
        ("<div id=app data-page='{}'></div>", "inertia"),
        ("<div id=app></div>", "plain"),
    ],
)
def test_the_page_type(body: str, system: str) -> None:
    """Next and Inertia pages carry their article as JSON."""
    assert signs(body).system == system


def test_the_theme_of_wordpress() -> None:
    """By the address of its style sheet: the theme's name, or its folder where no table has it."""
    sheet = '<link href="https://w.example/wp-content/themes/{}/style.css">'
    assert signs(sheet.format("jnews-child")).theme == "JNews"
    assert signs(sheet.format("lentera")).theme == "lentera"
    assert signs("<p>Hujan.</p>").theme is None


@pytest.mark.parametrize("repeated", ["<time ", "article:published_time ", '"datePublished": '])
def test_tags_that_never_end_take_little_time(repeated: str) -> None:
    """Small pages are looked at in the crawl's own process, where it would hold up every source."""
    began = time.process_time()
    signs(repeated * (60_000 // len(repeated)))
    assert time.process_time() - began < 2


@pytest.mark.parametrize("body", ["", "hujan", "{}"])
def test_what_is_no_page_shows_nothing(body: str) -> None:
    """No signs, and no fault."""
    assert signs_of(page(body), RULES) is None


@pytest.mark.parametrize(
    "body", ["", "[", "[1]", "{}", '[{"content": {}}]', '[{"content": {"rendered": 1}}]']
)
def test_a_broken_rest_answer_has_no_openings(body: str) -> None:
    """No fault either."""
    assert openings_of(page(body, "rest")) == []


def test_the_openings_of_posts_are_those_taken() -> None:
    """By their numbers."""
    body = '[{"id": 1, "content": {"rendered": "<p>Satu.</p>"}}, {"id": 2, "content": {"rendered": "<p>Dua.</p>"}}]'
    assert openings_of(page(body, "rest")) == ["Satu.", "Dua."]
    assert openings_of(replace(page(body, "rest"), take=("2",))) == ["Dua."]


def test_who_opens_a_text() -> None:
    """One of the outlet's names, or what looks like another's; a sentence is neither."""
    opening = "EXPRESI.co, BONTANG \u2013 Hujan deras"
    assert opens_with_brand(opening, ("EXPRESI.co",))
    assert not opens_with_brand(opening, ("Warta Teluk",))
    assert name_in(opening) == "EXPRESI.co"
    assert name_in("Bontang \u2013 Hujan deras") is None
    assert name_in("Situs expresi.co mengabarkan") is None
