"""One crawl's hold on a DATA_DIR: the source's lock, ledger, segments, readers, and the merge at its end.

The order of things here is the promise that a kill loses nothing: a link is in the ledger before it is
requested; a page is in a segment, flushed, before the ledger calls it fetched; rows reach the store
with the mark of their segment. Nothing is created before `open`, so `scrapy shell`, `fetch` and `parse`
leave no trace.
"""

from __future__ import annotations

import asyncio
import logging
import math
import sqlite3
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector

from crawler.catalogue.load import load_catalogue
from crawler.catalogue.model import Catalogue, Entry, Source
from crawler.config import copy_window, data_dir_of, read_limits, recheck_after, source_dirs
from crawler.crawl.coverage import Coverage
from crawler.crawl.recorder import MAX_SEGMENT_S, Recorder
from crawler.crawl.walk import Plan
from crawler.doctor.rebuild_ledger import refuse_if_lost
from crawler.downloader.access import Access
from crawler.downloader.recording import FETCHED_AT_HEADER, open_recording
from crawler.errors import ATTENTION, BUSY, DONE, WRONG_USE
from crawler.ledger.ledger import Ledger, LedgerDamaged, Mark, Recorded, State, Validators
from crawler.processing.merger import CrawlRow, Merger
from crawler.processing.outcomes import NOT_MODIFIED, fetch_of, marks_of, sightings_of
from crawler.processing.workers import Readers, Reading
from crawler.verify.report import Look
from pipelines.article import Article, Document, Link, Page, Reason, Rejected
from storage.archive.record import Role
from storage.data_dir import AlreadyRunning, Birth, DatabaseBusy, DataDirError, DiskFull, unwritable
from storage.merge import Batch, Fetch, Merged, Sighting
from storage.schema import SchemaError
from storage.store import StoreDamaged

logger = logging.getLogger(__name__)
LINKS_AT_ONCE = 20_000
"""Links that the database is told of in one merge: more would keep others from the store for long."""


@dataclass(slots=True)
class Outcome:
    """How a crawl ended: the exit code and, where it is not 0, the line that says why."""

    code: int = DONE
    line: str | None = None
    merged: Merged = field(default_factory=Merged)

    def worse(self, code: int, line: str) -> None:
        """Note a failure: the gravest code stays, with its line."""
        if code > self.code:
            self.code, self.line = code, line

    def conclude(self, stats: StatsCollector | None, error: BaseException | None = None) -> None:
        """Note what Scrapy knows and we were not told: that it never began, or failed in our code."""
        if error is not None or stats is None or stats.get_value("finish_reason") is None:
            self.worse(ATTENTION, f"the crawl did not begin: {error or 'the log says why'}")
        elif faults := stats.get_value("spider_exceptions/count"):
            self.worse(ATTENTION, f"{faults} faults of our own while crawling; the log has them")
        elif any(name.startswith("feedexport/failed_count/") for name in stats.get_stats()):
            self.worse(
                ATTENTION, "the feed could not be written to its end; the log says why, the database has all"
            )


