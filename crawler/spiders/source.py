"""The spider of every source: walk its entries until the window is covered, fetch what is due, read it.

What a document yields is decided by `crawler.discovery`, what is due by the ledger, what a page means
by `pipelines.read`. This module only asks, in a polite order, and falls through.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.arguments import CrawlArguments
from crawler.catalogue import Entry, Source
from crawler.discovery import entry as entries
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from crawler.ledger import Recorded, Validators
from crawler.middlewares import OffSite
from crawler.session import ATTENTION, Session, session_of
from pipelines.address import address_key
from pipelines.article import COLUMNS, Article, Link, Page

Output = AsyncIterator[Request | Article]

COMPLETE = frozenset({"wordpress", "sitemap"})
"""Entries that list everything there is: walked to the end, they leave no gap."""


@dataclass(slots=True)
class _Walk:
    """The walk through one entry's documents."""

    entry: Entry
    asked: int = 0
    outstanding: int = 0
    """Documents asked for, or waiting until their undated links are judged."""
    links: int = 0
    joined: bool = False
    """It met what an earlier run knew, or the beginning of the window: no gap is left behind."""
    capped: bool = False
    why_not: str | None = None
    """Why a document was unusable. Null: none was."""


@dataclass(slots=True)
class _Undated:
    """A listing page whose links carry no date: whether to go on is known once they are read."""

    walk: _Walk
    more: tuple[str, ...]
    left: int
    fresh: bool = False


@dataclass(slots=True)
class _Queue:
    """Article requests that wait for the run's limit."""

    limit: int | None
    links: deque[tuple[Link, _Undated | None]] = field(default_factory=deque)
    asked: set[str] = field(default_factory=set)
    in_flight: int = 0
    yielded: int = 0

    @property
    def room(self) -> int:
        """How many more articles may be asked for now."""
        return 1 << 30 if self.limit is None else max(0, self.limit - self.yielded - self.in_flight)


