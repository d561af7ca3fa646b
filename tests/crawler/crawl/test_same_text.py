"""When a site is asked no further because it gives the same text again and again."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from crawler.crawl.same_text import SameTextCounter
from pipelines.article import Article, Page, Rejected
from tests.kit.factories import MORNING, article, prose

LIMIT = 3


Answer = tuple[Page, list[Article | Rejected]]


def page(body: str, status: int = 200) -> Page:
    return Page("https://wartapesisir.example/a/", "warta_pesisir", MORNING, status, (), body.encode())


def rejected(body: str, status: int = 200) -> Answer:
    """A page that is no article."""
    return page(body, status), [
        Rejected("https://wartapesisir.example/a/", "warta_pesisir", MORNING, "too_short")
    ]


def read(text: str, body: str = "<p>…</p>") -> Answer:
    """A page that holds an article of this text."""
    return page(body), [article(text=text)]


def stops_at(answers: Sequence[Answer], most: int = LIMIT) -> int | None:
    """The answer, counted from 1, after which no more is asked; null where all are."""
    same = SameTextCounter(most)
    return next((n for n, answer in enumerate(answers, 1) if same.note(*answer)), None)


FRONT = '<title>Warta Pesisir</title><a href="/?s={0}">Beranda</a><script nonce={0}></script> {0} pengunjung'
ONE, OTHER = read(prose(1)), read(prose(2))

CASES: dict[str, tuple[list[Answer], int | None]] = {
    "a front page for every path": ([rejected("<h1>Warta Pesisir</h1>")] * 5, 3),
    "session ids and a counter": ([rejected(FRONT.format(n)) for n in range(5)], 3),
    "one text under many addresses": ([read(prose(1), f"<p>{n}</p>") for n in range(5)], 3),
    "empty answers": ([rejected("")] * 5, 3),
    "one text now and then": ([ONE, ONE, OTHER, ONE, ONE, OTHER], None),
    "one text after others": ([OTHER, ONE, ONE, ONE], 4),
    "pages that differ by a word": ([rejected(f"<h1>{word}</h1>") for word in ("a", "b", "c", "d")], None),
    "pages that are gone": ([rejected("<h1>404</h1>", 404)] * 5, None),
    "pages gone between others": ([ONE, rejected("", 404), ONE, rejected("", 500), ONE], 5),
    "answers that hold nothing to read": ([(page("", 304), [])] * 5, None),
}


@pytest.mark.parametrize("name", CASES)
def test_a_site_that_repeats_itself_is_asked_no_further(name: str) -> None:
    """By what a reader sees, in a row, of answers that claim to be a page."""
    answers, at = CASES[name]
    assert stops_at(answers) == at


def test_without_a_limit_every_repetition_is_borne() -> None:
    """SAME_PAGE_LIMIT = 0."""
    assert stops_at([ONE] * 50, most=0) is None