class Session:
    """The state of one crawl: of a source, or of a hand-written spider, which has none."""

    def __init__(self, crawler: Crawler, catalogue: Catalogue | None = None) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.data_dir = data_dir_of(settings)
        self.catalogue = catalogue or load_catalogue(source_dirs(settings))
        self.readers = Readers.shared(settings.getint("READ_WORKERS"), read_limits(settings))
        self.merger = Merger(
            self.data_dir,
            self.catalogue,
            self.readers,
            settings.getfloat("LOCK_WAIT_S"),
            settings.getfloat("PUBLISH_EVERY_S"),
            recheck_after(settings),
            copy_window(settings),
        )
        replay = settings.get("REPLAY")
        self._recording = open_recording(Path(replay)) if replay else None
        self.source: Source | None = None
        self.outcome = Outcome()
        self.counts: Counter[str] = Counter()
        self.won: Entry | None = None
        """The entry that led to articles. Null: none did, yet."""
        self.coverage: Callable[[], Coverage | None] = lambda: None
        """The days that the run looked at; asked for at its end."""
        self.access: Access | None = None
        """What may be asked of the site. Null before `open`, in a replay, and for a hand-written spider."""
        self.tell: Callable[[Look], None] = log_look
        """What is done with the table of a first look at the source's site."""
        self.looking: asyncio.Task[Look] | None = None
        """The first look at the source's site, which the end of the run ends too. Null: none is taken."""
        self.publishes_at_end = True
        """Whether its end publishes whatever PUBLISH_EVERY_S says; in a harvest that is the harvest's."""
        self._held = ExitStack()
        self._ledger: Ledger | None = None
        self._recorder: Recorder | None = None
        self._loose: list[Article] = []
        """Articles that no segment of ours holds: a hand-written spider's."""
        self._merging = asyncio.Lock()
        self._merged_s = 0.0
        self._started = datetime.now(UTC)
        for handler, signal in (
            (self._item_done, signals.item_scraped),
            (self._item_done, signals.item_dropped),
            (self._item_broke, signals.item_error),
            (self._was_sent, signals.request_left_downloader),
            (self._close, signals.spider_closed),
        ):
            crawler.signals.connect(handler, signal)

    # --- opening ----------------------------------------------------------------------------------

    async def open(self, source: Source) -> bool:
        """Take the source's lock, mend what a kill left, open the ledger. False: `outcome` says why not."""
        self.source = source
        self._merged_s = _clock()
        try:
            self.data_dir.claim(self.birth)
            # In a thread: whoever mends this source's segments may hold its lock for a while.
            await asyncio.to_thread(self._held.enter_context, self.data_dir.source_lock(source.name))
            refuse_if_lost(self.data_dir)
            ledger = Ledger(self.data_dir.ledger, recheck_after(self.crawler.settings))
            self._held.callback(ledger.close)
            await asyncio.to_thread(self.merger.settle, source.name)
        except DatabaseBusy as error:
            logger.warning("%s; what waits is merged at the end", error)
        except (AlreadyRunning, LedgerDamaged, StoreDamaged, DiskFull) as error:
            self.outcome.worse(ATTENTION, str(error))
            return False
        except (DataDirError, SchemaError) as error:
            self.outcome.worse(WRONG_USE, str(error))
            return False
        self._ledger = ledger
        if not self.is_replay:
            self.attend(ledger)
        self._recorder = Recorder(self.data_dir.segments, source.name, ledger, self.now)
        return True

    def attend(self, ledger: Ledger) -> None:
        """From now on pay attention to what the source's site lets us have, by what the ledger knows of it."""
        assert self.source is not None
        silence_s = self.crawler.settings.getfloat("HOST_SILENCE_S")
        self.access = Access(self.source, ledger, self.now, silence_s, self._stopped)

    def _stopped(self, line: str) -> None:
        self.outcome.worse(ATTENTION, line)
        logger.info(line)

    @property
    def ledger(self) -> Ledger:
        """The open ledger."""
        assert self._ledger is not None, "the session is not open"
        return self._ledger

    @property
    def birth(self) -> Birth:
        """The kind of DATA_DIR that this crawl may write to."""
        return "replay" if self._recording else "live"

    @property
    def is_replay(self) -> bool:
        """Whether every answer comes from a recording."""
        return self._recording is not None

    def now(self) -> datetime:
        """The crawl's clock: the machine's, but in a replay the recording's own moment."""
        moment = self._recording.moment(self.source.hosts[0]) if self._recording and self.source else None
        return (moment or datetime.now(UTC)).astimezone(UTC)

    @property
    def is_ending(self) -> bool:
        """Whether the run was told to end."""
        engine = self.crawler.engine
        return engine is not None and engine._slot is not None and engine._slot.closing is not None

    def today(self) -> date:
        """The day by the crawl's clock, in the outlet's zone."""
        assert self.source is not None
        return self.now().astimezone(ZoneInfo(self.source.timezone)).date()

    # --- while crawling ---------------------------------------------------------------------------

    def record(
        self,
        links: Sequence[Link],
        plan: Plan,
        document: tuple[str, Validators] | None = None,
    ) -> Recorded:
        """Write a discovery document's links into the ledger, before any of them is requested."""
        assert self.source is not None
        now, today = self.now(), self.today()
        with self._writing():
            found = self.ledger.record(
                self.source.name,
                links,
                now,
                outside=plan.is_outside,
                days=plan.days,
                walk_began=plan.began,
                document=document,
                day_of=lambda link: plan.window.likely_day(link) or today,
            )
        self.counts["discovered"] += len(found.new)
        return found

    def page(self, response: Response, link: Link | None, document: Document = "page") -> Page:
        """The response as a Page. `fetched_at` is the machine's clock, or the recording's moment."""
        recorded = response.headers.get(FETCHED_AT_HEADER)
        moment = datetime.fromisoformat(recorded.decode()) if recorded else datetime.now(UTC)
        headers = (
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        )
        return Page(
            url=response.url,
            source=self.source.name if self.source else self.merger.source_of(response.url),
            fetched_at=moment.astimezone(UTC),
            status=response.status,
            headers=tuple((name, value) for name, value in headers if name != FETCHED_AT_HEADER),
            body=response.body,
            document=document,
            link=link,
        )

    async def archive(self, page: Page, role: Role) -> Page:
        """Append the page to the crawl's segment; without an open session the page comes back as it is."""
        if self._recorder is None:
            return page
        with self._writing():
            placed = await self._recorder.append(page, role)
        if role == "discovery" or page.status == NOT_MODIFIED:
            segment = self._recorder.current()
            segment.fetches.append(fetch_of(placed, None))
            segment.sightings += sightings_of(placed)
            self._recorder.mark(marks_of(placed, []))
        return placed

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A disk that takes no more ends the crawl with one line; what is committed stays."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            cause = unwritable(self.data_dir.root, error)
            if cause is None:
                raise
            self.outcome.worse(ATTENTION, str(cause))
            raise CloseSpider("disk") from error

    async def read(self, page: Page) -> Reading:
        """Read a page in the workers; rejections are counted and kept."""
        segment = self._recorder.segment(page.segment) if self._recorder else None
        if segment:
            segment.unfinished += 1
        try:
            results = await self.readers.read(page, self.merger.rules_of(page))
        except Exception:
            if segment:
                segment.broken = True  # a fault of ours: the page waits in its segment for better code
            raise
        finally:
            if segment:
                segment.unfinished -= 1
        rejections = [result for result in results if isinstance(result, Rejected)]
        for rejected in rejections:
            self.count(f"rejected/{rejected.reason}")
        if self._recorder and segment:
            segment.fetches.append(fetch_of(page, results))
            segment.rejections += rejections
            segment.unfinished += sum(isinstance(result, Article) for result in results)
            self._recorder.mark(marks_of(page, results))
        return results

    def sighted(self, links: Sequence[Link]) -> None:
        """Note known articles that are there, unchanged, as one answer said of many."""
        if self._recorder is None or not links:
            return
        now = self.now()
        self._recorder.current().sightings += [Sighting(link.url, now) for link in links]
        self._recorder.mark([Mark(link.url, "fetched", now) for link in links])

    def unanswered(self, link: Link, state: State, reason: str, detail: str | None = None) -> None:
        """Note a link that got no answer (`failed`), or none to be had (`excluded`; `rejected` by a reason of the list)."""
        self.count(f"{state}/{reason}")
        if self._recorder is None:
            return
        now, segment = self.now(), self._recorder.current()
        self._recorder.mark([Mark(link.url, state, now, reason)])
        segment.fetches.append(Fetch(link.url, link.source, now, None, None, state))
        if state == "rejected":
            segment.rejections.append(Rejected(link.url, link.source, now, cast(Reason, reason), detail))

    def keep(self, article: Article) -> None:
        """Take an Article that went through the item pipelines; it is merged with its segment."""
        segment = self._recorder.segment(article.segment) if self._recorder else None
        (segment.articles if segment else self._loose).append(article)

    def _was_sent(self) -> None:
        """A request was made. Scrapy's own count has those, too, that waited for their turn and were not."""
        self.counts["sent"] += 1

    def count(self, name: str, by: int = 1) -> None:
        """Add to the crawl's own figures and to Scrapy's stats, there under `kabar/`."""
        self.counts[name.partition("/")[0]] += by
        if self.crawler.stats is not None:
            self.crawler.stats.inc_value(f"kabar/{name}", by)

    async def _item_done(self, item: object) -> None:
        """An Article has left the item pipelines, kept or dropped."""
        if self._recorder is None or not isinstance(item, Article):
            return
        if segment := self._recorder.segment(item.segment):
            segment.unfinished -= 1
        if _clock() - self._merged_s > MAX_SEGMENT_S:
            self._merged_s = _clock()
            await self._merge_finished(self._recorder)

    async def _item_broke(self, item: object) -> None:
        """A pipeline failed on an Article: its segment stays unmerged, and the next command reads it again."""
        if self._recorder and isinstance(item, Article) and (segment := self._recorder.segment(item.segment)):
            segment.broken = True
        await self._item_done(item)

    async def _merge_finished(self, recorder: Recorder) -> None:
        """Merge and publish the finished segments of a long crawl, while it goes on."""
        async with self._merging:
            ready = [
                segment for segment in recorder.finished if segment.unfinished <= 0 and not segment.broken
            ]
            if not ready:
                return
            try:
                batches = [segment.batch() for segment in ready]
                self.outcome.merged += await asyncio.to_thread(self._merge, self.merger, batches)
            except DatabaseBusy as error:
                logger.warning("%s; %d segments wait, the crawl goes on", error, len(ready))
                return
            recorder.finished = [segment for segment in recorder.finished if segment not in ready]

    # --- the end ----------------------------------------------------------------------------------

    async def _close(self, reason: str) -> None:
        """Finish the segment, merge everything of this crawl, publish, give the source back."""
        try:
            if self.looking is not None and self.looking.cancel():
                await asyncio.wait([self.looking])  # what it works with is closed below
            if self._recorder or self._loose:
                await self._finish(reason)
        except Exception as error:  # the signal's sender would only log it, and cron would hear of nothing
            cause = unwritable(self.data_dir.root, error)
            self.outcome.worse(
                ATTENTION,
                str(cause)
                if cause
                else f"a fault of our own at the merge ({type(error).__name__}: {error}); "
                "the pages are safe in segments",
            )
            if cause is None:
                raise
        finally:
            await asyncio.to_thread(self.readers.close)
            self._held.close()

    async def _finish(self, reason: str) -> None:
        if self._recorder:
            await self._recorder.rotate()
        waiting = self._recorder.finished if self._recorder else []
        for segment in waiting:
            segment.broken = segment.broken or segment.unfinished > 0
        batches = [segment.batch() for segment in waiting if not segment.broken]
        if broken := sum(segment.broken for segment in waiting):
            self.outcome.worse(
                ATTENTION, f"a fault of our own left {broken} segments waiting; the log has it"
            )
        if self._loose:
            self.data_dir.claim(self.birth)
            batches.append(Batch(None, tuple(self._loose)))
        try:
            async with self._merging:
                await asyncio.to_thread(self._merge_all, batches, reason)
        except DatabaseBusy as error:
            self.outcome.worse(
                BUSY,
                f"{error}; the articles are safe in {len(waiting)} segments, the next command merges them",
            )
        except StoreDamaged as error:
            self.outcome.worse(ATTENTION, f"{error}; the articles are safe in segments")
        except (DiskFull, DataDirError) as error:
            self.outcome.worse(ATTENTION, str(error))
        if self.crawler.stats is not None:
            for name in ("new", "edited", "known", "reread", "churning"):
                self.crawler.stats.set_value(f"kabar/articles/{name}", getattr(self.outcome.merged, name))

    def _merge_all(self, batches: Sequence[Batch], reason: str) -> None:
        before = self.outcome.merged
        merger = replace(self.merger, publish_every_s=0) if self.publishes_at_end else self.merger
        self.outcome.merged += self._merge(merger, batches, lambda merged: self._row(before + merged, reason))

    def _merge(
        self,
        merger: Merger,
        batches: Sequence[Batch],
        crawl: Callable[[Merged], CrawlRow | None] | None = None,
    ) -> Merged:
        """Merge, and tell the database what became of the source's links; of many in several short merges."""
        if self.source is None:
            return merger.merge(batches, crawl)
        name = self.source.name
        unpublished = replace(merger, publish_every_s=math.inf)
        while len(links := self.ledger.untold(name, LINKS_AT_ONCE)) == LINKS_AT_ONCE:
            unpublished.merge((), links=(name, links))
            self.ledger.told(name, links)
        merged = merger.merge(batches, crawl, (name, links))
        self.ledger.told(name, links)
        return merged

    def _row(self, merged: Merged, reason: str) -> CrawlRow | None:
        """What `crawls` says of this run; null for a hand-written spider."""
        if self.source is None:
            return None
        failed = self.outcome.code != DONE
        return CrawlRow(
            crawl_id=uuid.uuid4().hex,
            source=self.source.name,
            started_at=self._started,
            finished_at=datetime.now(UTC),
            outcome="failed" if failed else "done" if reason == "finished" else "stopped",
            entry=str(self.won) if self.won is not None else None,
            requests=self.counts["sent"],
            discovered=self.counts["discovered"],
            fetched=merged.new + merged.edited + merged.reread + merged.churning,
            stored=merged.new + merged.edited,
            known=merged.known,
            rejected=self.counts["rejected"],
            failed=self.counts["failed"],
            pending=self.ledger.number(self.source.name, "pending"),
            message=self.outcome.line,
            coverage=self.coverage(),
        )


_sessions: WeakKeyDictionary[Crawler, Session] = WeakKeyDictionary()


def session_of(crawler: Crawler, catalogue: Catalogue | None = None) -> Session:
    """The one session of a crawler, made when it is first asked for. Without a catalogue it reads the source files."""
    if crawler not in _sessions:
        _sessions[crawler] = Session(crawler, catalogue)
    return _sessions[crawler]


def log_look(look: Look) -> None:
    """The table of a look as lines of the log."""
    logger.info("first look at %s: %d requests", look.source, look.requests)
    for row in look.rows():
        logger.info("look: %s", " | ".join(row))


def _clock() -> float:
    return asyncio.get_running_loop().time()
