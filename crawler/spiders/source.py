"""The spider of every source: walk its entries until the window is covered, fetch what is due, read it.

`crawler.discovery` decides what a document yields, the ledger what is due, `crawler.crawl.ladder` which entry
is next, `pipelines.read` what a page means. This module asks, in a polite order.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, NoReturn, Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.catalogue.model import Source
from crawler.console.progress import BoardLine, Standing, Tally
from crawler.crawl.arguments import CrawlArguments
from crawler.crawl.articles import Articles, Output
from crawler.crawl.coverage import coverage_of
from crawler.crawl.documents import Documents, is_unchanged
from crawler.crawl.further_parts import FurtherParts
from crawler.crawl.ladder import Ladder
from crawler.crawl.plan import Plan, first_day_of, plan_of
from crawler.crawl.queue import NO_LIMIT, Errand, Freshness, Queue, Undated, freshness_of
from crawler.crawl.revisits import Revisits
from crawler.crawl.same_text import SameTextCounter
from crawler.crawl.session import Session, brought_by, session_of
from crawler.downloader.access import TRIAL, is_ending
from crawler.downloader.asker import Asker, Remembered
from crawler.downloader.slots import downloader_of
from crawler.errors import ATTENTION, OffSite, Paused, TooLarge, reason_of
from crawler.ledger.model import ROBOTS
from crawler.user_settings import take_delay
from crawler.verify.look import MAX_ARTICLES, MAX_REQUESTS, FirstContact
from crawler.verify.report import Look, log_look
from pipelines.article import COLUMNS, NOT_MODIFIED, Article, Link, Page, Rejected
from storage.coverage import Coverage

FORBIDDEN = "Forbidden by robots.txt"
"""Scrapy's words for it."""


