"""The spider of every source: walk its entries until the window is covered, fetch what is due, read it.

What a document yields is decided by `crawler.discovery`, what is due by the ledger, what a page means
by `pipelines.read`. This module only asks, in a polite order, and falls through.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, NoReturn, Self
from zoneinfo import ZoneInfo

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.catalogue import url_template
from crawler.catalogue.model import Entry, Source
from crawler.config import document_bounds
from crawler.console.progress import Standing
from crawler.crawl.arguments import CrawlArguments
from crawler.crawl.coverage import Coverage, coverage_of
from crawler.crawl.same_text import Sameness
from crawler.crawl.session import Session, session_of
from crawler.crawl.walk import NO_LIMIT, ONE_THING, UNKNOWN, Errand, Lies, Plan, Queue, Undated, Walk, lies
from crawler.discovery import entry as entries
from crawler.discovery import markup, wordpress
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from crawler.downloader.access import ARTICLE, REFUSED, TRIAL
from crawler.downloader.asker import Asker
from crawler.errors import ATTENTION, OffSite, Paused, TooLarge
from crawler.ledger.ledger import ROBOTS, Begun, Looked, Revisit, Validators
from crawler.limits import Bounds
from crawler.middlewares import Remembered
from crawler.processing.outcomes import NOT_MODIFIED
from crawler.processing.workers import Reading
from crawler.verify.look import MAX_ARTICLES, MAX_REQUESTS, FirstContact
from pipelines.address import address_key
from pipelines.article import COLUMNS, Article, Link, Page
from pipelines.page.parts import MAX_PARTS

Output = AsyncIterator[Request | Article]

OK = 200
FORBIDDEN = "Forbidden by robots.txt"
"""Scrapy's words for it."""
LOOK = "look"
"""What is asked of a REST collection about known posts: some sites refuse only that."""
NOT_THERE = frozenset({404, 410})
REFUSALS = frozenset({403, 408, 429})
SERVER_ERROR = 500
PROJECT_PRIORITY = 20
CHANGES_EVERY = timedelta(days=1)
MAX_CHANGE_PAGES = 10
"""A thousand posts: a site that saved all its posts anew tells nothing."""


