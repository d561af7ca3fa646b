"""Merges finished segments into the store: some while a long crawl goes on, all at its end."""

from __future__ import annotations

import asyncio
import logging
import math
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from crawler.console.text import counted
from crawler.crawl.intake import Intake
from crawler.crawl.recorder import MAX_SEGMENT_PAGES, MAX_SEGMENT_S, Recorder
from crawler.errors import ATTENTION, BUSY
from crawler.ledger.ledger import Ledger
from crawler.ledger.model import Run
from crawler.processing.merger import Merger
from storage.batch import Batch, Merged
from storage.crawls import CrawlRow
from storage.data_dir import Birth, DatabaseBusy, DataDirError, DiskFull, NoMemory, unwritable
from storage.store import StoreDamaged

logger = logging.getLogger(__name__)

LINKS_AT_ONCE = 20_000
"""Links that one merge writes to the database: more would lock the store for long."""


class Delivery:
    """Brings the intake of one crawl to the store.

    `row` makes the run's row of `crawls` from the merge and the spider's reason to close; null: it has none.
    """

    def __init__(self, intake: Intake, birth: Birth, row: Callable[[Merged, str], CrawlRow | None]) -> None:
        self._intake = intake
        self._birth = birth
        self._row = row
        self._ledger: Ledger | None = None
        self._run: Run | None = None
        self._merging = asyncio.Lock()
        self._merged_s = 0.0
        self.publishes_at_end = True
        """Whether the end of the crawl publishes, whatever PUBLISH_EVERY_S says; in a harvest, the harvest does."""

    def begin(self, run: Run, ledger: Ledger) -> None:
        """From now on merges write the ledger's links of the source to the database, too."""
        self._run, self._ledger = run, ledger
        self._merged_s = _clock()

    async def merge_finished(self) -> None:
        """Merge and publish the finished segments of a long crawl, every MAX_SEGMENT_S seconds or MAX_SEGMENT_PAGES pages."""
        recorder = self._intake.recorder
        if recorder is None or self._merging.locked():
            return
        many = sum(segment.writer.pages for segment in recorder.finished) >= MAX_SEGMENT_PAGES
        if not many and _clock() - self._merged_s <= MAX_SEGMENT_S:
            return
        self._merged_s = _clock()
        async with self._merging:
            await self._merge_ready(recorder)

    async def _merge_ready(self, recorder: Recorder) -> None:
        ready = [segment for segment in recorder.finished if segment.unfinished <= 0 and not segment.broken]
        if not ready:
            return
        batches = [segment.batch() for segment in ready]
        try:
            self._intake.outcome.merged += await asyncio.to_thread(self._merge, self._intake.merger, batches)
        except DatabaseBusy as error:
            logger.warning("%s; %d segments wait, the crawl goes on", error, len(ready))
            return
        recorder.finished = [segment for segment in recorder.finished if segment not in ready]

    async def finish(self, reason: str) -> None:
        """Close the last segment and merge everything of this crawl; a failure is noted in the outcome."""
        recorder, outcome = self._intake.recorder, self._intake.outcome
        if recorder is None and not self._intake.loose:
            return
        try:
            waiting = await self._closed_batches(recorder)
            async with self._merging:
                await asyncio.to_thread(self._merge_all, waiting, reason)
        except DatabaseBusy as error:
            segments = len(recorder.finished) if recorder else 0
            outcome.worse(
                BUSY,
                f"{error}; the articles are safe in {counted(segments, 'segment')}, the next command merges them",
                "store_stuck",
            )
        except StoreDamaged as error:
            outcome.worse(ATTENTION, f"{error}; the articles are safe in segments", "store_stuck")
        except DiskFull as error:
            outcome.worse(ATTENTION, str(error), "disk_filling")
        except (DataDirError, NoMemory) as error:
            outcome.worse(ATTENTION, str(error))
        except Exception as error:  # the signal's sender would only log it, and cron would not notice
            cause = unwritable(self._intake.merger.data_dir.root, error)
            fault = f"a fault of our own at the merge ({type(error).__name__}: {error}); the pages are safe in segments"
            outcome.worse(ATTENTION, str(cause or fault))
            if cause is None:
                raise
        finally:
            await asyncio.to_thread(self._note_end)

    def _note_end(self) -> None:
        """Have the ledger forget a run that has its row, else keep why it has none."""
        if self._run is None or self._ledger is None:
            return
        try:
            if self._intake.outcome.has_row:
                self._ledger.runs.forget([self._run.crawl_id])
            else:
                outcome = self._intake.outcome
                why = outcome.line or "its row could not be written"
                self._ledger.runs.end(self._run.crawl_id, datetime.now(UTC), why, outcome.fault)
        except (DatabaseBusy, sqlite3.Error) as error:
            logger.warning("the ledger does not know that the run ended (%s); the next one sees to it", error)

    async def _closed_batches(self, recorder: Recorder | None) -> list[Batch]:
        """The batches to merge at the end: every whole segment, and the articles that no segment holds."""
        if recorder:
            await recorder.rotate()
        waiting = recorder.finished if recorder else []
        for segment in waiting:
            segment.broken = segment.broken or segment.unfinished > 0
        if broken := sum(segment.broken for segment in waiting):
            fault = f"a fault of our own left {counted(broken, 'segment')} waiting; the log has it"
            self._intake.outcome.worse(ATTENTION, fault)
        batches = [segment.batch() for segment in waiting if not segment.broken]
        if self._intake.loose:
            self._intake.merger.data_dir.claim(self._birth)
            batches.append(Batch(None, tuple(self._intake.loose)))
        return batches

    def _merge_all(self, batches: Sequence[Batch], reason: str) -> None:
        outcome, merger = self._intake.outcome, self._intake.merger
        before = outcome.merged
        merger = merger.publishing_every(0) if self.publishes_at_end else merger
        outcome.merged += self._merge(merger, batches, lambda merged: self._row(before + merged, reason))
        outcome.has_row = True

    def _merge(
        self,
        merger: Merger,
        batches: Sequence[Batch],
        crawl: Callable[[Merged], CrawlRow | None] | None = None,
    ) -> Merged:
        """Merge, and write the states of the source's links to the database, many of them in several short merges."""
        if self._run is None or self._ledger is None:
            return merger.merge(batches, crawl)
        name = self._run.source
        unpublished = merger.publishing_every(math.inf)
        while len(links := self._ledger.reports.due(name, LINKS_AT_ONCE)) == LINKS_AT_ONCE:
            unpublished.merge((), links=(name, links))
            self._ledger.reports.note_done(name, links)
        merged = merger.merge(batches, crawl, (name, links))
        self._ledger.reports.note_done(name, links)
        return merged


def _clock() -> float:
    return asyncio.get_running_loop().time()
