"""Pages to the disk, then to the ledger: never the other way round."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from crawler.crawl import recorder as module
from crawler.crawl.recorder import BATCH_PAGES, Recorder
from crawler.ledger.ledger import Ledger
from crawler.ledger.model import Mark
from pipelines.article import Link, Page
from storage.archive.reader import read_segment
from storage.archive.record import OPEN_SUFFIX
from tests.kit.factories import MORNING, every_day, page

SOURCE = "warta_pesisir"


def url(number: int) -> str:
    return f"https://wartapesisir.example/{number}/"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger in which many links are pending."""
    with closing(Ledger(tmp_path / "ledger.sqlite")) as opened:
        opened.record(SOURCE, [Link(url(n), SOURCE, "rss") for n in range(200)], every_day(), MORNING)
        yield opened


@pytest.fixture
async def recorder(tmp_path: Path, ledger: Ledger) -> AsyncIterator[Recorder]:
    opened = Recorder(tmp_path / "segments", SOURCE, ledger, lambda: MORNING)
    yield opened
    await opened.rotate()


def a_page(number: int, size: int = 200) -> Page:
    return page(url(number), b"<p>" + b"Dermaga. " * (size // 9) + b"</p>")


async def fetch(recorder: Recorder, number: int) -> None:
    """What a crawl does with an answer."""
    await recorder.append(a_page(number), "article")
    recorder.mark([Mark(url(number), "fetched", MORNING)])


def fetched(ledger: Ledger) -> int:
    return ledger.counts(SOURCE).get("fetched", 0)


def archived(tmp_path: Path) -> list[str | None]:
    """The addresses in all segments, open ones included, as they stand on the disk now."""
    files = sorted((tmp_path / "segments").rglob("*.warc.gz*"))
    return [record.page.url for file in files for record in read_segment(file)]


async def test_a_mark_waits_for_its_batch(recorder: Recorder, ledger: Ledger) -> None:
    """Until the bytes are on the disk the ledger calls no link fetched."""
    await fetch(recorder, 1)
    assert ledger.state_of(url(1)) == "pending"
    await recorder.flush()
    assert ledger.state_of(url(1)) == "fetched"


async def test_a_batch_is_marked_when_it_is_full(recorder: Recorder, ledger: Ledger) -> None:
    """Twenty pages do not wait for the clock."""
    for number in range(BATCH_PAGES):
        await fetch(recorder, number)
    for _ in range(200):
        if fetched(ledger) == BATCH_PAGES:
            break
        await asyncio.sleep(0.01)
    assert fetched(ledger) == BATCH_PAGES


async def test_a_batch_is_marked_after_a_moment(
    recorder: Recorder, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A single page of a slow site is not left unmarked."""
    monkeypatch.setattr(module, "BATCH_S", 0.05)
    await fetch(recorder, 1)
    for _ in range(200):
        if fetched(ledger):
            break
        await asyncio.sleep(0.01)
    assert fetched(ledger) == 1


async def test_what_the_ledger_calls_fetched_is_on_the_disk(
    tmp_path: Path, recorder: Recorder, ledger: Ledger
) -> None:
    """At any moment of a crawl the archive holds every page that is marked."""
    for number in range(3 * BATCH_PAGES):
        await fetch(recorder, number)
        if number % 7 == 0:
            await asyncio.sleep(0)
        if number % 10 == 0:
            on_disk = set(archived(tmp_path))
            marked = {url(n) for n in range(200) if ledger.state_of(url(n)) == "fetched"}
            assert marked <= on_disk


async def test_a_page_knows_its_place(tmp_path: Path, recorder: Recorder) -> None:
    """The place that its row will name is where the page stands."""
    placed = await recorder.append(a_page(1), "article")
    await recorder.rotate()
    [record] = read_segment(tmp_path / "segments" / str(placed.segment), tmp_path / "segments")
    assert (record.page.segment, record.page.record_offset) == (placed.segment, placed.record_offset)


async def test_a_full_segment_is_finished_and_another_begun(
    tmp_path: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finished ones can be merged while the crawl goes on, and every page stands in one of them."""
    monkeypatch.setattr(module, "MAX_SEGMENT_BYTES", 4_000)
    for number in range(20):
        await fetch(recorder, number)
    assert len(recorder.finished) > 1
    assert all((tmp_path / "segments" / segment.writer.name).exists() for segment in recorder.finished)
    assert len(list((tmp_path / "segments").rglob(f"*{OPEN_SUFFIX}"))) == 1
    await recorder.rotate()
    assert sorted(archived(tmp_path), key=str) == sorted(url(n) for n in range(20))


async def test_a_segment_of_many_pages_is_finished(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their articles wait in memory until it can be merged."""
    monkeypatch.setattr(module, "MAX_SEGMENT_PAGES", 3)
    for number in range(7):
        await fetch(recorder, number)
    assert [segment.writer.pages for segment in recorder.finished] == [3, 3]


async def test_an_old_segment_is_finished(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow crawl shows its articles before it ends."""
    monkeypatch.setattr(module, "MAX_SEGMENT_S", 0.01)
    await fetch(recorder, 1)
    await asyncio.sleep(0.02)
    await fetch(recorder, 2)
    assert len(recorder.finished) == 1


async def test_a_segment_is_found_by_name_until_it_is_merged(recorder: Recorder) -> None:
    """The results of a page go to the segment that holds it, though another is being written."""
    placed = await recorder.append(a_page(1), "article")
    first = recorder.segment(placed.segment)
    assert first is recorder.current()
    await recorder.rotate()
    assert recorder.segment(placed.segment) is first
    assert first in recorder.finished
    assert recorder.segment("warta_pesisir/other.warc.gz") is None
    recorder.finished.clear()
    assert recorder.segment(placed.segment) is None


async def test_a_segment_that_is_finished_amid_a_flush_loses_no_mark(
    recorder: Recorder, ledger: Ledger
) -> None:
    """The disk is waited for in a thread; the file is not closed under its hands."""
    loop, gate = asyncio.get_running_loop(), threading.Event()
    loop.set_default_executor(ThreadPoolExecutor(1))
    busy = loop.run_in_executor(None, gate.wait)
    await fetch(recorder, 1)
    tasks = [asyncio.create_task(recorder.flush()), asyncio.create_task(recorder.rotate())]
    await asyncio.sleep(0.01)
    gate.set()
    await asyncio.gather(busy, *tasks)
    assert fetched(ledger) == 1
    assert len(recorder.finished) == 1


async def test_pages_that_find_the_segment_full_at_once_begin_one(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many answers come in the same moment, while the disk is waited for; one of them turns the page."""
    await recorder.append(page(url(0), random.Random(7).randbytes(8_000)), "article")
    recorder.mark([Mark(url(0), "fetched", MORNING)])
    monkeypatch.setattr(module, "MAX_SEGMENT_BYTES", 8_000)
    flushing = asyncio.create_task(recorder.flush())
    await asyncio.sleep(0)
    await asyncio.gather(flushing, *(recorder.append(a_page(n), "article") for n in range(1, 5)))
    assert [segment.writer.pages for segment in recorder.finished] == [1]
    assert recorder.current().writer.pages == 4


async def test_marks_that_could_not_be_written_wait(
    tmp_path: Path, recorder: Recorder, ledger: Ledger
) -> None:
    """A ledger that fails once, by a full disk, has them after the next flush."""
    await fetch(recorder, 1)
    ledger._file.execute("PRAGMA query_only = ON")
    with pytest.raises(Exception, match="readonly"):
        await recorder.flush()
    ledger._file.execute("PRAGMA query_only = OFF")
    await recorder.flush()
    assert fetched(ledger) == 1


async def test_a_flush_that_nobody_waits_for_fails_in_silence(
    recorder: Recorder, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its marks wait for the next one, which says it; the log of a run's end would have a traceback else."""
    said: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
    monkeypatch.setattr(module, "BATCH_S", 0.0)
    ledger._file.execute("PRAGMA query_only = ON")
    for number in (1, 2):
        await fetch(recorder, number)
        begun = recorder._flushed
        while recorder._flushed is begun:
            await asyncio.sleep(0)
        assert recorder._flushed is not None
        await asyncio.wait([recorder._flushed])
        recorder._flushed = None  # as a later one takes its place
        gc.collect()
    assert said == []
    ledger._file.execute("PRAGMA query_only = OFF")
    await recorder.flush()
    assert fetched(ledger) == 2
