"""The walk through a source's entries: which discovery documents are asked for, and what their answers set in motion.

`crawler.discovery` decides what a document yields, the ledger what is due, `walk` how far to walk, `ladder`
which entry is next. This module asks, and passes the answers on.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import date

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.catalogue import url_template
from crawler.catalogue.model import Entry, Source
from crawler.crawl.articles import Articles, Output
from crawler.crawl.ladder import Ladder
from crawler.crawl.plan import Plan
from crawler.crawl.queue import UNKNOWN, Errand, Freshness, Undated
from crawler.crawl.session import Session
from crawler.crawl.walk import Walk
from crawler.discovery import entry as entries
from crawler.discovery import markup
from crawler.discovery.found import Found, Unusable
from crawler.downloader.access import REFUSED
from crawler.errors import ATTENTION, Paused, reason_of
from crawler.ledger.model import Validators
from pipelines.address import address_key
from pipelines.article import NOT_MODIFIED, Article, Link, Page
from pipelines.removal import GONE

logger = logging.getLogger(__name__)


CUTTING_OFF = frozenset({403, 408, 429})
"""Statuses that, like those from SERVER_ERROR on, cut a walk short: a later run may get the document."""
SERVER_ERROR = 500
_REDIRECTED = 300


class Documents:
    """The discovery documents of one run. `then` gives the requests that follow the last entry."""

    def __init__(
        self,
        session: Session,
        source: Source,
        plan: Plan,
        articles: Articles,
        ladder: Ladder,
        then: Callable[[], Awaitable[Iterable[Request]]],
    ) -> None:
        self._session = session
        self._source = source
        self._plan = plan
        self._articles = articles
        self.ladder = ladder
        self._then = then

    async def next_entry(self) -> Output:
        """Ask for the next entry's first documents; after the last, for what is pending and what to recheck."""
        while self.ladder.entries:
            entry = self.ladder.entries.popleft()
            if (why_not := self._admit(entry)) is not None:
                self.ladder.skip(entry, why_not)
                continue
            walk = Walk(entry, self._session.bounds.sitemap_depth)
            self.ladder.begin(walk)
            window = self._plan.days_to_ask if url_template.is_dated(entry.url) else self._plan.window
            first = entries.start(entry, window, self._session.today())
            walk.first = len(first)
            for url in first:
                yield self._request(url, walk)
            return
        self._note_discovery()
        for request in await self._then():
            yield request

    def _note_discovery(self) -> None:
        """Note what the walks through all entries mean for the run's outcome and for the entries."""
        outcome, ladder = self._session.outcome, self.ladder
        if ladder.lists_nothing:
            self._session.is_answered = True
            logger.info("%s: nothing is listed (%s)", self._source.name, "; ".join(ladder.reasons))
        if self._session.access is not None and all(walk.entry.is_guess for walk in ladder.walks):
            self._session.access.kept_out()
        if not self._session.is_answered and self._source.entries:
            outcome.worse(
                ATTENTION, f"{self._source.name}: no entry led to articles ({'; '.join(ladder.reasons)})"
            )
        if self._session.won is not None and self._session.access is not None:
            for walk in ladder.absent:
                self._session.access.absent(walk.entry, walk.why_not or "")
        if ladder.capped is not None:
            capped = f"{ladder.capped.entry}: {ladder.capped.capped}"
            outcome.worse(ATTENTION, f"{self._source.name}: older articles may be missing: {capped}")
        if ladder.torn is not None:
            torn = f"{ladder.torn.entry}: {ladder.torn.shortfall}; the next run asks for it again"
            outcome.worse(ATTENTION, f"{self._source.name}: {torn}")

    def _admit(self, entry: Entry) -> str | None:
        """Let the run ask for an entry; else why not. Null: it is let."""
        return self._session.access.admit(entry) if self._session.access is not None else None

    def _note_refusal(self, entry: Entry, status: int) -> None:
        """Close what is refused: an entry, and the other addresses that lead to the same."""
        if status in REFUSED:
            for each in self.ladder.refuse(entry):
                if self._session.access is not None:
                    self._session.access.refused(each, status)

    def _request(self, url: str, walk: Walk) -> Request:
        walk.asked += 1
        walk.outstanding += 1
        return Request(
            url,
            callback=self.parse,
            errback=self.failed,
            headers=self._validators(url, walk).headers(),
            cb_kwargs={"walk": walk, "asked": url},
            priority=10,
            dont_filter=True,
        )

    def _validators(self, url: str, walk: Walk) -> Validators:
        """The validators of a conditional request for a document.

        None for a backfill and after a walk that was cut short: both need the document itself. None for an
        entry that stood still: "not modified" would not show how old it is.
        """
        ledger = self._session.ledger
        is_ordinary = self._plan.is_fresh and not (self._plan.is_first or self._plan.is_backfill)
        if not is_ordinary or url in walk.again or ledger.walks.is_stale(self._source.name, walk.entry.url):
            return UNKNOWN
        return ledger.validators(self._source.name, url)

    async def parse(self, response: Response, walk: Walk, asked: str) -> Output:
        """Take one discovery document: record its links in the ledger, ask for the due ones."""
        page = self._session.page(response, None, "rest" if walk.entry.kind == "wordpress" else "feed")
        if is_unchanged(response):
            await self._session.intake.take_document(page)
            walk.joined = True
            self._won(walk)
        else:
            document = await self._session.document(page, walk.entry, self._plan.window)
            if isinstance(document, Unusable):
                await self._session.intake.take_document(page)
                self._note_unusable(walk, page, document)
            else:
                async for output in self._take_found(walk, asked, page, document):
                    yield output
        async for output in self._done(walk):
            yield output

    def _note_unusable(self, walk: Walk, page: Page, document: Unusable) -> None:
        """Note what an unusable document means for its walk: cut short, not there, or the page after the last."""
        is_failure = page.status in CUTTING_OFF or page.status >= SERVER_ERROR
        walk.is_cut = walk.is_cut or document.is_cut
        if (is_failure and not document.is_closed) or document.is_cut:
            walk.why_not, self.ladder.cut_short = document.reason, True
        elif not walk.links:  # else this is the page after the last
            walk.why_not = document.reason
            if page.status < _REDIRECTED and self._session.access is not None:
                self._session.access.faults.answered_otherwise(page.url or str(walk.entry))
            is_other = walk.entry.kind != "listing" and markup.is_html(page.body)
            is_missing = page.status in GONE or is_other
            walk.is_absent = is_missing and not (walk.documents or url_template.is_dated(walk.entry.url))
        if not walk.documents:  # refused in the middle of it, the entry serves as far as it goes
            self._note_refusal(walk.entry, page.status)

    async def _take_found(self, walk: Walk, asked: str, page: Page, found: Found) -> Output:
        """Take the links of a document: into the ledger first, then the due ones are asked for."""
        # A run that looks back leaves what is newer to the ordinary ones: known, it would hide a gap.
        links = [link for link in found.links if not self._plan.is_after(link)]
        validators = Validators(page.header("ETag"), page.header("Last-Modified"))
        # Of one that was cut short, "not modified" would say that there is no more of it.
        to_keep = None if self._plan.looks_back or found.is_cut else (asked, validators)
        recorded = await self._session.record(links, self._plan, to_keep)
        walk.note(asked, found, recorded, self._plan)
        if found.one_for_all:
            self._session.outcome.worse(ATTENTION, f"{self._source.name}: {walk.entry}: {found.one_for_all}")
        if found.links:
            self._won(walk)
        due = [link for link in recorded.due if address_key(link.url) not in self._articles.queue.asked]
        taken: list[Article] = []
        if walk.entry.kind == "wordpress" and self._source.evidence == "rest":
            taken = await self._articles.take_from(page, [*due, *recorded.changed], self._plan)
        else:
            await self._session.intake.take_document(page)
        more = walk.wanted(asked, found, self._plan)
        undated = self._hold_back(walk, asked, more, due) if walk.entry.kind == "listing" else None
        for link in due:
            waits = undated if self._plan.window.holds(link) is None else None
            self._articles.enqueue(Errand(link, self._plan.window, undated=waits))
        for article in taken:
            yield article
        for url in () if undated else more:
            yield self._request(url, walk)
        for request in self._articles.released():
            yield request

    def _hold_back(self, walk: Walk, asked: str, more: tuple[str, ...], due: list[Link]) -> Undated | None:
        """Hold back a listing's further pages until its undated links are read: only the articles state their age."""
        unsure = sum(self._plan.window.holds(link) is None for link in due)
        if not more or not unsure:
            return None
        walk.outstanding += 1
        return Undated(walk, asked, more, unsure)

    def _won(self, walk: Walk) -> None:
        if self._session.access is not None:
            self._session.access.found(walk.entry)
        self._session.is_answered = True
        if self._session.won is None:
            self._session.won = walk.entry
            self._session.figures.count(f"entry/{walk.entry.kind}")

    async def _done(self, walk: Walk) -> Output:
        """After the last document of an entry, finish the run or go on with the next entry."""
        walk.outstanding -= 1
        if walk.outstanding:
            return
        await self._note_overtaken(walk.newest, walk)
        ledger, step = self._session.ledger, self.ladder.end(walk, self._plan, self._session.today())
        if step == "short":
            logger.info("%s: %s", walk.entry, walk.shortfall)
            if walk.links and not self._plan.is_first:
                self._session.figures.count("gaps")
        elif step == "fresh" and ledger.walks.is_stale(self._source.name, walk.entry.url):
            await self._note_stale(walk.entry, False)
        if self.ladder.is_exhausted and self._session.won and self._plan.reaches_floor:
            await self._session.in_ledger(ledger.walks.finish, self._source.name, self._session.today())
        async for request in self.next_entry():
            yield request

    async def witnessed(self, article: Article, link: Link) -> None:
        """Compare an article of the walked entry with the suspected one: its page may name a later day."""
        witness = self.ladder.walks[-1]
        if link.entry == witness.entry.kind:
            await self._note_overtaken(article.published_on, witness)

    async def _note_overtaken(self, day: date | None, witness: Walk) -> None:
        """Call the suspected entry stale, where its witness shows an article of a later day."""
        stale = self.ladder.overtake(day, witness, self._plan)
        if stale is not None:
            await self._note_stale(stale, True)
            self._session.won = witness.entry
            self._session.figures.count("stale")
            logger.info("%s: stale, %s shows newer articles", stale, witness.entry)

    async def _note_stale(self, entry: Entry, is_stale: bool) -> None:
        walks = self._session.ledger.walks
        await self._session.in_ledger(walks.note_stale, self._source.name, entry.url, is_stale)

    async def failed(self, failure: Failure) -> Output:
        """Note that a discovery request got no answer: the entry ends here."""
        request: Request = failure.request  # type: ignore[attr-defined]
        walk: Walk = request.cb_kwargs["walk"]
        walk.why_not = reason_of(failure.value)
        is_final = isinstance(failure.value, IgnoreRequest) and not isinstance(failure.value, Paused)
        self.ladder.cut_short = self.ladder.cut_short or not is_final
        async for further in self._done(walk):
            yield further

    async def judged(self, undated: Undated, freshness: Freshness) -> Output:
        """Note the freshness of an undated article; after the last of its listing page, decide whether to go on."""
        undated.left -= 1
        undated.seen.add(freshness)
        if undated.left:
            return
        if undated.leads_on(self._plan.is_backfill):
            for url in undated.more:
                yield self._request(url, undated.walk)
        else:
            undated.walk.joined = True
            undated.walk.leave(undated.asked, undated.more)
        async for output in self._done(undated.walk):
            yield output


def is_unchanged(response: Response) -> bool:
    """Whether an answer says that our copy is current. A 304 counts only where the request was conditional."""
    asked = response.request.headers if response.request else {}
    return response.status == NOT_MODIFIED and ("If-None-Match" in asked or "If-Modified-Since" in asked)
