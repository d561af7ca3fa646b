"""One crawl's hold on a DATA_DIR: the source's lock, the ledger, the clock, and the work at its end.

Nothing is created before `open`, so `scrapy shell`, `fetch` and `parse` leave no trace. Answers go through
`intake` to the archive and the ledger, and through `delivery` to the store.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response

from crawler.catalogue.model import Catalogue, Entry, Source
from crawler.config import catalogue_of, data_dir_of, document_bounds, read_limits, store_options
from crawler.crawl import clock
from crawler.crawl.delivery import Delivery
from crawler.crawl.intake import Intake
from crawler.crawl.outcome import KEPT_FROM_BEGINNING, Brought, Figures, Outcome, fault_of
from crawler.crawl.plan import Plan, first_day_of
from crawler.crawl.recorder import Recorder
from crawler.discovery.found import CUT, Found, Unusable
from crawler.discovery.window import Window
from crawler.downloader.access import Access, register_access
from crawler.downloader.recording import FETCHED_AT_HEADER, open_recording
from crawler.errors import ATTENTION
from crawler.ledger.ledger import Ledger
from crawler.ledger.lost import refuse_if_lost
from crawler.ledger.model import Recorded, Run, Validators
from crawler.processing.merger import Merger
from crawler.processing.workers import Readers, ReadersClosed
from pipelines.article import Article, Document, Link, Page
from storage.batch import Merged
from storage.coverage import Coverage
from storage.crawls import CrawlRow
from storage.data_dir import Birth, DatabaseBusy

logger = logging.getLogger(__name__)

P = ParamSpec("P")
Result = TypeVar("Result")


class Session:
    """The state of one crawl: of a source, or of a hand-written spider, which has none."""

    def __init__(self, crawler: Crawler, catalogue: Catalogue | None = None) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.data_dir = data_dir_of(settings)
        self.catalogue = catalogue or catalogue_of(settings)
        self.readers = Readers.shared(settings.getint("READ_WORKERS"), read_limits(settings))
        self.merger = Merger(self.data_dir, self.catalogue, self.readers, store_options(settings))
        self._mender = replace(self.merger, ended=threading.Event())
        """Merges what a kill left, in a thread; what the crawl itself brings is merged after its end."""
        replay = settings.get("REPLAY")
        self._recording = open_recording(Path(replay)) if replay else None
        self.source: Source | None = None
        self.bounds = document_bounds(settings)
        """What one discovery document may cost."""
        self.outcome = Outcome()
        self.figures = Figures(crawler)
        self.intake = Intake(self.merger, self.figures, self.outcome, self.now)
        self.delivery = Delivery(self.intake, self.birth, self._row)
        self.mends_others = True
        """Whether its start also merges what other sources' crawls left; in a harvest, the harvest did."""
        self.won: Entry | None = None
        """The entry that led to articles. Null: none did, yet."""
        self.is_answered = False
        """Whether an entry led to articles, or said that there are none."""
        self.coverage: Callable[[], Coverage | None] = lambda: None
        """The days that the run looked at; asked for at its end."""
        self.access: Access | None = None
        """What may be asked of the site. Null before `open`, in a replay, and for a hand-written spider."""
        self.look: asyncio.Task[object] | None = None
        """The look at the site in progress, which ends with the run. Null: there is none."""
        self._held = ExitStack()
        self._is_given_back = False
        self._closed: asyncio.Event | None = None
        """Set by the end of `_close`. Null before the spider is opened, which alone leads there."""
        self.is_unfinished: Callable[[], bool] = lambda: True
        """Whether there is more to be asked for; of what never began, and of a hand-written spider, nobody knows."""
        self._thread: asyncio.Future[Any] | None = None
        """What `open` has a thread do, which outlives its own end; `_close` waits for it."""
        self._ledger: Ledger | None = None
        self._started = datetime.now(UTC)
        self._crawl_id = uuid.uuid4().hex
        for handler, signal in (
            (self._item_ended, signals.item_scraped),
            (self._item_ended, signals.item_dropped),
            (self._item_broke, signals.item_error),
            (self._was_sent, signals.request_left_downloader),
            (self._opened, signals.spider_opened),
            (self._close, signals.spider_closed),
            (self._await_close, signals.engine_stopped),
        ):
            crawler.signals.connect(handler, signal)

    # --- opening ----------------------------------------------------------------------------------

    async def open(self, source: Source) -> bool:
        """Take the source's lock, repair what a kill left, open the ledger. False: `outcome` says why not."""
        self.source = source
        try:
            self.data_dir.claim(self.birth)
            # In a thread: a process that repairs this source's segments may hold its lock for a while.
            await self._aside(self._held.enter_context, self.lock())
            refuse_if_lost(self.data_dir)
            ledger = await self._aside(self.merger.open_ledger)
            self._held.callback(ledger.close)
            is_settled = await self._settle(source)
            if not self.is_replay and not await self._aside(self._is_clock_right, source, ledger):
                return False
            run = Run(self._crawl_id, source.name, self._started)
            await self._aside(ledger.runs.begin, run)
        except KEPT_FROM_BEGINNING as error:
            self.outcome.not_begun(error)
            return False
        except ReadersClosed:  # the crawl has been ended meanwhile
            return False
        self._ledger = ledger
        if not self.is_replay:
            self.attend(ledger)
        # The day of a recording is long over: the chain has its quiet segment as it is.
        folds = is_settled and not self.is_replay
        self.intake.recorder = Recorder(self.data_dir.segments, source.name, ledger, self.now, folds)
        self.delivery.begin(run, ledger)
        return True

    def lock(self) -> AbstractContextManager[None]:
        """The lock of the source, waited for while others mend what was left of it, but no longer than the crawl runs."""
        assert self.source is not None
        return self.data_dir.source_lock(self.source.name, ended=self._mender.ended.is_set)

    def _is_clock_right(self, source: Source, ledger: Ledger) -> bool:
        now = self.now()
        first_day = first_day_of(self.crawler.settings, self.today(), self.is_replay)
        found = clock.put_right(self.merger, ledger, source.name, now, first_day)
        if found != "right":
            self.outcome.worse(ATTENTION, f"{source.name}: {clock.line_of(found, now)}", "clock")
        return found != "behind"

    async def _settle(self, source: Source) -> bool:
        """Repair what a kill left; where the store is locked, that waits for the end of the crawl: false."""
        try:
            self.outcome.judge(await self._aside(self._mender.settle, source.name, self.mends_others))
        except DatabaseBusy as error:
            logger.warning("%s; what waits is merged at the end", error)
            return False
        return True

    async def _aside(self, work: Callable[P, Result], *arguments: P.args, **named: P.kwargs) -> Result:
        """What a thread makes of it, which nothing can cut short but the end that its mender is told of."""
        thread = asyncio.ensure_future(asyncio.to_thread(work, *arguments, **named))
        thread.add_done_callback(lambda done: done.exception())  # of a run that was ended nobody else asks
        self._thread = thread
        return await asyncio.shield(thread)

    def attend(self, ledger: Ledger) -> None:
        """From now on keep to what the source's site allows, by the ledger's knowledge of it."""
        assert self.source is not None
        silence_s = self.crawler.settings.getfloat("HOST_SILENCE_S")
        self.access = Access(self.source, ledger, self.now, silence_s, self._stopped)
        register_access(self.crawler, self.access)

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

    def today(self) -> date:
        """The day by the crawl's clock, in the outlet's zone."""
        assert self.source is not None
        return self.now().astimezone(ZoneInfo(self.source.timezone)).date()

    # --- while crawling ---------------------------------------------------------------------------

    async def in_ledger(self, write: Callable[P, Result], *arguments: P.args, **named: P.kwargs) -> Result:
        """Write into the ledger in a thread: another process may lock it, and the reactor must go on meanwhile."""
        with self.intake.writing():
            return await asyncio.to_thread(write, *arguments, **named)

    async def record(
        self,
        links: Sequence[Link],
        plan: Plan,
        document: tuple[str, Validators] | None = None,
    ) -> Recorded:
        """Write a discovery document's links into the ledger, before any of them is requested."""
        assert self.source is not None
        name, now = self.source.name, self.now()
        found = await self.in_ledger(self.ledger.record, name, links, plan, now, document)
        self.intake.met_erased(name, links)
        self.figures.count_quietly("discovered", len(found.new))
        return found

    def page(self, response: Response, link: Link | None, document: Document = "page") -> Page:
        """The response as a Page. `fetched_at` is the machine's clock, or the recording's moment."""
        recorded = response.headers.get(FETCHED_AT_HEADER)
        moment = datetime.fromisoformat(recorded.decode()) if recorded else datetime.now(UTC)
        headers = _pairs(response.headers)
        asked_with = _pairs(response.request.headers) if response.request else ()
        return Page(
            url=response.url,
            source=self.source.name if self.source else self.merger.source_of(response.url),
            fetched_at=moment.astimezone(UTC),
            status=response.status,
            headers=tuple((name, value) for name, value in headers if name != FETCHED_AT_HEADER),
            body=response.body,
            document=document,
            link=link,
            asked_with=tuple((name, value) for name, value in asked_with if name.lower() not in _LOGINS),
        )

    async def document(self, page: Page, entry: Entry, window: Window) -> Found | Unusable:
        """What a discovery document holds. The excess over its bounds is counted and logged, not taken."""
        assert self.source is not None
        found = await self.readers.document(page, self.source, entry, window, self.bounds)
        if found.is_cut:
            self.figures.count("documents/cut")
            logger.info("%s %s: %s", entry.kind, page.url, CUT)
        if isinstance(found, Found) and found.hidden and self.source.evidence == "rest":
            self.figures.count("documents/hidden")
            logger.info("%s %s: %s", entry.kind, page.url, found.hidden)
        if isinstance(found, Found) and (found.left_out or found.too_long):
            self.figures.count("links/left_out", found.left_out)
            self.figures.count("links/too_long", found.too_long)
            logger.info(
                "%s %s: %d addresses over the bound of one document, %d too long",
                entry.kind,
                page.url,
                found.left_out,
                found.too_long,
            )
        return found

    def _was_sent(self) -> None:
        """Count a request that was made: Scrapy's own count includes those that waited for their turn in vain."""
        self.figures.count_quietly("sent")

    async def _item_ended(self, item: object) -> None:
        """Note that an Article has left the item pipelines, kept or dropped."""
        if isinstance(item, Article):
            self.intake.item_ended(item)
            await self.delivery.merge_finished()

    async def _item_broke(self, item: object) -> None:
        """Note that a pipeline failed on an Article."""
        if isinstance(item, Article):
            self.intake.item_ended(item, is_broken=True)
            await self.delivery.merge_finished()

    # --- the end ----------------------------------------------------------------------------------

    def _opened(self) -> None:
        self._closed = asyncio.Event()
        _set_program_apart()

    async def _await_close(self) -> None:
        """Keep the engine from its end until `_close` is done: a signal that comes while a spider closes would cut it off."""
        if self._closed is not None:
            await self._closed.wait()

    async def _close(self, reason: str) -> None:
        """Finish the segment, merge everything of this crawl, publish, release the source."""
        try:
            if self.look is not None and self.look.cancel():
                await asyncio.wait([self.look])  # what it works with is closed below
            self._mender.ended.set()
            if self._thread is not None:
                await asyncio.wait([self._thread])  # it works with what is given back below
            await self.delivery.finish(reason)
        finally:
            await asyncio.to_thread(self.abandon)
            if self._closed is not None:
                self._closed.set()
        if self.crawler.stats is not None:
            for name in ("new", "edited", "removed", "known", "reread", "churning"):
                self.crawler.stats.set_value(f"kabar/articles/{name}", getattr(self.outcome.merged, name))

    @property
    def leaves_work(self) -> bool:
        """Whether a crawl that was ended from outside would have had more to do."""
        reason = self.crawler.stats.get_value("finish_reason") if self.crawler.stats else None
        return reason in (None, "shutdown") and self.is_unfinished()

    def abandon(self) -> None:
        """Give back what the crawl holds, once, however it ended; a crawl that is ended before it began never closes."""
        self._mender.ended.set()
        if not self._is_given_back:
            self._is_given_back = True
            self.readers.close()
            self._held.close()

    def _row(self, merged: Merged, reason: str) -> CrawlRow | None:
        """What `crawls` says of this run; null for a hand-written spider."""
        self.outcome.judge(merged)
        if self.source is None:
            return None
        self.outcome.left = self.ledger.number(self.source.name, "pending")
        fault, detail = fault_of(self.outcome, self.access, is_read=self.is_answered)
        self.outcome.met_fault = fault is not None
        return CrawlRow(
            crawl_id=self._crawl_id,
            source=self.source.name,
            started_at=self._started,
            finished_at=datetime.now(UTC),
            outcome="failed" if self.outcome.is_failed else "done" if reason == "finished" else "stopped",
            entry=str(self.won) if self.won is not None else None,
            requests=self.figures["sent"],
            discovered=self.figures["discovered"],
            fetched=merged.new + merged.edited + merged.reread + merged.churning,
            stored=merged.new + merged.edited,
            known=merged.known,
            rejected=self.figures["rejected"],
            failed=self.figures["failed"],
            pending=self.outcome.left,
            message=self.outcome.line,
            coverage=self.coverage(),
            fault=fault,
            fault_detail=detail,
        )


@cache
def _set_program_apart() -> None:
    """Have the garbage collector pass over what this process has loaded, which stays, and look at the rest seldom.

    A look at what is loaded takes a tenth of a second. Of what a crawl makes next to nothing is in a cycle, and looking for it
    every 700 objects takes a tenth of the processor.
    """
    gc.freeze()
    gc.set_threshold(10_000)


_LOGINS = frozenset({"authorization", "proxy-authorization", "cookie"})
"""Request headers that let somebody in: no archive has them."""


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in headers.items()
        for value in values
    )


def brought_by(session: Session) -> Brought | None:
    """What a crawl has brought; null where it never began."""
    has_begun = session._ledger is not None or session.intake.loose
    return (
        Brought(session.outcome.merged, session.figures["rejected"], session.outcome.left)
        if has_begun
        else None
    )


_sessions: WeakKeyDictionary[Crawler, Session] = WeakKeyDictionary()


def session_of(crawler: Crawler, catalogue: Catalogue | None = None) -> Session:
    """The one session of a crawler, made at the first call. Without a catalogue it reads the source files."""
    if crawler not in _sessions:
        _sessions[crawler] = Session(crawler, catalogue)
    return _sessions[crawler]
