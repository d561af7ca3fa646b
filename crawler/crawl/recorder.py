"""Pages to the disk, then to the ledger: one crawl's segments and the marks that wait for them.

A page's mark is written only after its bytes are flushed, a batch at a time: twenty pages, or a second.
A page that a kill leaves between the two is found again in its segment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawler.ledger.ledger import Ledger
from crawler.ledger.model import Mark
from pipelines.article import NOT_MODIFIED, Article, Page, Rejected
from storage.archive import SegmentWriter
from storage.archive.quiet import Span
from storage.archive.record import Role
from storage.archive.writer import Group
from storage.batch import Batch, Fetch, Sighting

BATCH_PAGES = 20
BATCH_S = 1.0
MAX_SEGMENT_BYTES = 64 << 20
MAX_SEGMENT_S = 300.0
MAX_SEGMENT_PAGES = 1_000
"""A segment is finished, and can be merged, once it is so large, so old or of so many pages: their articles wait in memory."""


@dataclass(slots=True)
class Segment:
    """One segment of this crawl and the results of its pages so far."""

    writer: SegmentWriter
    started_s: float
    articles: list[Article] = field(default_factory=list)
    rejections: list[Rejected] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    bands: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Fingerprint of an article's text → what finds its copies, as far as a worker has made it."""
    unfinished: int = 0
    """Pages being read and Articles on their way through the item pipelines."""
    is_quiet: bool = True
    """It holds no page to read: discovery documents, and answers that a page is unchanged."""
    span: Span | None = None
    """The part of a quiet segment that it was finished as. Null: it is a segment of its own."""
    broken: bool = False
    """An item pipeline failed on one of its Articles: the results are incomplete and must not be merged."""

    def batch(self) -> Batch:
        """The batch to merge, with the segment's mark; a segment without pages has no file, and no mark."""
        name = self.span.segment if self.span else self.writer.name
        return Batch(
            name if self.writer.pages else None,
            tuple(self.articles),
            tuple(self.rejections),
            tuple(self.fetches),
            tuple(self.sightings),
            span=self.span,
            bands=self.bands,
        )

    def finish(self, folds: bool, now: datetime) -> None:
        """Close its file; `folds`: or add it to the quiet segment of the day, where it is quiet."""
        if folds and self.is_quiet:
            self.span = self.writer.fold(now)
        else:
            self.writer.close()


class Recorder:
    """Writes the segments of one source and marks the ledger behind them.

    `folds`: all segments from before are merged, so what this crawl adds to a quiet one is merged next.
    """

    def __init__(
        self, segments: Path, source: str, ledger: Ledger, now: Callable[[], datetime], folds: bool = False
    ) -> None:
        self._segments = segments
        self._source = source
        self._ledger = ledger
        self._now = now
        self._folds = folds
        self._open: Segment | None = None
        self.finished: list[Segment] = []
        """Closed, not merged yet."""
        self._marks: list[Mark] = []
        self._timer: asyncio.TimerHandle | None = None
        self._flushed: asyncio.Future[None] | None = None
        """The latest flush begun by the timer; its failure is raised by the next page."""
        self._flushing = asyncio.Lock()

    def segment(self, name: str | None) -> Segment | None:
        """The segment of that name, while it is not merged."""
        for segment in (*self.finished, *([self._open] if self._open else [])):
            if segment.writer.name == name:
                return segment
        return None

    async def append(self, page: Page, role: Role, group: Group | None = None) -> Page:
        """Write the page and return it with its place. Raises the error of a flush that failed meanwhile.

        `group`: what is written of it, where a worker has made that. Null: it is made here.
        """
        if self._flushed is not None and self._flushed.done():
            flushed, self._flushed = self._flushed, None
            flushed.result()
        if self._open is not None and (self._is_full(self._open)):
            await self.rotate(self._open)
        segment = self.current()
        segment.is_quiet = segment.is_quiet and (role == "discovery" or page.status == NOT_MODIFIED)
        return segment.writer.append(page, role, group)

    def current(self) -> Segment:
        """The segment that is being written; begun where there is none."""
        if self._open is None:
            self._open = Segment(SegmentWriter(self._segments, self._source, self._now()), _clock())
        return self._open

    def has_article(self, url: str) -> bool:
        """Whether an article was read from the address in an earlier run."""
        return self._ledger.has_article(url)

    def mark(self, marks: Sequence[Mark]) -> None:
        """Queue marks for the ledger."""
        self._marks += marks
        if len(self._marks) >= BATCH_PAGES:
            self._flush_in(0)
        elif self._timer is None:
            self._flush_in(BATCH_S)

    async def flush(self) -> None:
        """Bring the segment to the disk, then mark its pages."""
        async with self._flushing:
            await self._flush()

    async def rotate(self, full: Segment | None = None) -> None:
        """Finish the current segment; the next page begins another. With `full`, only if that is still current."""
        async with self._flushing:  # a thread may be waiting for the disk with this very file
            if full is None or full is self._open:
                segment, self._open = self._open, None
                if segment is not None:
                    segment.finish(self._folds, self._now())
                    self.finished.append(segment)
            await self._flush()

    async def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        marks, self._marks = self._marks, []
        try:
            if self._open is not None:
                await asyncio.to_thread(self._open.writer.flush)
            if marks:
                await asyncio.to_thread(self._ledger.mark, marks)
        except BaseException:
            self._marks = marks + self._marks  # not written: they wait for the next flush
            raise

    def _is_full(self, segment: Segment) -> bool:
        is_large = segment.writer.size > MAX_SEGMENT_BYTES or segment.writer.pages >= MAX_SEGMENT_PAGES
        return is_large or _clock() - segment.started_s > MAX_SEGMENT_S

    def _flush_in(self, delay_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(delay_s, self._start_flush)

    def _start_flush(self) -> None:
        self._timer = None
        self._flushed = asyncio.ensure_future(self.flush())
        # The next page raises its failure, and so does the next flush, which has the same marks; at the end nobody does.
        self._flushed.add_done_callback(lambda done: done.cancelled() or done.exception())


def _clock() -> float:
    return asyncio.get_running_loop().time()
