"""Known articles, looked at again: a hundred at once where there is REST, else each by a conditional request."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.catalogue.model import Entry, Source
from crawler.crawl.articles import Articles, Output
from crawler.crawl.plan import Plan
from crawler.crawl.queue import NO_LIMIT, Errand
from crawler.crawl.session import Session
from crawler.discovery import wordpress
from crawler.discovery.found import Found
from crawler.discovery.window import Window
from crawler.downloader.access import REFUSED
from crawler.errors import reason_of
from crawler.ledger.model import Closed, Revisit
from pipelines.article import Link

logger = logging.getLogger(__name__)

LOOK: Closed = "look"
"""The question to a REST collection about known posts: some sites refuse only that."""
CHANGES_EVERY = timedelta(days=1)
MAX_CHANGE_PAGES = 10
"""A thousand posts: more means that a site saved all its posts anew, which says nothing."""


@dataclass(frozen=True, slots=True)
class Revisits:
    """The revisits of one run. `recheck`: ask for all articles published since that day; null: for those that are due."""

    session: Session
    articles: Articles
    source: Source
    plan: Plan
    recheck: date | None

    async def begin(self) -> list[Request]:
        """Ask REST for changed posts, once a day; without REST go on to the due articles at once."""
        won, now = self.session.won, self.session.now()
        if won is not None and won.kind == "wordpress":
            since = self.session.ledger.sites.changes_asked_at(self.source.name)
            if since is None:  # a change before the first crawl is not an edit that we can see
                await self._note_changes_asked(now)
            elif now - since >= CHANGES_EVERY:
                return [self._changes_request(wordpress.changed(won.url, since), now, 1)]
        return list(self._due())

    async def _note_changes_asked(self, at: datetime) -> None:
        await self.session.in_ledger(self.session.ledger.sites.note_changes_asked, self.source.name, at)

    # --- changed posts of any age ---------------------------------------------------------------------

    def _changes_request(self, url: str, asked_at: datetime, number: int) -> Request:
        return Request(
            url,
            callback=self._parse_changes,
            errback=self._changes_failed,
            cb_kwargs={"asked_at": asked_at, "number": number},
            dont_filter=True,
        )

    async def _parse_changes(self, response: Response, asked_at: datetime, number: int) -> Output:
        """Make the changed posts due that were read before: they are visited with the others."""
        page = self.session.page(response, None, "rest")
        await self.session.intake.take_document(page)
        found = await self.session.document(page, Entry("wordpress", response.url), self._any_day)
        if isinstance(found, Found):
            recorded = await self.session.record(found.links, self.plan)
            for link in recorded.due:
                self.articles.enqueue(Errand(link, self.plan.window))
            if found.more and number < MAX_CHANGE_PAGES:
                yield self._changes_request(found.more[0], asked_at, number + 1)
                return
        if isinstance(found, Found) or response.status in REFUSED:  # refused, it is asked again tomorrow
            await self._note_changes_asked(asked_at)
        for request in (*self._due(), *self.articles.released()):
            yield request

    async def _changes_failed(self, failure: Failure) -> Output:
        """Go on without an answer: a later run asks again since the same moment."""
        logger.info("changes: %s", reason_of(failure.value))
        for request in (*self._due(), *self.articles.released()):
            yield request

    # --- what is due ------------------------------------------------------------------------------------

    def _due(self) -> Iterator[Request]:
        """Requests for due articles: in bulk where REST knows them, the others one by one."""
        collection = next((each for each in self.source.entries if self._is_open_rest(each)), None)
        in_bulk: list[Revisit] = []
        for each in self._revisits():
            if collection is not None and self._is_told_by_rest(each):
                in_bulk.append(each)
            else:
                self.articles.enqueue(Errand(each.link, None, each.validators))
        for first in range(0, len(in_bulk), wordpress.PER_PAGE):
            assert collection is not None
            yield self._look_request(collection, in_bulk[first : first + wordpress.PER_PAGE])

    def _revisits(self) -> Sequence[Revisit]:
        since, zone = self.recheck, ZoneInfo(self.source.timezone)
        start = datetime.combine(since, time(), zone) if since else None
        most = NO_LIMIT if start else self.session.crawler.settings.getint("RECHECKS_PER_RUN")
        return self.session.ledger.revisits(self.source.name, self.session.now(), start, most)

    def _is_told_by_rest(self, known: Revisit) -> bool:
        documents = ("rest", "page") if self.source.evidence == "page" else ("rest",)
        return known.document in documents and bool(known.link.platform_id)

    def _is_open_rest(self, entry: Entry) -> bool:
        access = self.session.access
        is_open = access is None or not (access.closed(entry) or access.closed(entry, LOOK))
        return entry.kind == "wordpress" and is_open

    def _rest_address(self, entry: Entry) -> str:
        """The collection that answered in this run, else the first that the source names."""
        won = self.session.won
        return won.url if won is not None and won.kind == "wordpress" else entry.url

    # --- a hundred at once --------------------------------------------------------------------------------

    def _look_request(self, collection: Entry, chunk: list[Revisit]) -> Request:
        ids = [each.link.platform_id or "" for each in chunk]
        return Request(
            wordpress.look(self._rest_address(collection), ids),
            callback=self._parse_look,
            errback=self._look_failed,
            cb_kwargs={"entry": collection, "chunk": chunk},
            dont_filter=True,
        )

    async def _parse_look(self, response: Response, entry: Entry, chunk: list[Revisit]) -> Output:
        """Read when known posts were last changed: ask for the changed ones whole, for the absent ones by page."""
        page = self.session.page(response, None, "rest")
        await self.session.intake.take_document(page)
        if response.status in REFUSED and self.session.access is not None:
            self.session.access.refused(entry, response.status, LOOK)
        found = await self.session.document(page, entry, self._any_day)
        links = found.links if isinstance(found, Found) else ()
        changed = await self._note_changes(links)
        present = {link.platform_id for link in links}
        for each in chunk:
            if each.link.platform_id not in present:
                self.articles.enqueue(Errand(each.link, None, each.validators))
        if self.source.evidence == "page":
            for link in changed:
                self.articles.enqueue(Errand(link, None))
        elif changed:
            yield self._whole_request(entry, changed)
        for request in self.articles.released():
            yield request

    async def _note_changes(self, links: Sequence[Link]) -> Sequence[Link]:
        """The posts that were changed since they were read; notes the others as unchanged."""
        everything = replace(self.plan, window=replace(self.plan.window, since=None, until=None))
        changed = (await self.session.record(links, everything)).changed
        self.session.intake.sighted([link for link in links if link not in changed])
        return changed

    async def _look_failed(self, failure: Failure) -> Output:
        """Ask for each page, conditionally, because REST does not answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        for each in request.cb_kwargs["chunk"]:
            self.articles.enqueue(Errand(each.link, None, each.validators))
        for further in self.articles.released():
            yield further

    def _whole_request(self, entry: Entry, changed: Sequence[Link]) -> Request:
        ids = [link.platform_id or "" for link in changed]
        return Request(
            wordpress.whole(self._rest_address(entry), ids),
            callback=self._parse_whole,
            errback=self._whole_failed,
            cb_kwargs={"links": list(changed)},
            dont_filter=True,
        )

    async def _parse_whole(self, response: Response, links: list[Link]) -> Output:
        """Take in the changed posts, whole."""
        page = self.session.page(response, None, "rest")
        for article in await self.articles.take_from(page, links, self.plan) if response.status < 400 else ():
            yield article

    def _whole_failed(self, failure: Failure) -> None:
        """Go on without an answer: the posts stay due, and the next run asks again."""
        logger.info("changed posts: %s; they are asked for again by the next run", reason_of(failure.value))

    @property
    def _any_day(self) -> Window:
        return Window(None, None, self.source.timezone)
