"""The article requests of one run: each address once, as many at a time as the run's limit leaves room for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scrapy import Request

from crawler.crawl.plan import Plan
from crawler.crawl.queue import Errand, Queue
from crawler.crawl.session import Session
from crawler.discovery import entry as entries
from crawler.downloader.access import ARTICLE
from crawler.limits import Bounds
from pipelines.address import address_key
from pipelines.article import Article, Link, Page

Output = AsyncIterator[Request | Article]
"""What a callback of a crawl gives to Scrapy."""


@dataclass(frozen=True, slots=True)
class Articles:
    """Asks for articles. `parse` and `failed` are Scrapy's callback and errback of each request."""

    session: Session
    queue: Queue
    bounds: Bounds
    parse: Callable[..., Any]
    failed: Callable[..., Any]

    def enqueue(self, errand: Errand) -> None:
        """Ask for an article once in a run, when there is room."""
        if not entries.fits(errand.link.url, self.bounds):  # discovered when longer ones were allowed
            self.session.intake.unanswered(errand.link, "excluded", "url too long")
            return
        key = address_key(errand.link.url)
        if key not in self.queue.asked:
            self.queue.asked.add(key)
            self.queue.waiting.append(errand)

    def released(self) -> Iterator[Request]:
        """Article requests, as many as the limit and MAX_PAGES_PER_RUN leave room for."""
        queue = self.queue
        while queue.waiting and queue.room and not queue.is_spent:
            errand = queue.waiting.popleft()
            queue.in_flight += 1
            queue.requested += 1
            yield Request(
                errand.link.url,
                callback=self.parse,
                errback=self.failed,
                headers=errand.known.headers(),
                meta={ARTICLE: True},
                cb_kwargs={"errand": errand},
                dont_filter=True,
            )

    async def take_from(self, page: Page, due: Sequence[Link], plan: Plan) -> list[Article]:
        """Read the due articles that a REST document itself holds, as many as the limit allows."""
        wanted = [link for link in due if link.platform_id][: self.queue.room]
        if not wanted:
            await self.session.intake.take_document(page)
            return []
        self.queue.asked |= {address_key(link.url) for link in wanted}
        self.queue.in_flight += len(wanted)  # or others would take their room meanwhile
        try:
            take = tuple(link.platform_id for link in wanted if link.platform_id)
            since, until = plan.window.since, plan.window.until
            results = await self.session.intake.take(replace(page, take=take, since=since, until=until))
        finally:
            self.queue.in_flight -= len(wanted)
        articles = [result for result in results if isinstance(result, Article)]
        self.queue.yielded += len(articles)
        return articles