class SourceSpider(Spider):
    """Crawls one source. Its classes are made by `crawler.spiders.loader`, one per source file."""

    source: ClassVar[Source]

    def __init__(self, **given: str) -> None:
        super().__init__(self.source.name)
        self.arguments = CrawlArguments.parse(given)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.session: Session = session_of(crawler)  # type: ignore[misc]
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """A source's own politeness; the command line wins over it."""
        super().update_settings(settings)
        if cls.source.delay_s is not None:
            settings.set("DOWNLOAD_DELAY", cls.source.delay_s, priority="spider")
        settings.set("FEED_EXPORT_FIELDS", list(COLUMNS), priority="spider")

    # --- the run ----------------------------------------------------------------------------------

    async def start(self) -> Output:
        """Open the session, then walk the entries from the first."""
        if not await self.session.open(self.source):
            return
        self.window = self._window()
        self.queue = _Queue(self.arguments.limit)
        self.entries_left = deque(self.source.entries)
        self.reasons: list[str] = []
        async for request in self._next_entry():
            yield request

    def _window(self) -> Window:
        """The days this run is for. The first run without `since` decides how far ordinary runs go back."""
        asked, ledger, name = self.arguments, self.session.ledger, self.source.name
        since = asked.since
        if since is None:
            known, floor = ledger.floor(name)
            if not known:
                floor = self._first_day()
                if asked.until is None:
                    ledger.set_floor(name, floor)
            since = CrawlArguments.parse({"since": floor}).since if floor else None
        return Window(since, asked.until, self.source.timezone, self.source.clock)

    def _first_day(self) -> str | None:
        """FIRST_RUN_DAYS back; in a replay everything, unless the command line says otherwise.

        A recording is finite and stands in the past: whoever replays one wants what it holds.
        """
        settings = self.crawler.settings
        if self.session.is_replay and (settings.getpriority("FIRST_RUN_DAYS") or 0) <= 20:
            return None
        today = self.session.now().astimezone(ZoneInfo(self.source.timezone)).date()
        return (today - timedelta(days=settings.getint("FIRST_RUN_DAYS"))).isoformat()

    # --- discovery --------------------------------------------------------------------------------

    async def _next_entry(self) -> Output:
        """Ask for the next entry's first documents; after the last, for what earlier runs left pending."""
        today = self.session.now().astimezone(ZoneInfo(self.source.timezone)).date()
        if self.entries_left:
            walk = _Walk(self.entries_left.popleft())
            for url in entries.start(walk.entry, self.window, today):
                yield self._document_request(url, walk)
            return
        if self.session.won is None and self.source.entries:
            self.session.outcome.worse(
                ATTENTION, f"{self.name}: no entry led to articles ({'; '.join(self.reasons)})"
            )
        for link in self.session.ledger.pending(self.name, self.session.now()):
            self._enqueue(link, None)
        for request in self._released():
            yield request

    def _document_request(self, url: str, walk: _Walk) -> Request:
        walk.asked += 1
        walk.outstanding += 1
        return Request(
            url,
            callback=self.parse_document,
            errback=self.document_failed,
            cb_kwargs={"walk": walk},
            priority=10,
            dont_filter=True,
        )

    async def parse_document(self, response: Response, walk: _Walk) -> Output:
        """One discovery document: its links go into the ledger, the due ones are fetched."""
        kind = walk.entry.kind
        page = self.session.page(response, None, "rest" if kind == "wordpress" else "feed")
        outcome = entries.read(page, self.source, walk.entry, self.window)
        if isinstance(outcome, Unusable):
            await self.session.archive(page, "discovery")
            if not walk.links:  # else this is the page after the last
                walk.why_not = outcome.reason
            async for request in self._document_done(walk):
                yield request
            return
        validators = Validators(page.header("ETag"), page.header("Last-Modified"))
        recorded = self.session.record(
            outcome.links,
            excluded=[link.url for link in outcome.links if self.window.holds(link) is False],
            readmit=self.arguments.since is not None,
            document=(response.url, validators),
        )
        self._note(walk, outcome, recorded)
        due = [link for link in recorded.due if address_key(link.url) not in self.queue.asked]
        articles: list[Article] = []
        taken: set[str] = set()
        if kind == "wordpress":
            articles, taken = await self._take(page, due)
        else:
            await self.session.archive(page, "discovery")
        more = self._wanted(walk, outcome, recorded)
        undated = None
        if more and kind == "listing" and self.window.since is not None:
            unsure = [link for link in due if self.window.holds(link) is None]
            if unsure:
                undated = _Undated(walk, more, len(unsure))
                walk.outstanding += 1
                more = ()
        for link in due:
            if link.url not in taken:
                self._enqueue(link, undated if undated and self.window.holds(link) is None else None)
        for article in articles:
            yield article
        for url in more:
            yield self._document_request(url, walk)
        for request in self._released():
            yield request
        async for request in self._document_done(walk):
            yield request

    def _note(self, walk: _Walk, found: Found, recorded: Recorded) -> None:
        walk.links += len(found.links)
        walk.joined = (
            walk.joined or recorded.known > 0 or any(self.window.is_before(link) for link in found.links)
        )
        if found.links and self.session.won is None:
            self.session.won = f"{walk.entry.kind} {walk.entry.url}"
            self.session.count(f"entry/{walk.entry.kind}")

    def _wanted(self, walk: _Walk, found: Found, recorded: Recorded) -> tuple[str, ...]:
        """The further documents worth a request: none once a page brings nothing new, but in a backfill."""
        if walk.asked >= walk.entry.max_pages:
            walk.capped = walk.capped or bool(found.more)
            return ()
        is_index = not found.links
        if is_index or recorded.new or recorded.due or self.arguments.since is not None:
            return found.more
        return ()

    async def _take(self, page: Page, due: list[Link]) -> tuple[list[Article], set[str]]:
        """Read the due articles that a REST document itself holds, as many as the limit allows."""
        wanted = [link for link in due if link.platform_id][: self.queue.room]
        if not wanted:
            await self.session.archive(page, "discovery")
            return [], set()
        self.queue.asked |= {address_key(link.url) for link in wanted}
        placed = await self.session.archive(
            replace(
                page,
                take=tuple(link.platform_id for link in wanted if link.platform_id),
                since=self.window.since,
                until=self.window.until,
            ),
            "article",
        )
        articles = await self.session.read(placed)
        self.queue.yielded += len(articles)
        return articles, {link.url for link in wanted}

    async def _document_done(self, walk: _Walk) -> Output:
        """When the last document of an entry is in: is the window covered, or is the next entry needed?"""
        walk.outstanding -= 1
        if walk.outstanding:
            return
        complete = walk.entry.kind in COMPLETE and walk.links and not walk.capped and not walk.why_not
        if not (complete or walk.joined):
            why = walk.why_not or ("its oldest item is newer than what is known" if walk.links else "no links")
            self.reasons.append(f"{walk.entry.kind} {walk.entry.url}: {why}")
            self.logger.info("%s %s: %s", walk.entry.kind, walk.entry.url, why)
        else:
            self.entries_left.clear()
        async for request in self._next_entry():
            yield request

    async def document_failed(self, failure: Failure) -> Output:
        """No answer to a discovery request: the entry ends here."""
        request: Request = failure.request  # type: ignore[attr-defined]
        walk: _Walk = request.cb_kwargs["walk"]
        walk.why_not = _reason(failure)
        async for further in self._document_done(walk):
            yield further

    # --- articles ---------------------------------------------------------------------------------

    def _enqueue(self, link: Link, undated: _Undated | None) -> None:
        key = address_key(link.url)
        if key not in self.queue.asked:
            self.queue.asked.add(key)
            self.queue.links.append((link, undated))

    def _released(self) -> Iterator[Request]:
        """Article requests, as many as the limit leaves room for."""
        while self.queue.links and self.queue.room:
            link, undated = self.queue.links.popleft()
            self.queue.in_flight += 1
            yield Request(
                link.url,
                callback=self.parse,
                errback=self.article_failed,
                cb_kwargs={"link": link, "undated": undated},
                dont_filter=True,
            )

    async def parse(self, response: Response, link: Link | None = None, undated: _Undated | None = None) -> Output:
        """An article page: archive it, read it, yield what it holds. Works alone, too (`scrapy parse`)."""
        page = self.session.page(response, link or Link(response.url, self.source.name, "user"))
        if link is not None:
            page = replace(page, since=self.window.since, until=self.window.until)
        page = replace(page, parts=await self._further_parts(page))
        if link is not None:
            page = await self.session.archive(page, "article")
        articles = await self.session.read(page)
        for article in articles:
            yield article
        if link is not None:
            async for request in self._article_done(len(articles), undated):
                yield request

    async def _further_parts(self, page: Page) -> tuple[Page, ...]:
        """The further parts of a multi-page article. A part that cannot be had leaves it incomplete."""
        found: list[Page] = []
        engine = self.crawler.engine
        assert engine is not None
        for url in await self.session.readers.further_parts(page) if page.status < 400 else ():
            try:
                response = await engine.download_async(Request(url))
            except Exception as error:  # whatever the downloader raises: the part is missing, no more
                self.logger.info("%s: no answer (%s)", url, type(error).__name__)
                break
            if response.status >= 400:
                break
            found.append(self.session.page(response, None))
        return tuple(found)

    async def article_failed(self, failure: Failure) -> Output:
        """No answer to an article request: the ledger hears why, the queue goes on."""
        request: Request = failure.request  # type: ignore[attr-defined]
        reason = _reason(failure)
        state = "excluded" if reason == "robots.txt" else "rejected" if reason == "off_site" else "failed"
        self.session.unanswered(request.cb_kwargs["link"], state, reason)
        async for further in self._article_done(0, request.cb_kwargs["undated"]):
            yield further

    async def _article_done(self, articles: int, undated: _Undated | None) -> Output:
        self.queue.in_flight -= 1
        self.queue.yielded += articles
        for request in self._released():
            yield request
        if undated is None:
            return
        undated.left -= 1
        undated.fresh = undated.fresh or articles > 0
        if undated.left == 0:
            if undated.fresh:
                for url in undated.more:
                    yield self._document_request(url, undated.walk)
            else:
                undated.walk.joined = True
            async for request in self._document_done(undated.walk):
                yield request


def _reason(failure: Failure) -> str:
    """Why a request got no answer, in a word or two that can be counted."""
    error = failure.value
    if isinstance(error, OffSite):
        return "off_site"
    if isinstance(error, IgnoreRequest):
        return "robots.txt" if "robots" in str(error) else str(error) or "ignored"
    return type(error).__name__