class SourceSpider(Spider):
    """Crawls one source. Its classes are made by `crawler.spiders.loader`, one per source file."""

    source: ClassVar[Source]
    session: Session
    bounds: Bounds
    """What one discovery document may cost."""
    sameness: Sameness
    gives_whole = True
    """The site was not found to lack addresses of whole articles."""
    capped: Walk | None = None
    """The walk that a backfill was not allowed to go to its end. Null: there was none, or another made it good."""

    def __init__(self, **given: str) -> None:
        super().__init__(self.source.name)
        self.arguments = CrawlArguments.parse(given)
        self.queue = Queue(self.arguments.limit)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.session = session_of(crawler)
        spider.bounds = document_bounds(crawler.settings)
        spider.queue.most = crawler.settings.getint("MAX_PAGES_PER_RUN")
        spider.sameness = Sameness(crawler.settings.getint("SAME_PAGE_LIMIT"))
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
        """Open the session, look at a site that was never looked at, then walk the entries from the first."""
        if not await self.session.open(self.source) or not await self._is_let_in():
            return
        self.plan = self._plan()
        await self._first_contact()
        if self.session.is_ending:
            return
        self.entries_left = deque(self.source.entries)
        self.reasons: list[str] = []
        self.cut_short = False
        self.walks: list[Walk] = []
        self.suspect: Walk | None = None
        self.covered_before = self.session.ledger.covered_until(self.name)
        self.session.coverage = self.coverage
        async for request in self._next_entry():
            yield request

    async def _is_let_in(self) -> bool:
        """Whether the site may be asked; one that refused us is asked by one request when its time has come."""
        access = self.session.access
        if access is None:
            return True
        if (url := access.begin()) is not None:
            trial = {TRIAL: True, "dont_redirect": True}
            answer = await Asker(self.crawler, 1).ask(url, obey_robots=False, more=trial)
            access.tried(answer.status if isinstance(answer, Response) else None)
        return access.why is None

    def _plan(self) -> Plan:
        """Settle the days this run is for, and what counts as known before it.

        The first run decides how far ordinary runs go back. A run with `until` looks at the past only,
        so it says nothing of how far the source is covered.
        """
        asked, ledger, now = self.arguments, self.session.ledger, self.session.now()
        first_day = asked.since.isoformat() if asked.since else self._first_day()
        begun = Begun(None, now, is_first=False, is_fresh=True)
        if asked.until is None:
            begun = ledger.begin_walk(self.name, now, first_day)
            first_day = asked.since.isoformat() if asked.since else begun.floor
        elif asked.since is None:
            first_day = None
        since = date.fromisoformat(first_day) if first_day else None
        return Plan(
            window=Window(since, asked.until, self.source.timezone, self.source.clock),
            is_backfill=asked.since is not None or asked.until is not None,
            floor=begun.floor,
            began=begun.at,
            is_first=begun.is_first,
            is_fresh=begun.is_fresh,
            newest_known=ledger.newest(self.name, begun.at),
        )

    def _first_day(self) -> str | None:
        """FIRST_RUN_DAYS back; in a replay everything, unless the command line says otherwise.

        A recording is finite and stands in the past: whoever replays one wants what it holds.
        """
        settings = self.crawler.settings
        if self.session.is_replay and (settings.getpriority("FIRST_RUN_DAYS") or 0) <= PROJECT_PRIORITY:
            return None
        return (self.session.today() - timedelta(days=settings.getint("FIRST_RUN_DAYS"))).isoformat()

    def coverage(self) -> Coverage | None:
        """The days that this run looked at, as far as it came."""
        ledger = self.session.ledger
        return coverage_of(
            self.walks,
            self.plan,
            self.session.today(),
            self.covered_before,
            lambda keys: ledger.publications(self.name, keys),
        )

    def standing(self) -> Standing:
        """How far the run is, for the eye."""
        found, left = len(self.queue.asked), self.queue.remaining
        fetched = found - len(self.queue.waiting) - self.queue.in_flight
        said = (f"{found:,} found", f"{fetched:,} fetched", f"{left:,} remaining")
        return Standing(self.name, fetched, fetched + left, said, fetched, self.queue.is_all)

    async def _first_contact(self) -> None:
        """Look at the site before the first live crawl of it, and keep what it answered for the crawl itself."""
        session = self.session
        if session.is_replay or self.name in session.ledger.looks():
            return
        # They were left by a look that its run cut short. Another would be cut short like it, and nothing ever fetched.
        if session.ledger.number(self.name, "pending"):
            return
        asker = Asker(self.crawler, MAX_REQUESTS)
        contact = FirstContact(self.source, session, asker, self.plan.window, self._to_look_at, spare=True)
        try:
            session.looking = asyncio.create_task(contact.take())
            look = await session.looking
            if session.is_ending:  # cut short, it says nothing of the site
                return
            if look.answered:
                session.ledger.note_look(self.name, Looked(session.now(), look.works, look.differences))
            session.tell(look)
        except Exception:  # the crawl does without it, whatever it was
            self.logger.exception("the first look at %s failed; the crawl goes on", self.source.home)
        if remembered := self.crawler.get_downloader_middleware(Remembered):
            remembered.keep_all(contact.answers)

    def _to_look_at(self, links: Sequence[Link]) -> list[Link]:
        """The first of an entry's links that this run fetches in any case. They go into the ledger, as all do."""
        most = min(MAX_ARTICLES, NO_LIMIT if self.arguments.limit is None else self.arguments.limit)
        state_of = self.session.ledger.state_of
        due = [link for link in links if self.plan.window.holds(link) is not False]
        chosen = [link for link in due if state_of(link.url) in (None, "pending")][:most]
        self.session.record(chosen, self.plan)
        return chosen

    def closed(self, reason: str) -> None:
        """Say what the bound of a run left over."""
        is_left_alone = self.session.access is not None and self.session.access.why is not None
        if self.queue.is_spent and self.queue.waiting and not is_left_alone:
            self.logger.info(
                "%s: %d pages were asked for, as many as MAX_PAGES_PER_RUN allows; %d links stay pending for the next run",
                self.name,
                self.queue.requested,
                len(self.queue.waiting),
            )

    # --- discovery --------------------------------------------------------------------------------

    async def _next_entry(self) -> Output:
        """Ask for the next entry's first documents; after the last, for what is pending and what to recheck."""
        while self.entries_left:
            entry = self.entries_left.popleft()
            if (why_not := self._why_not(entry)) is not None:
                self.reasons.append(f"{entry}: {why_not}")
                continue
            walk = Walk(entry, self.bounds.sitemap_depth)
            self.walks.append(walk)
            by_day = url_template.is_dated(walk.entry.url)
            window = self.plan.days_to_ask if by_day else self.plan.window
            first = entries.start(walk.entry, window, self.session.today())
            walk.first = len(first)
            for url in first:
                yield self._document_request(url, walk)
            return
        if self.session.won is None and self.source.entries:
            self.session.outcome.worse(
                ATTENTION, f"{self.name}: no entry led to articles ({'; '.join(self.reasons)})"
            )
        if self.session.won is not None and self.session.access is not None:
            for walk in self.walks:
                if walk.is_absent:
                    self.session.access.absent(walk.entry, walk.why_not or "")
        if self.capped is not None:
            entry = self.capped.entry
            self.session.outcome.worse(
                ATTENTION,
                f"{self.name}: older articles may be missing: {entry}: {self.capped.capped}",
            )
        looks_back = self.arguments.until is not None
        for left in self.session.ledger.pending(self.name, self.session.now()):
            # What other runs left is theirs to judge, where this one could only throw it away.
            if not looks_back or self.plan.window.holds(left.link):
                self._enqueue(Errand(left.link, self.plan.window_of(left)))
        if not looks_back:
            for request in self._changes_request() or self._revisits():
                yield request
        self.queue.is_all = True
        for request in self._released():
            yield request

    def _why_not(self, entry: Entry) -> str | None:
        """Why an entry is not to be asked for now; null: it is."""
        return self.session.access.why_not(entry) if self.session.access is not None else None

    def _note_refusal(self, entry: Entry, status: int) -> None:
        """Close what is refused: an entry, and the other addresses that lead to the same."""
        if status not in REFUSED:
            return
        same = [each for each in self.source.entries if each.kind == entry.kind in ONE_THING] or [entry]
        self.entries_left = deque(each for each in self.entries_left if each not in same)
        if self.session.access is not None:
            for each in same:
                self.session.access.refused(each, status)

    def _document_request(self, url: str, walk: Walk) -> Request:
        walk.asked += 1
        walk.outstanding += 1
        # A backfill, and a walk cut short before, must see the document whatever we know of it; and of an
        # entry that stood still "not modified" would not tell how old it is.
        ordinary = self.plan.is_fresh and not (self.plan.is_first or self.plan.is_backfill)
        ordinary = ordinary and not self.session.ledger.is_stale(self.name, walk.entry.url)
        ordinary = ordinary and url not in walk.again
        known = self.session.ledger.validators(self.name, url) if ordinary else UNKNOWN
        return Request(
            url,
            callback=self.parse_document,
            errback=self.document_failed,
            headers=known.headers(),
            cb_kwargs={"walk": walk, "asked": url},
            priority=10,
            dont_filter=True,
        )

    async def parse_document(self, response: Response, walk: Walk, asked: str) -> Output:
        """One discovery document: its links go into the ledger, the due ones are fetched."""
        kind = walk.entry.kind
        page = self.session.page(response, None, "rest" if kind == "wordpress" else "feed")
        if _is_unchanged(response):
            await self.session.archive(page, "discovery")
            walk.joined = True
            self._won(walk)
            async for request in self._document_done(walk):
                yield request
            return
        outcome = await self._document(page, walk.entry, self.plan.window)
        if isinstance(outcome, Unusable):
            await self.session.archive(page, "discovery")
            if (response.status in REFUSALS or response.status >= SERVER_ERROR) and not outcome.is_closed:
                walk.why_not, self.cut_short = outcome.reason, True
            elif not walk.links:  # else this is the page after the last
                walk.why_not = outcome.reason
                is_other = kind != "listing" and markup.is_html(page.body)
                is_missing = response.status in NOT_THERE or is_other
                walk.is_absent = is_missing and not (walk.documents or url_template.is_dated(walk.entry.url))
            if not walk.documents:  # refused in the middle of it, the entry serves as far as it goes
                self._note_refusal(walk.entry, response.status)
            async for request in self._document_done(walk):
                yield request
            return
        validators = Validators(page.header("ETag"), page.header("Last-Modified"))
        # A run that looks back leaves what is newer to the ordinary ones: known, it would hide a gap.
        looks_back = self.arguments.until is not None
        links = [link for link in outcome.links if not self.plan.is_after(link)]
        recorded = self.session.record(links, self.plan, None if looks_back else (asked, validators))
        walk.note(asked, outcome, recorded, self.plan)
        if outcome.links:
            self._won(walk)
        due = [link for link in recorded.due if address_key(link.url) not in self.queue.asked]
        articles: list[Article] = []
        if kind == "wordpress" and self.source.evidence == "rest":
            articles = await self._take(page, [*due, *recorded.changed])
        else:
            await self.session.archive(page, "discovery")
        more = walk.wanted(asked, outcome, self.plan)
        undated = self._hold_back(walk, asked, more, due) if kind == "listing" else None
        for link in due:
            waits = undated if self.plan.window.holds(link) is None else None
            self._enqueue(Errand(link, self.plan.window, undated=waits))
        for article in articles:
            yield article
        for url in () if undated else more:
            yield self._document_request(url, walk)
        for request in self._released():
            yield request
        async for request in self._document_done(walk):
            yield request

    async def _document(self, page: Page, entry: Entry, window: Window) -> Found | Unusable:
        """What a discovery document holds. What is over its bounds is counted and told, not taken."""
        found = await self.session.readers.document(page, self.source, entry, window, self.bounds)
        if isinstance(found, Found) and (found.left_out or found.too_long):
            self.session.count("links/left_out", found.left_out)
            self.session.count("links/too_long", found.too_long)
            self.logger.info(
                "%s %s: %d addresses over the bound of one document, %d too long",
                entry.kind,
                page.url,
                found.left_out,
                found.too_long,
            )
        return found

    def _hold_back(self, walk: Walk, asked: str, more: tuple[str, ...], due: list[Link]) -> Undated | None:
        """Undated links decide whether a listing goes on: only their articles say how old they are."""
        unsure = sum(self.plan.window.holds(link) is None for link in due)
        if not more or not unsure:
            return None
        walk.outstanding += 1
        return Undated(walk, asked, more, unsure)

    def _won(self, walk: Walk) -> None:
        if self.session.access is not None:
            self.session.access.found(walk.entry)
        if self.session.won is None:
            self.session.won = walk.entry
            self.session.count(f"entry/{walk.entry.kind}")

    async def _take(self, page: Page, due: list[Link]) -> list[Article]:
        """Read the due articles that a REST document itself holds, as many as the limit allows."""
        wanted = [link for link in due if link.platform_id][: self.queue.room]
        if not wanted:
            await self.session.archive(page, "discovery")
            return []
        self.queue.asked |= {address_key(link.url) for link in wanted}
        self.queue.in_flight += len(wanted)  # or others would take their room meanwhile
        try:
            placed = await self.session.archive(
                replace(
                    page,
                    take=tuple(link.platform_id for link in wanted if link.platform_id),
                    since=self.plan.window.since,
                    until=self.plan.window.until,
                ),
                "article",
            )
            articles = _articles(await self.session.read(placed))
        finally:
            self.queue.in_flight -= len(wanted)
        self.queue.yielded += len(articles)
        return articles

    async def _document_done(self, walk: Walk) -> Output:
        """When the last document of an entry is in: is the window covered, or is the next entry needed?"""
        walk.outstanding -= 1
        if walk.outstanding:
            return
        self._compare_with_suspect(walk.newest, walk)
        if walk.is_covering and self._asks_a_witness(walk):
            self.suspect = walk
        elif walk.is_covering:
            self.entries_left.clear()
            self.capped = None
        else:
            if walk.capped and self.plan.is_backfill:
                self.capped = walk
            self.reasons.append(f"{walk.entry}: {walk.shortfall}")
            self.logger.info("%s: %s", walk.entry, walk.shortfall)
            if walk.links and not self.plan.is_first:
                self.session.count("gaps")
        if walk.is_covering or (self.suspect is not None and self.suspect.is_covering):
            self.cut_short = False  # what refused us is not missed: an entry has listed it
        # After the last entry every way in was tried: what is missing cannot be had, unless an entry was
        # cut short by the server or the network; then the next run walks on.
        if not (self.entries_left or self.cut_short) and self.session.won and self.plan.reaches_floor:
            self.session.ledger.finish_walk(self.name, self.session.today())
        async for request in self._next_entry():
            yield request

    def _asks_a_witness(self, walk: Walk) -> bool:
        """Whether an entry that shows nothing new for days may have been forgotten by its site.

        An entry of another kind is asked then: one that shows nothing newer either belongs to an outlet
        that is quiet.
        """
        if self.suspect is not None:
            return False
        if not walk.looks_old(self.plan, self.session.today()):
            if self.session.ledger.is_stale(self.name, walk.entry.url):
                self.session.ledger.note_stale(self.name, walk.entry.url, False)
            return False
        others = [entry for entry in self.entries_left if entry.kind != walk.entry.kind]
        self.entries_left = deque(others)
        return bool(others)

    def _compare_with_suspect(self, day: date | None, witness: Walk) -> None:
        """Call the suspected entry stale, where its witness shows an article of a later day."""
        suspect = self.suspect
        if suspect is None or suspect is witness or suspect.is_stale or day is None:
            return
        if day > (suspect.latest(self.plan) or day):
            suspect.is_stale = True
            self.session.ledger.note_stale(self.name, suspect.entry.url, True)
            self.session.won = witness.entry
            self.session.count("stale")
            self.logger.info(
                "%s: stale, %s shows newer articles",
                suspect.entry,
                self.session.won,
            )

    async def document_failed(self, failure: Failure) -> Output:
        """No answer to a discovery request: the entry ends here."""
        request: Request = failure.request  # type: ignore[attr-defined]
        walk: Walk = request.cb_kwargs["walk"]
        walk.why_not = _reason(failure)
        is_final = isinstance(failure.value, IgnoreRequest) and not isinstance(failure.value, Paused)
        self.cut_short = self.cut_short or not is_final
        async for further in self._document_done(walk):
            yield further

    # --- known articles, looked at again ----------------------------------------------------------

    def _changes_request(self) -> list[Request]:
        """Once a day, where REST answers: ask what was changed since, however old; it is visited then."""
        won, now = self.session.won, self.session.now()
        if won is None or won.kind != "wordpress":
            return []
        since = self.session.ledger.changes_asked_at(self.name, now, CHANGES_EVERY)
        return [self._changes_page(wordpress.changed(won.url, since), now, 1)] if since is not None else []

    def _changes_page(self, url: str, asked_at: datetime, number: int) -> Request:
        return Request(
            url,
            callback=self.parse_changes,
            errback=self.changes_failed,
            cb_kwargs={"asked_at": asked_at, "number": number},
            dont_filter=True,
        )

    async def parse_changes(self, response: Response, asked_at: datetime, number: int) -> Output:
        """Posts that were changed: those that we read earlier are due, and visited with the others."""
        page = self.session.page(response, None, "rest")
        await self.session.archive(page, "discovery")
        entry = Entry("wordpress", response.url)
        found = await self._document(page, entry, Window(None, None, self.source.timezone))
        if isinstance(found, Found):
            recorded = self.session.record(found.links, self.plan)
            for link in recorded.due:
                self._enqueue(Errand(link, self.plan.window))
            if found.more and number < MAX_CHANGE_PAGES:
                yield self._changes_page(found.more[0], asked_at, number + 1)
                return
        if isinstance(found, Found) or response.status in REFUSED:  # refused, it is asked again tomorrow
            self.session.ledger.note_changes_asked(self.name, asked_at)
        for request in (*self._revisits(), *self._released()):
            yield request

    async def changes_failed(self, failure: Failure) -> Output:
        """No answer: a later run asks again since the same moment."""
        self.logger.info("changes: %s", _reason(failure))
        for request in (*self._revisits(), *self._released()):
            yield request

    def _revisits(self) -> Iterator[Request]:
        """Ask for young articles again: a hundred at once where REST can say, else each, conditionally."""
        since = self.arguments.recheck
        start = datetime.combine(since, time(), ZoneInfo(self.source.timezone)) if since else None
        most = self.crawler.settings.getint("RECHECKS_PER_RUN") if start is None else NO_LIMIT
        due = self.session.ledger.revisits(self.name, self.session.now(), start, most)
        collection = next((each for each in self.source.entries if self._is_open_rest(each)), None)
        told = ("rest", "page") if self.source.evidence == "page" else ("rest",)
        in_bulk = [each for each in due if collection and each.document in told and each.link.platform_id]
        for each in due:
            if each not in in_bulk:
                self._enqueue(Errand(each.link, None, each.validators))
        for first in range(0, len(in_bulk), wordpress.PER_PAGE):
            chunk = in_bulk[first : first + wordpress.PER_PAGE]
            ids = [each.link.platform_id or "" for each in chunk]
            assert collection is not None
            yield Request(
                wordpress.look(self._rest_address(collection), ids),
                callback=self.parse_look,
                errback=self.look_failed,
                cb_kwargs={"entry": collection, "chunk": chunk},
                dont_filter=True,
            )

    def _is_open_rest(self, entry: Entry) -> bool:
        access = self.session.access
        is_open = access is None or not (access.closed(entry) or access.closed(entry, LOOK))
        return entry.kind == "wordpress" and is_open

    def _rest_address(self, entry: Entry) -> str:
        """The collection that answered in this run, else the first that the source names."""
        won = self.session.won
        return won.url if won is not None and won.kind == "wordpress" else entry.url

    async def parse_look(self, response: Response, entry: Entry, chunk: list[Revisit]) -> Output:
        """When known posts were last changed: the changed are read whole, the absent asked for by page."""
        page = self.session.page(response, None, "rest")
        await self.session.archive(page, "discovery")
        if response.status in REFUSED and self.session.access is not None:
            self.session.access.refused(entry, response.status, LOOK)
        found = await self._document(page, entry, Window(None, None, self.source.timezone))
        links = found.links if isinstance(found, Found) else ()
        present = {link.platform_id: link for link in links}
        everything = replace(self.plan, window=replace(self.plan.window, since=None, until=None))
        changed = self.session.record(links, everything).changed
        self.session.sighted([link for link in links if link not in changed])
        for each in chunk:
            if each.link.platform_id not in present:
                self._enqueue(Errand(each.link, None, each.validators))
        if self.source.evidence == "page":
            for link in changed:
                self._enqueue(Errand(link, None))
        elif changed:
            ids = [link.platform_id or "" for link in changed]
            yield Request(
                wordpress.whole(self._rest_address(entry), ids),
                callback=self.parse_changed,
                errback=self.changed_failed,
                cb_kwargs={"links": list(changed)},
                dont_filter=True,
            )
        for request in self._released():
            yield request

    async def look_failed(self, failure: Failure) -> Output:
        """REST does not answer: ask for each page, conditionally."""
        request: Request = failure.request  # type: ignore[attr-defined]
        for each in request.cb_kwargs["chunk"]:
            self._enqueue(Errand(each.link, None, each.validators))
        for further in self._released():
            yield further

    async def parse_changed(self, response: Response, links: list[Link]) -> Output:
        """Posts that were changed since we read them, whole."""
        page = self.session.page(response, None, "rest")
        for article in await self._take(page, links) if response.status < 400 else ():
            yield article

    def changed_failed(self, failure: Failure) -> None:
        """No answer: the posts stay due, and the next run asks again."""
        self.logger.info("changed posts: %s; they are asked for again by the next run", _reason(failure))

    # --- articles ---------------------------------------------------------------------------------

    def _enqueue(self, errand: Errand) -> None:
        """Ask for an article, once in a run."""
        if not entries.fits(errand.link.url, self.bounds):  # discovered when longer ones were allowed
            self.session.unanswered(errand.link, "excluded", "url too long")
            return
        key = address_key(errand.link.url)
        if key not in self.queue.asked:
            self.queue.asked.add(key)
            self.queue.waiting.append(errand)

    def _released(self) -> Iterator[Request]:
        """Article requests, as many as the limit and MAX_PAGES_PER_RUN leave room for."""
        while self.queue.waiting and self.queue.room and not self.queue.is_spent:
            errand = self.queue.waiting.popleft()
            self.queue.in_flight += 1
            self.queue.requested += 1
            yield Request(
                errand.link.url,
                callback=self.parse,
                errback=self.article_failed,
                headers=errand.known.headers(),
                meta={ARTICLE: True},
                cb_kwargs={"errand": errand},
                dont_filter=True,
            )

    async def parse(self, response: Response, errand: Errand | None = None) -> Output:
        """An article page: archive it, read it, yield what it holds. Works alone, too (`scrapy parse`)."""
        link = errand.link if errand else Link(response.url, self.source.name, "user")
        if errand and response.status == NOT_MODIFIED and not _is_unchanged(response):
            self.session.unanswered(link, "failed", "not modified, unasked")
            async for request in self._article_done(0, errand.undated):
                yield request
            return
        page = self.session.page(response, link)
        if errand and errand.window:
            page = replace(page, since=errand.window.since, until=errand.window.until)
        try:
            page = replace(page, parts=await self._further_parts(page))
        except Paused:  # the whole article stays to be asked for
            if errand:
                self.session.count("paused")
                async for request in self._article_done(0, errand.undated):
                    yield request
            return
        if errand:
            page = await self.session.archive(page, "article")
        results = await self.session.read(page) if page.status != NOT_MODIFIED else []
        articles = _articles(results)
        for article in articles:
            if errand and errand.link.entry == self.walks[-1].entry.kind:
                self._compare_with_suspect(article.published_on, self.walks[-1])
            yield article
        if errand:
            if self.sameness.note(page, results):
                self._stop_asking()
            async for request in self._article_done(len(articles), errand.undated, lies(results, page.until)):
                yield request

    def _stop_asking(self) -> NoReturn:
        """End the run where the site has no more than one text to give; what was not asked for stays pending."""
        said = f"{self.sameness.in_a_row} addresses in a row led to the same text; the rest is left for a later run"
        self.session.outcome.worse(ATTENTION, f"{self.name}: {said}")
        raise CloseSpider("same_text")

    async def _further_parts(self, page: Page) -> tuple[Page, ...]:
        """The further parts of a multi-page article. A part that cannot be had leaves it incomplete."""
        if page.status != OK:
            return ()
        rules = self.session.merger.rules_of(page)
        further = await self.session.readers.further_parts(page, rules)
        if further.whole and self.gives_whole:
            # One request instead of many; a site that does not know the address is not asked for another.
            whole = await self._part(further.whole)
            if whole and any(
                isinstance(found, Article) and found.is_complete
                for found in await self.session.readers.read(replace(page, parts=(whole,)), rules)
            ):
                return (whole,)
            self.gives_whole = False
        found: list[Page] = []
        left = list(further.rest)
        while len(found) < min(len(left), MAX_PARTS - 1):
            if (part := await self._part(left[len(found)])) is None:
                break
            found.append(part)
            # A pager may link no more than the next part.
            more = await self.session.readers.further_parts(part, rules, page.url, len(found) + 1)
            left += more.rest[len(left) :]
        return tuple(found)

    async def _part(self, url: str) -> Page | None:
        """One part of an article; null where it cannot be had. `Paused`: it was not asked for."""
        engine = self.crawler.engine
        assert engine is not None
        try:
            response = await engine.download_async(Request(url))
        except Paused:
            raise
        except Exception as error:  # whatever the downloader raises: the part is missing, no more
            self.logger.info("%s: no answer (%s)", url, type(error).__name__)
            return None
        return self.session.page(response, None) if response.status < 400 else None

    async def article_failed(self, failure: Failure) -> Output:
        """No answer to an article request: the ledger hears why, the queue goes on."""
        request: Request = failure.request  # type: ignore[attr-defined]
        errand: Errand = request.cb_kwargs["errand"]
        error = failure.value
        if isinstance(error, Paused):
            self.session.count("paused")  # it stays pending
        elif isinstance(error, OffSite):
            self.session.unanswered(errand.link, "rejected", "off_site")
        elif isinstance(error, TooLarge):
            self.session.unanswered(errand.link, "rejected", "too_large", str(error))
        elif isinstance(error, IgnoreRequest) and str(error) == FORBIDDEN:
            self.session.unanswered(errand.link, "excluded", ROBOTS)
        else:
            self.session.unanswered(errand.link, "failed", _reason(failure))
        async for further in self._article_done(0, errand.undated):
            yield further

    async def _article_done(
        self, articles: int, undated: Undated | None, where: Lies = "unanswered"
    ) -> Output:
        self.queue.in_flight -= 1
        self.queue.yielded += articles
        for request in self._released():
            yield request
        if undated is None:
            return
        undated.left -= 1
        undated.seen.add(where)
        if undated.left == 0:
            if undated.leads_on(self.plan.is_backfill):
                for url in undated.more:
                    yield self._document_request(url, undated.walk)
            else:
                undated.walk.joined = True
                undated.walk.leave(undated.asked, undated.more)
            async for further in self._document_done(undated.walk):
                yield further


def _is_unchanged(response: Response) -> bool:
    """Whether what we have is what there is. To a question that did not name what we have, 304 is no answer."""
    asked = response.request.headers if response.request else {}
    return response.status == NOT_MODIFIED and ("If-None-Match" in asked or "If-Modified-Since" in asked)


def _articles(results: Reading) -> list[Article]:
    return [result for result in results if isinstance(result, Article)]


def _reason(failure: Failure) -> str:
    """Why a request got no answer, in a few words that can be counted."""
    error = failure.value
    return (str(error) if isinstance(error, IgnoreRequest) else "") or type(error).__name__
