"""Before a merge, the archived pages that looks by other rules must be compared with are read again."""

from __future__ import annotations

import html
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.catalogue.load import load_catalogue
from crawler.processing.like_with_like import read_again
from crawler.processing.merger import Merger
from crawler.processing.workers import Reading
from pipelines import rules
from pipelines.article import Article, Page
from pipelines.read import read
from storage.archive import SegmentWriter
from storage.archive.record import Record
from storage.batch import Batch, Merged
from storage.data_dir import DataDir
from storage.publish import open_published
from tests.kit.factories import MORNING, STORY, page, prose
from tests.kit.running import CHECKOUT

SOURCE = "expresi"
DAY = timedelta(days=1)
JUNK = "Ikuti terus kabar pesisir bersama kami di sini setiap pagi dan petang, tanpa jeda"
CORRECTION = "Redaksi meralat jumlah peserta yang disebut sebelumnya."


def url(number: int) -> str:
    return f"https://expresi.co/berita-{number}/"


def a_page(number: int, *more: str, days: int = 0) -> Page:
    """A page with a story of its own, and these paragraphs at its end."""
    paragraphs = (STORY, f"{prose(number)}.", *more)
    title = html.escape(f"Berita nomor {number}")
    body = (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><div class='entry-content'>"
        f"{''.join(f'<p>{each}</p>' for each in paragraphs)}</div></article></body></html>"
    )
    return page(url(number), body.encode(), source=SOURCE, at=MORNING + days * DAY)


@pytest.fixture
def better(merger: Merger, tmp_path: Path) -> Merger:
    """The same with a line more in the source file that leaves."""
    folder = tmp_path / "sources"
    folder.mkdir()
    shutil.copy(CHECKOUT / "crawler" / "sources" / "expresi.toml", folder)
    with (folder / "expresi.toml").open("a") as file:
        file.write('[[rules]]\ndrop_lines = ["^Ikuti terus kabar"]\n')
    return replace(merger, catalogue=load_catalogue([folder]))


def write(data_dir: DataDir, *pages: Page) -> Path:
    """A finished segment that waits to be merged."""
    data_dir.create()
    writer = SegmentWriter(data_dir.segments, SOURCE, pages[0].fetched_at)
    for each in pages:
        writer.append(each)
    name = writer.close()
    assert name
    return data_dir.segments / name


def versions(data_dir: DataDir) -> dict[str, list[str]]:
    """Address → why each of its versions is one."""
    found: dict[str, list[str]] = {}
    with closing(open_published(data_dir)) as copy:
        for address, reason in copy.execute(
            "SELECT url, version_reason FROM article_versions ORDER BY url, version"
        ).fetchall():
            found.setdefault(address, []).append(reason)
    return found


def test_what_waits_is_compared_like_with_like(data_dir: DataDir, merger: Merger, better: Merger) -> None:
    """Of four articles one stays, one is edited, one reads better, one does both; asked of the real workers."""
    first = write(data_dir, a_page(1), a_page(2), a_page(3, JUNK), a_page(4, JUNK))
    assert merger.settle() == Merged(new=4)
    write(
        data_dir,
        a_page(1, days=1),
        a_page(2, CORRECTION, days=1),
        a_page(3, JUNK, days=1),
        a_page(4, CORRECTION, JUNK, days=1),
    )
    assert better.settle() == Merged(edited=2, reread=1, known=1)
    assert versions(data_dir) == {
        url(1): ["published"],
        url(2): ["published", "edited"],
        url(3): ["published", "reprocessed"],
        url(4): ["published", "reprocessed", "edited"],
    }
    with closing(open_published(data_dir)) as copy:
        sql = "SELECT fetched_at, segment FROM article_versions WHERE version_reason = 'reprocessed' ORDER BY url"
        assert copy.execute(sql).fetchall() == [(MORNING, f"{SOURCE}/{first.name}")] * 2


@pytest.mark.heavy
def test_what_waits_is_compared_with_a_copy_that_is_published_first(
    data_dir: DataDir, merger: Merger, better: Merger
) -> None:
    """A kill between merge and publish, or an upgrade, leaves one that does not know the last readings."""
    write(data_dir, a_page(4, JUNK))
    merger.settle()
    data_dir.published.unlink()
    write(data_dir, a_page(4, CORRECTION, JUNK, days=1))
    assert better.settle() == Merged(edited=1)
    assert versions(data_dir) == {url(4): ["published", "reprocessed", "edited"]}


