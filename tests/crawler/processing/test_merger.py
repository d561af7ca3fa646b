"""What a kill or a busy store left behind, and the one place where archive, reading and merge meet."""

from __future__ import annotations

import html
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.catalogue.load import load_catalogue
from crawler.catalogue.model import Catalogue
from crawler.ledger.ledger import Ledger
from crawler.ledger.model import LookResult, Mark, Validators
from crawler.processing.merger import Merger
from crawler.processing.outcomes import fetch_of, marks_of
from crawler.processing.workers import Readers
from pipelines.article import Link, Page, Rejected
from storage.archive import SegmentWriter
from storage.archive.quiet import Span
from storage.archive.record import OPEN_SUFFIX
from storage.batch import Merged
from storage.crawls import CrawlRow
from storage.data_dir import DatabaseBusy, DataDir
from storage.integrity import check_schema
from storage.publish import open_published
from storage.schema import SchemaError
from storage.settled import unsettled_folders
from storage.store import open_store
from tests.kit.factories import MORNING, STORY, article, every_day, page, prose, store_options

CHECKOUT = Path(__file__).parents[3]
SOURCE = "expresi"
DAY = timedelta(days=1)


def url(number: int) -> str:
    return f"https://expresi.co/berita-{number}/"


def a_page(number: int, **more: Any) -> Page:
    """A page of an outlet with an article of its own."""
    text = f"{prose(number)}."
    body = (
        f"<html><head><title>{html.escape(f'Berita nomor {number}')}</title></head><body>"
        f"<article><h1>Berita nomor {number}</h1><div class='entry-content'><p>{STORY}</p><p>{text}</p></div>"
        "</article></body></html>"
    )
    link = Link(url(number), SOURCE, "rss")
    return page(url(number), body.encode(), source=SOURCE, link=link, **more)


def write(data_dir: DataDir, *pages: Page, source: str = SOURCE) -> Path:
    """A finished segment that waits to be merged."""
    data_dir.create()
    writer = SegmentWriter(data_dir.segments, source, MORNING)
    for each in pages:
        writer.append(each)
    name = writer.close()
    assert name
    return data_dir.segments / name


def discover(data_dir: DataDir, *numbers: int) -> None:
    data_dir.create()
    with closing(Ledger(data_dir.ledger)) as ledger:
        ledger.record(SOURCE, [Link(url(n), SOURCE, "rss") for n in numbers], every_day(), MORNING)


def states(data_dir: DataDir) -> dict[str, int]:
    with closing(Ledger(data_dir.ledger)) as ledger:
        return ledger.counts(SOURCE)


def published(data_dir: DataDir, sql: str = "SELECT url FROM articles ORDER BY url") -> list[Any]:
    with open_published(data_dir) as connection:
        return [row[0] if len(row) == 1 else row for row in connection.execute(sql).fetchall()]


