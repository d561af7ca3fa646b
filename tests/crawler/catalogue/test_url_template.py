"""Address templates: filled, read back, and followed from page to page."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.catalogue import url_template

NEWEST = "https://a.example/terkini"
INDEX = "https://a.example/indeks"
DAILY = "https://a.example/index-news?date={day:02}-{month:02}-{year}"
TUESDAY = "https://a.example/index-news?date=05-11-2024"
RANGE = "https://a.example/indeks?daterange={day}%20{month_name}%20{year}%20-%20{day}%20{month_name}%20{year}"


@pytest.mark.parametrize(
    ("template", "wrong"),
    [
        ("/terkini/{n}", None),
        (DAILY + "&page={n}", None),
        ("/{page}", "unknown field {page}; known are day, month, month_name, n, year"),
        ("/{n:>9}", "unknown format of {n}"),
        ("/{n!r}", "unknown format of {n}"),
        ("/{n.real}", "unknown field {n.real}; known are day, month, month_name, n, year"),
        ("/{}", "unknown field {}; known are day, month, month_name, n, year"),
        ("/{n", "expected '}' before end of string"),
    ],
)
def test_what_is_wrong_with_a_template(template: str, wrong: str | None) -> None:
    """A template that could not be filled is told apart when its file is read."""
    assert url_template.fault(template) == wrong


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        (DAILY, "https://a.example/index-news?date=05-11-2024"),
        (RANGE, "https://a.example/indeks?daterange=5%20November%202024%20-%205%20November%202024"),
        ("https://a.example/arsip/{year}{month:02}{day:02}/{n}", "https://a.example/arsip/20241105/1"),
    ],
)
def test_the_document_of_a_day(template: str, filled: str) -> None:
    """A dated template names one document for each day."""
    assert url_template.for_day(template, date(2024, 11, 5)) == filled


@pytest.mark.parametrize(
    ("url", "first", "pages", "following"),
    [
        (NEWEST, NEWEST, NEWEST + "/{n}", "/terkini/2"),
        ("http://www.a.example/terkini/", NEWEST, NEWEST + "/{n}", "/terkini/2"),
        (NEWEST + "/9", NEWEST, NEWEST + "/{n}", "/terkini/10"),
        (INDEX + "?page=2", INDEX, INDEX + "?page={n}", "/indeks?page=3"),
        ("https://a.example/", INDEX, INDEX + "?page={n}", None),
        (TUESDAY, DAILY, DAILY + "&page={n}", "/index-news?date=05-11-2024&page=2"),
        (TUESDAY + "&page=2", DAILY, DAILY + "&page={n}", "/index-news?date=05-11-2024&page=3"),
        (INDEX + "?daterange=5 November 2024 - 5 November 2024", RANGE, RANGE + "&page={n}",
         "/indeks?daterange=5%20November%202024%20-%205%20November%202024&page=2"),
        (NEWEST, NEWEST, DAILY + "&page={n}", None),
    ],
)  # fmt: skip
def test_the_page_after(url: str, first: str, pages: str, following: str | None) -> None:
    """The next page follows from the address alone; an address of no page of the entry has none."""
    found = url_template.next_page(url, first, pages)
    assert found == (f"https://a.example{following}" if following else None)