# --- by another version of the code --------------------------------------------------------------------


def read_here(records: Iterable[Record]) -> Iterator[tuple[Record, Reading]]:
    """Reads in this process, with what the test has changed."""
    for record in records:
        yield record, list(read(record.page, rules.Rules(source=SOURCE)))


def read_by(version: str, monkeypatch: pytest.MonkeyPatch, a_page: Page) -> Article:
    """What a version of the code reads in a page."""
    monkeypatch.setattr(rules, "CODE_VERSION", version)
    (found,) = read(a_page, rules.Rules(source=SOURCE))
    assert isinstance(found, Article)
    return found


@pytest.fixture
def archived(data_dir: DataDir, merger: Merger) -> Path:
    """The segment of three articles that an older version of the code has read."""
    segment = write(data_dir, a_page(1), a_page(2), a_page(3))
    batch, _ = merger.batch(segment)
    older = tuple(replace(each, rules_version="older") for each in batch.articles)
    merger.merge([replace(batch, articles=older)])
    return segment


@pytest.mark.heavy
def test_a_look_by_another_version_of_the_code_asks_for_the_archived_page(
    data_dir: DataDir, archived: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read by today's, under the id and the place that it has; other pages of the segment are not."""
    looks = [
        read_by("next", monkeypatch, a_page(2, CORRECTION, days=1)),
        read_by("next", monkeypatch, a_page(3)),
    ]
    asked: list[str | None] = []

    def read_all(records: Iterable[Record]) -> Iterator[tuple[Record, Reading]]:
        for record, results in read_here(records):
            asked.append(record.page.url)
            yield record, results

    (found,) = read_again(data_dir, looks, read_all)
    assert asked == [url(2)]
    assert (found.url, found.fetched_at, found.segment) == (url(2), MORNING, f"{SOURCE}/{archived.name}")
    assert found.rules_version == looks[0].rules_version
    assert CORRECTION not in found.text


def test_by_the_same_version_nothing_is_read_again(
    data_dir: DataDir, merger: Merger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit is an edit at once."""
    batch, _ = merger.batch(write(data_dir, a_page(2)))
    merger.merge([batch])
    (last,) = batch.articles
    look = replace(
        read_by("next", monkeypatch, a_page(2, CORRECTION, days=1)), rules_version=last.rules_version
    )
    assert read_again(data_dir, [look], read_here) == ()
    assert merger.merge([Batch(articles=(look,))]) == Merged(edited=1)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:400])


def overwrite(path: Path) -> None:
    path.write_bytes(b"no archive at all" * 100)


@pytest.mark.parametrize("damage", [Path.unlink, cut, overwrite])
def test_a_page_that_cannot_be_had_is_named_and_nothing_is_claimed(
    data_dir: DataDir,
    merger: Merger,
    archived: Path,
    damage: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The merge goes on; the look is a version all the same."""
    look = read_by("next", monkeypatch, a_page(2, CORRECTION, days=1))
    damage(archived)
    assert read_again(data_dir, [look], read_here) == ()
    assert archived.name in caplog.text
    assert "of 1 looks nobody can say whether the outlet has edited" in caplog.text
    assert merger.merge([Batch(articles=(look,))]) == Merged(reread=1)
    assert versions(data_dir)[url(2)] == ["published", "reprocessed"]


@pytest.mark.heavy
def test_a_page_that_is_no_article_any_more_is_compared_with_nothing(
    data_dir: DataDir, archived: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Today's rules refuse it."""
    look = read_by("next", monkeypatch, a_page(2, CORRECTION, days=1))

    def refuse(records: Iterable[Record]) -> Iterator[tuple[Record, Reading]]:
        return ((record, []) for record in records)

    assert read_again(data_dir, [look], refuse) == ()


def test_before_anything_is_published_there_is_nothing_to_compare_with(data_dir: DataDir) -> None:
    """A first crawl asks no database."""
    (look,) = read(a_page(1), rules.Rules(source=SOURCE))
    assert isinstance(look, Article)
    assert read_again(data_dir, [look], read_here) == ()
