"""Freezing: a case made of an archived page holds the page as it was and reads the same again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.article import Article, Link, Page
from pipelines.read import read
from storage.archive import SegmentWriter
from tests.pages.cases import PAGES, load, reading
from tests.pages.freeze import CannotFreeze, archived, freeze, main

FETCHED_AT = datetime(2024, 11, 20, 2, tzinfo=UTC)
ADDRESS = "https://expresi.co/simulasi-di-berbas-pantai-kursi-roda-kini-muat-di-bilik-suara/"
RECORDED = (
    PAGES.parent
    / "fixtures/sites/expresi.co/simulasi-di-berbas-pantai-kursi-roda-kini-muat-di-bilik-suara/index.html"
)


def page(body: bytes = b"", **more: object) -> Page:
    values = {
        "url": ADDRESS,
        "source": "expresi",
        "fetched_at": FETCHED_AT,
        "status": 200,
        "headers": (("Content-Type", "text/html; charset=UTF-8"),),
        "body": body or RECORDED.read_bytes(),
        "link": Link(url=ADDRESS, source="expresi", entry="rss", published="Mon, 18 Nov 2024 01:00:00 +0000"),
    }
    return Page(**{**values, **more})  # type: ignore[arg-type]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data dir whose archive holds the page twice, the later time with a further part, and another page."""
    writer = SegmentWriter(tmp_path / "data" / "segments", "expresi", FETCHED_AT)
    writer.append(page(fetched_at=datetime(2024, 11, 19, 2, tzinfo=UTC)))
    writer.append(page(parts=(page(b"<html><p>Bagian dua.</p></html>", url=f"{ADDRESS}2/", link=None),)))
    writer.append(page(b"<html><p>Lain.</p></html>", url="https://expresi.co/lain/"))
    writer.close()
    return tmp_path / "data"


def test_the_newest_archived_page_of_an_address_is_frozen_with_all_that_reading_needs(
    data_dir: Path, tmp_path: Path
) -> None:
    """Body, clock, source, hint of discovery and further parts come back out of the case as they went in."""
    kept = archived(data_dir, ADDRESS + "?utm_source=feed")
    freeze(kept, "expresi/simulasi", tmp_path)
    again = load("expresi/simulasi", tmp_path).page
    assert (again.body, again.fetched_at, again.source) == (kept.body, FETCHED_AT, "expresi")
    assert again.link == kept.link
    assert [(part.url, part.body) for part in again.parts] == [(p.url, p.body) for p in kept.parts]


def test_the_expectation_is_todays_reading(tmp_path: Path) -> None:
    """A case just frozen passes: every field is what the chain reads in the page."""
    freeze(page(), "expresi/simulasi", tmp_path)
    case = load("expresi/simulasi", tmp_path)
    (found,) = read(page(), case.rules)
    assert isinstance(found, Article)
    assert reading("expresi/simulasi", tmp_path) == found
    assert case.wanted("title") == found.title
    assert case.wanted("text") == tuple(found.text.split("\n"))
    assert case.wanted("published_at") == found.published_at


def test_a_refusal_is_frozen_by_its_reason(tmp_path: Path) -> None:
    """A page that is no article becomes a case too, and states nothing else."""
    freeze(page(b"<html><body><p>Kosong.</p></body></html>"), "expresi/kosong", tmp_path)
    assert load("expresi/kosong", tmp_path).expected == {"rejected": "not_an_article"}


def test_a_case_is_never_overwritten(tmp_path: Path) -> None:
    """What a hand has corrected stays until somebody says `--again`."""
    freeze(page(), "expresi/simulasi", tmp_path)
    with pytest.raises(CannotFreeze, match="exists"):
        freeze(page(), "expresi/simulasi", tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--again", "expresi/tidak-ada"],
        ["--segment", "/nowhere", "https://expresi.co/x/", "expresi/x"],
        ["--page", "/nowhere.html", "https://expresi.co/x/", "expresi/x"],
    ],
)
def test_what_is_not_there_is_said_in_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, one line, nothing written."""
    assert main(arguments) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not (PAGES / arguments[-1]).exists()