_WRITER = """
import sys
from pathlib import Path
from crawler.ledger.ledger import Ledger
from storage.archive import SegmentWriter
from storage.data_dir import DataDir
from tests.crawler.processing.test_merger import SOURCE, a_page
from tests.kit.factories import MORNING
data_dir = DataDir(Path(sys.argv[1]))
data_dir.create()
with data_dir.source_lock(SOURCE):
    writer = SegmentWriter(data_dir.segments, SOURCE, MORNING)
    for number in range(3):
        writer.append(a_page(number))
    half = writer._file.write
    group = []
    writer._file = type("Disk", (), {"write": lambda self, data: group.append(data) or len(data)})()
    writer.append(a_page(3))
    half(b"".join(group)[: len(b"".join(group)) // 2])  # the kill comes in the midst of the fourth page
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def a_crawl(data_dir: DataDir) -> Iterator[subprocess.Popen[str]]:
    """A process that holds its source, has written three pages, and is writing the fourth."""
    command = [sys.executable, "-c", _WRITER, str(data_dir.root)]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        try:
            assert other.stdout.readline() == "ready\n"
            yield other
        finally:
            other.kill()


# --- what a kill leaves -------------------------------------------------------------------------------


def test_the_segment_of_a_dead_writer_is_merged(data_dir: DataDir, merger: Merger) -> None:
    """Its whole pages are articles, and fetched in the ledger; the torn one is pending still."""
    discover(data_dir, 0, 1, 2, 3)
    with a_crawl(data_dir) as crawl:
        crawl.send_signal(signal.SIGKILL)
        crawl.wait()
        assert merger.settle() == Merged(new=3)
    assert published(data_dir) == [url(0), url(1), url(2)]
    assert states(data_dir) == {"fetched": 3, "pending": 1}
    assert not list(data_dir.segments.rglob(f"*{OPEN_SUFFIX}"))


@pytest.mark.heavy
def test_the_segment_of_a_living_writer_is_left_alone(data_dir: DataDir, merger: Merger) -> None:
    """Another command goes its way, and the crawl goes on writing."""
    other = replace(a_page(7), source="chanetujuh", url="https://chanetujuh.com/berita-7/", link=None)
    write(data_dir, other, source="chanetujuh")
    with a_crawl(data_dir):
        [path] = data_dir.segments.rglob(f"*{OPEN_SUFFIX}")
        before = path.read_bytes()
        assert merger.settle() == Merged(new=1), "what another source left is merged meanwhile"
        assert path.read_bytes() == before
    assert published(data_dir, "SELECT source FROM articles") == ["chanetujuh"]


def test_a_writer_without_the_sources_lock_is_left_alone_too(data_dir: DataDir, merger: Merger) -> None:
    """An ingest writes segments of many sources and locks none: the lock on the file speaks for it."""
    data_dir.create()
    writer = SegmentWriter(data_dir.segments, SOURCE, MORNING)
    writer.append(a_page(1))
    assert merger.settle() == Merged()
    writer.append(a_page(2))
    writer.close()
    assert merger.settle() == Merged(new=2)


def test_a_crawl_mends_its_own_source_while_it_holds_it(data_dir: DataDir, merger: Merger) -> None:
    """The lock that a run has taken itself does not keep it from its own leftovers."""
    write(data_dir, a_page(1))
    with data_dir.source_lock(SOURCE):
        assert merger.settle() == Merged()
        assert merger.settle(held=SOURCE) == Merged(new=1)


def test_a_leftover_without_a_whole_page_goes(data_dir: DataDir, merger: Merger) -> None:
    """A kill before the first page leaves nothing to keep."""
    folder = data_dir.segments / SOURCE
    folder.mkdir(parents=True)
    (folder / f"20241120T010000-0a1b2c3d.warc.gz{OPEN_SUFFIX}").write_bytes(b"\x1f\x8b\x08")
    assert merger.settle() == Merged()
    assert not list(folder.iterdir())


def test_settling_twice_changes_nothing(data_dir: DataDir, merger: Merger) -> None:
    """Doing it once more is how a kill is settled, so it must cost nothing."""
    write(data_dir, a_page(1), a_page(2))
    assert merger.settle() == Merged(new=2)
    before = data_dir.published.stat()
    assert merger.settle() == Merged()
    after = data_dir.published.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_what_is_settled_is_looked_into_no_more(data_dir: DataDir, merger: Merger) -> None:
    """Until something comes: then that folder alone."""
    write(data_dir, a_page(1))
    write(data_dir, a_page(2), source="antara_kaltim")
    merger.settle()
    assert merger.settle() == Merged()
    assert unsettled_folders(data_dir) == []
    write(data_dir, a_page(3))
    assert [folder.name for folder in unsettled_folders(data_dir)] == [SOURCE]
    assert merger.settle() == Merged(new=1)


def test_a_crawl_leaves_its_folder_settled(data_dir: DataDir, merger: Merger) -> None:
    """The next command need not list what this one has written; but for what still waits there."""
    waiting = write(data_dir, a_page(1))
    batch, _ = merger.batch(write(data_dir, a_page(2)))
    merger.merge([batch], lambda merged: CrawlRow("1", SOURCE, MORNING, MORNING, "done"))
    assert [folder.name for folder in unsettled_folders(data_dir)] == [SOURCE]
    batch, _ = merger.batch(waiting)
    merger.merge([batch], lambda merged: CrawlRow("2", SOURCE, MORNING, MORNING, "done"))
    assert unsettled_folders(data_dir) == []


@pytest.mark.parametrize("is_published", [True, False])
def test_a_store_back_from_a_backup_gets_what_it_lacks(
    data_dir: DataDir, merger: Merger, is_published: bool
) -> None:
    """The folder has not changed since it was settled, but the store has: it is listed again."""
    write(data_dir, a_page(1))
    merger.settle()
    backup = data_dir.root / "backup.duckdb"
    shutil.copy2(data_dir.store, backup)
    write(data_dir, a_page(2))
    merger.settle()
    assert merger.settle() == Merged()
    backup.replace(data_dir.store)
    if not is_published:  # the copy still has what the store lacks
        merger.publishing_every(3600).settle()
        merger.publishing_every(3600).settle()
    assert merger.settle() == Merged(new=1)
    assert published(data_dir) == [url(1), url(2)]


def test_a_crawl_of_a_harvest_looks_into_its_own_folder_alone(data_dir: DataDir, merger: Merger) -> None:
    """The harvest has looked into all of them, once."""
    write(data_dir, a_page(1), source="antara_kaltim")
    write(data_dir, a_page(2))
    assert merger.settle(SOURCE, others=False) == Merged(new=1)
    assert merger.settle(SOURCE) == Merged(new=1)


def test_what_is_merged_and_not_published_yet_is_not_read_again(
    data_dir: DataDir, merger: Merger, caplog: pytest.LogCaptureFixture
) -> None:
    """A copy that is young enough waits; the store itself says which segments it has."""
    write(data_dir, a_page(1))
    assert merger.settle() == Merged(new=1)
    damaged = write(data_dir, a_page(2), a_page(3))
    damaged.write_bytes(damaged.read_bytes()[:-300])
    patient = merger.publishing_every(3600)
    assert patient.settle() == Merged(new=1)
    assert published(data_dir) == [url(1)]
    assert caplog.text.count(damaged.name) == 1, "it was read"
    assert patient.settle() == Merged()
    assert caplog.text.count(damaged.name) == 1, "and not again"
    assert merger.settle() == Merged()
    assert published(data_dir) == [url(1), url(2)]


def test_a_copy_that_lost_its_note_of_segments_does_no_harm(data_dir: DataDir, merger: Merger) -> None:
    """What is taken for unmerged is read and merged again, and nothing is there twice."""
    write(data_dir, a_page(1))
    merger.settle()
    data_dir.published.unlink()
    assert merger.settle() == Merged()
    assert published(data_dir, "SELECT url, version FROM articles") == [(url(1), 1)]
    assert published(data_dir, "SELECT count(*) FROM fetches") == [1]


def test_a_data_dir_that_is_not_there_stays_so(data_dir: DataDir, merger: Merger) -> None:
    """Looking for leftovers makes nothing."""
    assert merger.settle() == Merged()
    assert not data_dir.root.exists()


@pytest.mark.heavy
def test_a_busy_store_keeps_the_segments_waiting(data_dir: DataDir, merger: Merger) -> None:
    """Nothing is lost and the holder is named; the next command merges them."""
    write(data_dir, a_page(1))
    code = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('ready', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(data_dir.store)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "ready\n"
        with pytest.raises(DatabaseBusy, match=str(holder.pid)):
            merger.settle()
        holder.kill()
    assert merger.settle() == Merged(new=1)


def test_a_damaged_segment_gives_what_is_whole(
    data_dir: DataDir, merger: Merger, caplog: pytest.LogCaptureFixture
) -> None:
    """What stands before the damage is used, once, and the log says where it begins."""
    path = write(data_dir, a_page(1), a_page(2))
    path.write_bytes(path.read_bytes()[:-300])
    assert merger.settle() == Merged(new=1)
    assert path.name in caplog.text
    caplog.clear()
    assert merger.settle() == Merged()
    assert caplog.text == ""


def test_a_newer_kabars_database_is_refused_before_anything_is_fetched(data_dir: DataDir) -> None:
    """The published copy tells; the store is not opened for it."""
    with open_store(data_dir, 5) as store, store.transaction() as connection:
        connection.execute("INSERT INTO kept.migrations VALUES (9001, 'later', now())")
    with data_dir.exclusive_store(1), pytest.raises(SchemaError, match="9001"):
        check_schema(data_dir)


# --- reading a segment --------------------------------------------------------------------------------


def test_reading_a_segment_twice_says_the_same(data_dir: DataDir, merger: Merger) -> None:
    """The same bytes and the same rules give the same rows."""
    path = write(data_dir, a_page(1), a_page(2, status=404), page(None, b"", source=SOURCE), a_page(3))
    assert merger.batch(path) == merger.batch(path)


def test_every_answer_of_a_segment_is_accounted_for(data_dir: DataDir, merger: Merger) -> None:
    """Articles, refusals, discovery documents and unchanged pages: one fetch each."""
    discover(data_dir, 1, 2, 3, 4)
    data_dir.create()
    writer = SegmentWriter(data_dir.segments, SOURCE, MORNING)
    writer.append(page("https://expresi.co/feed/", b"<rss/>", source=SOURCE), "discovery")
    for each in (
        a_page(1),
        a_page(2, status=404),
        replace(a_page(3), body=b"<html><body><p>Pendek.</p></body></html>"),
        replace(a_page(1, status=304), body=b"", fetched_at=MORNING + DAY),
    ):
        writer.append(each)
    writer.close()
    assert merger.settle() == Merged(new=1, rejected=2)
    assert published(data_dir, "SELECT outcome FROM fetches ORDER BY outcome") == [
        "article", "discovery", "gone", "rejected", "unchanged",
    ]  # fmt: skip
    assert published(data_dir, "SELECT last_seen_at FROM articles") == [MORNING + DAY]
    assert states(data_dir) == {"fetched": 1, "gone": 1, "rejected": 1, "pending": 1}


def test_a_row_leads_to_the_segment_that_holds_its_page(data_dir: DataDir, merger: Merger) -> None:
    """Also when the segment was recovered."""
    with a_crawl(data_dir) as crawl:
        crawl.kill()
        crawl.wait()
        merger.settle()
    for segment, offset in published(data_dir, "SELECT segment, record_offset FROM articles"):
        assert (data_dir.segments / segment).is_file()
        assert 0 < offset < (data_dir.segments / segment).stat().st_size


def test_sources_and_the_version_are_described_with_a_merge(data_dir: DataDir, merger: Merger) -> None:
    """Analysts find the outlets beside the articles; describing them again changes nothing."""
    for _ in range(2):
        merger.merge([])
    named = published(data_dir, "SELECT source FROM sources ORDER BY source")
    assert named == sorted(load_catalogue())
    assert published(data_dir, "SELECT enabled_sources = len(sources) FROM about") == [True]


def test_who_is_followed_is_noted_by_a_merge_and_by_a_harvest(data_dir: DataDir, merger: Merger) -> None:
    """FOLLOW changed: a harvest that has nothing to merge writes it too, and only then."""
    asked = "SELECT source FROM sources WHERE followed ORDER BY source"
    merger.note_sources()
    assert not data_dir.store.exists()
    merger.merge([])
    assert published(data_dir, asked) == [each.name for each in load_catalogue().followed]
    changed = replace(merger, catalogue=load_catalogue(follow=["expresi", "klikkaltim"]))
    changed.note_sources()
    assert published(data_dir, asked) == ["expresi", "klikkaltim"]
    before = data_dir.published.stat()
    changed.note_sources()
    assert data_dir.published.stat() == before


def look_of(data_dir: DataDir, name: str) -> list[tuple[Any, ...]]:
    with closing(open_published(data_dir, "UTC")) as connection:
        asked = "SELECT verified_at, differences FROM sources WHERE source = ?"
        return connection.execute(asked, [name]).fetchall()


def test_the_last_look_stands_in_view_sources(data_dir: DataDir, merger: Merger) -> None:
    """A later one replaces it, and one that the ledger has lost stays; who was never looked at has null."""
    data_dir.create()
    for at, differences in ((MORNING, ("a", "b")), (MORNING + DAY, ())):
        with closing(Ledger(data_dir.ledger)) as ledger:
            ledger.sites.note_look(SOURCE, LookResult(at, True, differences))
        for _ in range(2):
            merger.merge([])
            assert look_of(data_dir, SOURCE) == [(at, list(differences))]
    data_dir.ledger.unlink()
    merger.merge([])
    assert look_of(data_dir, SOURCE) == [(MORNING + DAY, [])]
    assert look_of(data_dir, "klikkaltim") == [(None, None)]


def test_a_source_file_compared_by_hand_counts_until_there_is_a_look(
    data_dir: DataDir, readers: Readers
) -> None:
    """From midnight of that day in the outlet's zone; what differed is not known."""
    data_dir.create()
    by_hand = replace(load_catalogue()[SOURCE], verified=date(2024, 11, 20))
    merger = Merger(data_dir, Catalogue([by_hand]), readers, store_options(wait_s=0.3))
    merger.merge([])
    assert look_of(data_dir, SOURCE) == [(datetime(2024, 11, 19, 16, tzinfo=UTC), None)]
    with closing(Ledger(data_dir.ledger)) as ledger:
        ledger.sites.note_look(SOURCE, LookResult(MORNING, False, ("a",)))
    merger.merge([])
    assert look_of(data_dir, SOURCE) == [(MORNING, ["a"])]


