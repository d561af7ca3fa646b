"""Floors under the quality of reading, over all frozen pages: `python -m benchmarks.extraction` prints the figures."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import copytree
from statistics import fmean
from types import FrameType

import pytest

from benchmarks import public
from benchmarks.extraction import (
    READERS,
    articles,
    f1,
    peer,
    score,
    table,
    trafilatura,
    with_rules,
    without_rules,
)
from crawler.testing.case import ABSENT, Case, load, value_of
from pipelines.article import Article
from pipelines.page.tree import decode, parse
from pipelines.read import read
from pipelines.rules import Rules
from tests.pages.cases import PAGES, SOURCES

MIN_F1 = 0.99

MAX_CALLS_PER_ELEMENT = 130
"""Calls of functions, Python's and C's, for each element of a page: a slower reading makes more of them on any machine."""
COUNTED = (
    "antara_kaltim/amp",
    "kaltimkece/bengkel-perahu",
    "lensatimur/adv-dprd",
    "tamankota/komentar-panjang",
)

FACTS = (
    *("url", "title", "authors", "editors", "dateline", "section", "tags", "image_url", "credited_source"),
    *("published_on", "is_advertorial", "advertorial_sponsor", "notice_type"),
)
"""What rules may add and must not be needed to correct. Not the instant: a bare time is WIB until a source says its zone."""


def test_with_rules_the_texts_are_the_articles() -> None:
    """The mean over all pages stays above the floor, so that no new case is frozen with a poor reading."""
    cases = [load(name, PAGES) for name in articles()]
    assert fmean(score(case, with_rules(case, PAGES)).f1 for case in cases) >= MIN_F1


def test_reading_a_page_takes_no_more_calls_than_it_did() -> None:
    """Counted, not timed: the figure is the same whatever else the machine does."""
    cases = [load(name, PAGES) for name in COUNTED]
    elements = sum(_elements(case.page.body) for case in cases)
    for case in cases:
        list(read(case.page, case.rules))  # what is compiled and cached once is not counted
    assert sum(_calls_of_reading(case) for case in cases) <= MAX_CALLS_PER_ELEMENT * elements


def _elements(body: bytes) -> int:
    tree = parse(decode(body, None) or "")
    assert tree is not None
    return len(tree.xpath("//*"))


def _calls_of_reading(case: Case) -> int:
    calls = 0

    def count(_frame: FrameType, event: str, _what: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        list(read(case.page, case.rules))
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("name", articles())
def test_without_rules_no_text_is_worse_than_trafilaturas(name: str) -> None:
    """On a host that nobody knows our chain never does harm."""
    case = load(name, PAGES)
    ours, theirs = (score(case, reader(case, PAGES)).f1 for reader in (without_rules, trafilatura))
    assert ours >= theirs


@pytest.mark.parametrize("name", articles())
def test_without_rules_a_fact_is_right_or_null(name: str) -> None:
    """What only the rules know is null without them, never something else."""
    case = load(name, PAGES)
    (found,) = read(case.page, Rules(source=case.rules.source))
    assert isinstance(found, Article)
    wrong = {
        field: (value, case.wanted(field))
        for field in FACTS
        if (value := value_of(found, field)) not in (case.wanted(field), ABSENT[field])
    }
    assert not wrong


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("satu dua tiga empat lima", 1.0),
        ("satu dua tiga empat", 2 / 3),
        ("satu dua tiga empat lima enam", 0.8),
        ("lain sama sekali", 0.0),
        ("", 0.0),
    ],
)
def test_the_measure_counts_runs_of_four_words(found: str, expected: float) -> None:
    """What is lost and what is added both cost."""
    assert f1("satu dua tiga empat lima", found) == pytest.approx(expected)


def test_a_peer_is_asked_in_a_process_of_its_own() -> None:
    """Page by page, in their order; where it fails, as here where none is installed, it has found nothing."""
    cases = [load(name, PAGES) for name in articles()[:3]]
    reader = peer("newspaper4k", Path(sys.executable), cases)
    assert [reader(case, PAGES) for case in cases] == [None, None, None]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("satu dua tiga empat lima", (1.0, 1.0)),
        ("satu dua tiga empat", (1.0, 0.5)),
        ("satu dua tiga empat lima enam tujuh", (0.5, 1.0)),
        ("", (0.0, 0.0)),
    ],
)
def test_the_public_measure_parts_what_is_added_from_what_is_lost(
    found: str, expected: tuple[float, float]
) -> None:
    """Precision and recall."""
    assert public.scores("satu dua tiga empat lima", found) == expected


def test_the_public_table_has_a_row_for_every_reader() -> None:
    """Pages that nobody has rules for."""
    case = load("kabarteluk/pendek-rob", PAGES)
    rows = public.table([(case.page.url or "", case.page.body, "\n".join(case.wanted("text")))]).splitlines()
    assert [row.split("|")[1].strip() for row in rows[2:4]] == list(public.READERS)
    assert rows[2].split("|")[4].strip() == "1.0000"


def test_the_table_has_a_row_for_every_reader(tmp_path: Path) -> None:
    """The benchmark reads any folder of cases, and prints what it measured."""
    copytree(PAGES / "kabarteluk" / "pendek-rob", tmp_path / "kabarteluk" / "pendek-rob")
    copytree(SOURCES, tmp_path / "sources")
    rows = table(tmp_path).splitlines()
    assert [row.split("|")[1].strip() for row in rows[2:6]] == list(READERS)
    assert rows[2].split("|")[2].strip() == "1.0000"
    assert rows[-1] == "1 articles, 0 pages that are none."
