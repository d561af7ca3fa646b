"""The reading processes: which pages they are asked about, and what becomes of those that they do not survive."""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import _base as futures
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType

import pytest
from pebble import CONSTS

from crawler.catalogue.model import Entry, Source
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from crawler.interruption import Interruption
from crawler.limits import Bounds, Limits
from crawler.processing.like_with_like import records_at
from crawler.processing.workers import Read, Readers, ReadersClosed, Task
from pipelines.article import Article, Page, Rejected
from pipelines.dedupe import signature_bands
from pipelines.rules import Rules
from storage.archive import SegmentWriter
from tests.crawler.processing.test_merger import a_page


@pytest.mark.parametrize(
    ("pager", "rest"),
    [
        ("<div class='pagination'><a href='?page=2'>2</a></div>", ["?page=2"]),
        ("<div class=pagination><a href='?page=2'>2</a></div>", ["?page=2"]),
        ("<div id=x class=wrap-paging><a href='?hal=2'>2</a></div>", ["?hal=2"]),
        ("<div><a href='?page=2'>Selanjutnya</a></div>", ["?page=2"]),
        ("<p>Halaman 1 dari 2</p>", ["?page=2"]),
        ("", []),
    ],
)
def test_whatever_a_pager_is_called_its_parts_are_found(
    readers: Readers, pager: str, rest: list[str]
) -> None:
    """The reading of a page says where the rest of its article is."""
    page = a_page(1)
    assert page.url
    page = replace(page, body=page.body.replace(b"</body>", pager.encode() + b"</body>"))
    assert pager.encode() in page.body
    found = asyncio.run(readers.follow(page, Rules(whole="?page=all"))).further
    assert list(found.rest) == [f"{page.url}{tail}" for tail in rest]


@pytest.mark.parametrize("parts", [1, 2])
def test_a_whole_page_comes_with_what_the_archive_holds_of_it(
    readers: Readers, tmp_path: Path, parts: int
) -> None:
    """And with what finds its copies; what has further parts is archived and read with them."""
    page = a_page(1)
    pager = b"<p>Halaman 1 dari 2</p></body>" if parts > 1 else b"</body>"
    page = replace(page, body=page.body.replace(b"</body>", pager))
    read = asyncio.run(readers.follow(page, Rules(whole="?page=all")))
    if parts > 1:
        assert read.group is None
        return
    (article,) = (each for each in read.results if isinstance(each, Article))
    assert read.bands == {article.fingerprint: signature_bands(article.text)}
    assert read.group is not None
    writer = SegmentWriter(tmp_path, page.source, page.fetched_at)
    placed = writer.append(page, group=read.group)
    assert writer.close() is not None
    (record,) = records_at(tmp_path, writer.name, {placed.record_offset or 0})
    assert record.page.body == page.body


# --- pages that a worker does not survive ---------------------------------------------------------

HOME = "https://wartapesisir.example/"
OUTLET = Source(
    name="warta_pesisir",
    title="Warta Pesisir",
    home=HOME,
    timezone="Asia/Makassar",
    clock="Asia/Makassar",
    hosts=("wartapesisir.example",),
)


def fill_the_memory() -> Read:
    held = []
    while True:
        held.append(bytearray(1 << 20))


def take_too_much_at_once() -> Read:
    return Read([bytearray(1 << 40)])  # type: ignore[list-item]


def hide_that_memory_ran_out() -> Read:
    """As a parser may that catches everything."""
    with suppress(MemoryError):
        fill_the_memory()
    return Read([])


def break_the_heap() -> Read:
    ctypes.string_at(0)
    return Read([])


def leave() -> Read:
    os._exit(3)


def who_looks(page: Page) -> int:
    """The process; it does not survive a page that begins with NUL."""
    if page.body.startswith(b"\0"):
        leave()
    return os.getpid()


def hang() -> Read:
    """Deaf to SIGTERM, as C code is that never returns to Python."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    while True:
        pass


@pytest.fixture(scope="module")
def narrow() -> Iterator[Readers]:
    with closing(Readers(1, Limits(timeout_s=60, memory_mb=256))) as opened:
        yield opened


@pytest.mark.parametrize(
    ("work", "detail"),
    [
        pytest.param(fill_the_memory, "needed more than 256 MB", marks=pytest.mark.heavy),
        pytest.param(take_too_much_at_once, "needed more than 256 MB", marks=pytest.mark.heavy),
        pytest.param(hide_that_memory_ran_out, "needed more than 256 MB", marks=pytest.mark.heavy),
        pytest.param(break_the_heap, "the parser crashed (SIGSEGV)", marks=pytest.mark.heavy),
        (leave, "the parser ended its process (3)"),
    ],
)
def test_a_page_that_costs_its_worker_says_what_happened(
    narrow: Readers, work: Callable[[], Read], detail: str
) -> None:
    """It is a `parser_error`; another worker takes over."""
    page = a_page(1)
    lost = narrow.result(page, narrow._schedule(work)).results
    assert lost == [Rejected(page.url, page.source, page.fetched_at, "parser_error", detail)]
    (read,) = asyncio.run(narrow.read(page, Rules(source="expresi")))
    assert isinstance(read, Article)


@pytest.mark.heavy
def test_a_page_that_hangs_costs_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that does not listen is ended all the same."""
    monkeypatch.setattr(CONSTS, "term_timeout", 0.1)
    page = a_page(1)
    with closing(Readers(1, Limits(timeout_s=0.5))) as readers:
        (lost,) = readers.result(page, readers._schedule(hang)).results
        assert isinstance(lost, Rejected)
        assert (lost.reason, lost.detail) == ("parser_error", "took longer than 0.5 s")
        assert readers._result(readers._schedule(os.getpid)) != os.getpid()