# --- what an answer means for its link ----------------------------------------------------------------


def test_an_article_is_marked_under_the_address_that_was_asked_for() -> None:
    """The server may have led elsewhere, and the link that was followed must not stay pending."""
    asked = Link("https://expresi.co/?p=4102", SOURCE, "rss")
    answered = replace(a_page(1), link=asked, headers=(("ETag", '"a"'),))
    [mark] = marks_of(answered, [article(url(1), published=MORNING)])
    led_to = "https://expresi.co/berita-1/"
    assert mark == Mark(asked.url, "fetched", MORNING, None, Validators('"a"'), "page", MORNING, led_to)


def test_each_article_of_an_answer_is_marked_under_its_own() -> None:
    """A REST answer of many posts was asked for by no article's address."""
    answer = replace(page("https://expresi.co/wp-json/wp/v2/posts", source=SOURCE), take=("1", "2"))
    marks = marks_of(answer, [article(url(1)), article(url(2), prose(2))])
    assert [mark.url for mark in marks] == [url(1), url(2)]


REFUSALS: list[tuple[Any, dict[str, Any], str, str]] = [
    ("http_error", {"status": 404}, "gone", "404"),
    ("http_error", {"status": 410}, "gone", "410"),
    ("http_error", {"status": 503}, "failed", "503"),
    ("out_of_window", {}, "excluded", "window"),
    ("too_short", {"detail": "61"}, "rejected", "too_short"),
    ("soft_404", {"detail": "Halaman tidak ditemukan"}, "rejected", "soft_404"),
    ("soft_404", {"detail": "for now: Account Suspended", "retry": True}, "failed", "soft_404"),
]