class SourceSpider(Spider):
    """Crawls one source. Its classes are made by `crawler.spiders.loader`, one per source file."""

    source: ClassVar[Source]
    show_look: ClassVar[Callable[[Look], None]] = staticmethod(log_look)
    """Shows the table of a first look at the source's site."""
    session: Session
    plan: Plan
    documents: Documents
    articles: Articles
    further_parts: FurtherParts
    same_text: SameTextCounter

    def __init__(self, **given: str) -> None:
        super().__init__(self.source.name)
        self.arguments = CrawlArguments.parse(given)
        self.queue = Queue(self.arguments.limit)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        session = spider.session = session_of(crawler)
        spider.queue.most = crawler.settings.getint("MAX_PAGES_PER_RUN")
        spider.same_text = SameTextCounter(crawler.settings.getint("SAME_PAGE_LIMIT"))
        spider.articles = Articles(session, spider.queue, session.bounds, spider.parse, spider.article_failed)
        spider.further_parts = FurtherParts(session)
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """A source's own politeness; the command line wins over it."""
        super().update_settings(settings)
        take_delay(settings, cls.source.delay_s)
        settings.set("FEED_EXPORT_FIELDS", list(COLUMNS), priority="spider")

    # --- the run ----------------------------------------------------------------------------------

    async def start(self) -> Output:
        """Open the session, look at a site that was never looked at, then walk the entries from the first."""
        session = self.session
        if not await session.open(self.source) or not await self._is_let_in():
            return
        first_day = first_day_of(self.crawler.settings, session.today(), session.is_replay)
        self.plan = await session.in_ledger(
            plan_of, self.arguments, self.source, session.ledger, session.now(), first_day
        )
        await self._first_contact()
        if is_ending(self.crawler):
            return
        ladder = Ladder(deque(self.source.entries))
        self.documents = Documents(session, self.source, self.plan, self.articles, ladder, self._leftovers)
        self.covered_before = session.ledger.walks.covered_until(self.name)
        session.coverage = self.coverage
        session.is_unfinished = lambda: not self.queue.is_all or self.queue.remaining > 0
        async for output in self.documents.next_entry():
            yield output

    async def _is_let_in(self) -> bool:
        """Ask a site that refused us by one request, when it is due; whether the site may be asked now."""
        access = self.session.access
        if access is None:
            return True
        if (url := access.begin()) is not None:
            trial = {TRIAL: True, "dont_redirect": True}
            answer = await Asker(self.crawler, 1).ask(url, obey_robots=False, more=trial)
            access.tried(answer.status if isinstance(answer, Response) else None)
        return access.why is None

    async def _first_contact(self) -> None:
        """Look at the site before the first live crawl of it, and keep what it answered for the crawl itself."""
        session = self.session
        if session.is_replay or self.name in session.ledger.sites.looks():
            return
        # A look that was cut short left them. Another would be cut short as well, and nothing would ever be fetched.
        if session.ledger.number(self.name, "pending"):
            return
        asker = Asker(self.crawler, MAX_REQUESTS)
        contact = FirstContact(self.source, session, asker, self.plan.window, self._to_look_at, spare=True)
        try:
            task = asyncio.create_task(contact.take())
            session.look = task
            look = await task
            if is_ending(self.crawler):  # cut short, it says nothing of the site
                return
            if self.source.notice:
                look.add("notice", self.source.notice, "")
            if look.answered:
                await session.in_ledger(session.ledger.sites.note_look, self.name, look.result(session.now()))
            type(self).show_look(look)
        except CloseSpider:  # nothing can be written
            raise
        except Exception:  # the crawl does without it, whatever it was
            self.logger.exception("the first look at %s failed; the crawl goes on", self.source.home)
        if remembered := self.crawler.get_downloader_middleware(Remembered):
            remembered.keep_all(contact.answers)

    async def _to_look_at(self, links: Sequence[Link]) -> list[Link]:
        """Record an entry's links, as always, and return the first that this run fetches in any case."""
        most = min(MAX_ARTICLES, NO_LIMIT if self.arguments.limit is None else self.arguments.limit)
        state_of = self.session.ledger.state_of
        due = [link for link in links if self.plan.window.holds(link) is not False]
        chosen = [link for link in due if state_of(link.url) in (None, "pending")][:most]
        await self.session.record(chosen, self.plan)
        return chosen

    def coverage(self) -> Coverage | None:
        """The days that this run has looked at so far."""
        ledger = self.session.ledger
        return coverage_of(
            self.documents.ladder.telling,
            self.plan,
            self.session.today(),
            self.covered_before,
            lambda keys: ledger.publications(self.name, keys),
        )

    def standing(self) -> Standing:
        """How far the run is, for the progress line."""
        found, left = len(self.queue.asked), self.queue.remaining
        fetched = found - len(self.queue.waiting) - self.queue.in_flight
        figures = (f"{found:,} found", f"{fetched:,} fetched", f"{left:,} remaining")
        return Standing(self.name, fetched, fetched + left, figures, fetched, self.queue.is_all)

    def board_line(self) -> BoardLine:
        """The same and more, for the board of several crawls."""
        found, figures = len(self.queue.asked), self.session.figures
        downloader = (
            downloader_of(self.crawler) if brought_by(self.session) else None
        )  # before, there is no engine
        standing = self.standing()
        tally = Tally(found, int(standing.done), figures["new"], figures["edited"], figures["rejected"])
        return BoardLine(standing, tally, downloader.waits_s if downloader else 0.0)

    async def _leftovers(self) -> list[Request]:
        """Requests for links that earlier runs left and for known articles that are due: the end of discovery."""
        looks_back = self.plan.looks_back
        for left in self.session.ledger.pending(self.name, self.session.now()):
            # Links that other runs left stay with those: this run could only drop them.
            if not looks_back or self.plan.window.holds(left.link):
                self.articles.enqueue(Errand(left.link, self.plan.window_of(left)))
        revisits = Revisits(self.session, self.articles, self.source, self.plan, self.arguments.recheck)
        requests = [] if looks_back else await revisits.begin()
        self.queue.is_all = True
        return [*requests, *self.articles.released()]

    def closed(self, reason: str) -> None:
        """Log how much the bounds of the run left over."""
        is_left_alone = self.session.access is not None and self.session.access.why is not None
        if self.queue.is_spent and self.queue.waiting and not is_left_alone:
            self.logger.info(
                "%s: %d pages were asked for, as many as MAX_PAGES_PER_RUN allows; %d links stay pending for the next run",
                self.name,
                self.queue.requested,
                len(self.queue.waiting),
            )

    # --- articles ---------------------------------------------------------------------------------

    async def parse(self, response: Response, errand: Errand | None = None) -> Output:
        """An article page: complete it, take it in, yield what it holds. Works alone, too (`scrapy parse`)."""
        link = errand.link if errand else Link(response.url, self.source.name, "user")
        page = self.session.page(response, link)
        if errand is None:
            for article in _articles(
                await self.session.intake.take(*await self.further_parts.complete(page))
            ):
                yield article
            return
        if errand.window:
            page = replace(page, since=errand.window.since, until=errand.window.until)
        async for output in self._take_article(response, page, errand):
            yield output

    async def _take_article(self, response: Response, page: Page, errand: Errand) -> Output:
        """Take in the answer to an article request, and go on with the queue."""
        results: Sequence[Article | Rejected] = ()
        freshness: Freshness = "unanswered"
        if response.status == NOT_MODIFIED and not is_unchanged(response):
            self.session.intake.unanswered(errand.link, "failed", "not modified, unasked")
        else:
            try:
                page, read = await self.further_parts.complete(page)
            except Paused:  # the whole article stays to be asked for
                self.session.figures.count("paused")
            else:
                results = await self.session.intake.take(page, read)
                freshness = freshness_of(results, page.until)
        for article in _articles(results):
            await self.documents.witnessed(article, errand.link)
            yield article
        if self.same_text.note(page, results):
            self._stop_asking()
        async for request in self._article_done(len(_articles(results)), errand.undated, freshness):
            yield request

    def _stop_asking(self) -> NoReturn:
        """End the run where the site gives one text only; links not yet asked for stay pending."""
        many = f"{self.same_text.in_a_row} addresses in a row led to the same text"
        self.session.outcome.worse(ATTENTION, f"{self.name}: {many}; the rest is left for a later run")
        raise CloseSpider("same_text")

    async def article_failed(self, failure: Failure) -> Output:
        """Note in the ledger why an article request got no answer, and go on with the queue."""
        request: Request = failure.request  # type: ignore[attr-defined]
        errand: Errand = request.cb_kwargs["errand"]
        error, intake = failure.value, self.session.intake
        if isinstance(error, Paused):
            self.session.figures.count("paused")  # it stays pending
        elif isinstance(error, OffSite):
            intake.unanswered(errand.link, "rejected", "off_site")
        elif isinstance(error, TooLarge):
            intake.unanswered(errand.link, "rejected", "too_large", str(error))
        elif isinstance(error, IgnoreRequest) and str(error) == FORBIDDEN:
            intake.unanswered(errand.link, "excluded", ROBOTS)
        else:
            intake.unanswered(errand.link, "failed", reason_of(error))
        async for further in self._article_done(0, errand.undated):
            yield further

    async def _article_done(
        self, articles: int, undated: Undated | None, freshness: Freshness = "unanswered"
    ) -> Output:
        self.queue.in_flight -= 1
        self.queue.yielded += articles
        for request in self.articles.released():
            yield request
        if undated is not None:
            async for output in self.documents.judged(undated, freshness):
                yield output


def _articles(results: Sequence[Article | Rejected]) -> list[Article]:
    return [result for result in results if isinstance(result, Article)]


def standing_of(crawler: Crawler) -> Standing | None:
    """How far a crawl is; null before it began, and for a spider that no source made."""
    return crawler.spider.standing() if isinstance(crawler.spider, SourceSpider) else None