def test_a_worker_that_is_killed_while_idle_is_replaced(narrow: Readers) -> None:
    """As a machine short of memory does: the next page is read all the same."""
    os.kill(narrow._result(narrow._schedule(os.getpid)), signal.SIGKILL)
    (read,) = asyncio.run(narrow.read(a_page(1), Rules(source="expresi")))
    assert isinstance(read, Article)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_worker_hears_no_signal_that_ends_the_command(narrow: Readers, number: signal.Signals) -> None:
    """A terminal and `timeout` send it to the whole process group; the command wants its pages first."""
    worker = narrow._result(narrow._schedule(os.getpid))
    os.kill(worker, number)
    assert narrow._result(narrow._schedule(os.getpid)) == worker


LOCKED = (threading.__file__, queue.__file__, futures.__file__)
"""Code that is left with a lock held, or let go twice, where an error comes from nowhere."""


def signalled(work: Callable[[], object], after: int) -> bool:
    """Do the work, and have SIGTERM come as code that locks returns so often; whether it came before the end."""
    left = after

    def watch(frame: FrameType, event: str, _: object) -> None:
        nonlocal left
        if event in ("return", "c_return") and frame.f_code.co_filename in LOCKED:
            left -= 1
            if not left:
                sys.setprofile(None)
                signal.raise_signal(signal.SIGTERM)

    try:
        with Interruption().raised():
            sys.setprofile(watch)
            work()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(None)
    return False


def test_a_signal_that_comes_amid_locks_leaves_them_as_they_were(narrow: Readers) -> None:
    """Wherever it comes while a page is handed over and waited for: the next page is read by the same worker."""
    worker = narrow._result(narrow._schedule(os.getpid))
    came = 0
    while signalled(lambda: narrow._result(narrow._schedule(os.getpid)), came + 1):
        came += 1
        assert narrow._result(narrow._schedule(os.getpid)) == worker
    assert came > 20


def test_who_waits_for_a_page_when_the_readers_are_closed_is_let_go() -> None:
    """A thread that mends what a kill left, and a crawl: neither waits for a worker that is no more, nor starts one."""
    others = set(multiprocessing.active_children())
    readers = Readers(1)
    task = readers._schedule(hang)
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(readers.result, a_page(1), task)
        readers.close()
        with pytest.raises(ReadersClosed):
            waiting.result(timeout=60)
    with pytest.raises(ReadersClosed):
        asyncio.run(readers.read(a_page(1), Rules(source="expresi")))
    assert set(multiprocessing.active_children()) == others


def test_a_task_that_its_pool_forgot_is_done_by_another(narrow: Readers) -> None:
    """A pool that breaks just when a task is handed over answers it never."""
    forgotten: Task[int] = replace(narrow._schedule(os.getpid), future=Future())
    forgotten.pool.stop()
    assert narrow._result(forgotten) != os.getpid()


def crash_once(page: Page, marker: Path) -> int:
    if not marker.exists():
        marker.touch()
        os.abort()
    return os.getpid()


@pytest.mark.heavy
def test_a_page_does_not_pay_for_its_neighbour(narrow: Readers, tmp_path: Path) -> None:
    """A worker that crashed may have had the result of another page on its way: each is read once more."""
    page = document(b"<html>" * 20_000)
    assert asyncio.run(narrow.look(crash_once, page, tmp_path / "mati")) not in (None, os.getpid())


def document(body: bytes) -> Page:
    return Page(HOME, OUTLET.name, a_page(1).fetched_at, 200, (), body, "feed")


@pytest.mark.heavy
def test_a_large_document_is_read_in_a_worker_within_the_same_limits(narrow: Readers) -> None:
    """Its memory is the worker's, and the entry hears why it ended."""

    def read(body: bytes) -> Found | Unusable:
        window = Window(None, None, OUTLET.timezone)
        return asyncio.run(narrow.document(document(body), OUTLET, Entry("sitemap", HOME), window, Bounds()))

    assert read(b"<urlset>" + b"<url/>" * 2_000_000) == Unusable("needed more than 256 MB")
    large = b"".join(
        b"<url><loc>%sbanjir-%d/</loc></url>" % (HOME.encode(), number) for number in range(2000)
    )
    found = read(b"<urlset>" + large + b"</urlset>")
    assert isinstance(found, Found)
    assert len(found.links) == 2000


def test_a_large_page_is_looked_at_in_a_worker_within_the_same_limits(narrow: Readers) -> None:
    """What it costs its worker leaves nothing to see; a small one is looked at at once."""

    def look(body: bytes) -> int | None:
        return asyncio.run(narrow.look(who_looks, document(body)))

    assert look(b"<html>") == os.getpid()
    assert look(b"<html>" * 20_000) not in (None, os.getpid())
    assert look(b"\0" * 100_000) is None