@pytest.mark.parametrize(("reason", "more", "state", "why"), REFUSALS)
def test_a_refusal_is_an_end_or_a_pause(reason: Any, more: dict[str, Any], state: str, why: str) -> None:
    """Gone and refused for good, outside the window, or to be tried again."""
    [mark] = marks_of(a_page(1), [Rejected(url(1), SOURCE, MORNING, reason, **more)])
    assert (mark.state, mark.reason) == (state, why)


OUTCOMES = [
    (200, [article(url(1))], "article"),
    (200, [Rejected(url(1), SOURCE, MORNING, "too_short")], "rejected"),
    (200, None, "discovery"),
    (304, [], "unchanged"),
    (404, [Rejected(url(1), SOURCE, MORNING, "http_error", status=404)], "gone"),
    (503, [Rejected(url(1), SOURCE, MORNING, "http_error", status=503)], "failed"),
]


@pytest.mark.parametrize(("status", "results", "outcome"), OUTCOMES)
def test_a_fetch_says_what_came_of_it(status: int, results: Any, outcome: str) -> None:
    """One row per answer."""
    row = fetch_of(a_page(1, status=status), results)
    assert (row.outcome, row.status, row.source) == (outcome, status, SOURCE)


# --- quiet segments -----------------------------------------------------------------------------------


def fold(data_dir: DataDir, *hours: int) -> Span:
    """What quiet runs leave that were told "not modified" at these hours."""
    for hour in hours:
        writer = SegmentWriter(data_dir.segments, SOURCE, MORNING + timedelta(hours=hour))
        writer.append(replace(a_page(0, status=304, at=MORNING + timedelta(hours=hour)), body=b""))
        span = writer.fold(MORNING + timedelta(hours=hour))
    assert span
    return span


def test_what_a_killed_run_left_in_a_quiet_segment_is_merged_once(data_dir: DataDir, merger: Merger) -> None:
    """The next command reads from where the merged part ends, and only that."""
    write(data_dir, a_page(0))
    discover(data_dir, 0)
    fold(data_dir, 1, 2)
    assert merger.settle().new == 1
    looks = "SELECT fetched_at FROM fetches WHERE outcome = 'unchanged' ORDER BY 1"
    assert published(data_dir, looks) == [MORNING + timedelta(hours=n) for n in (1, 2)]
    assert published(data_dir, "SELECT last_seen_at FROM articles") == [MORNING + timedelta(hours=2)]
    before = data_dir.store.stat().st_mtime_ns
    merger.settle()
    assert data_dir.store.stat().st_mtime_ns == before
    fold(data_dir, 3)
    merger.settle()
    assert published(data_dir, looks) == [MORNING + timedelta(hours=n) for n in (1, 2, 3)]


def test_a_quiet_segment_that_came_back_shorter_goes_on_from_its_end(
    data_dir: DataDir, merger: Merger
) -> None:
    """After a backup was put back, no look is left out because the file was longer once."""
    span = fold(data_dir, 1)
    path = data_dir.segments / span.segment
    as_saved = path.read_bytes()
    fold(data_dir, 2, 3)
    merger.settle()
    path.write_bytes(as_saved)
    merger.settle()
    fold(data_dir, 4)
    merger.settle()
    assert published(data_dir, "SELECT count(*) FROM fetches") == [4]
