"""What happens to an Article, in the order of ITEM_PIPELINES. Thin adapters: `pipelines/` decides.

Items that are no Articles (a user's own spider may yield any) pass untouched.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.crawl.session import session_of
from pipelines.article import Article
from pipelines.dedupe import Verdict, decide
from pipelines.validate import problems
from storage.known import Known

logger = logging.getLogger(__name__)


class _Adapter:
    """What the three have in common: the crawler they belong to."""

    def __init__(self, crawler: Crawler) -> None:
        self.session = session_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)


class ValidatePipeline(_Adapter):
    """Drops an Article that contradicts itself: a fault of ours, so it is logged as an error."""

    def process_item(self, item: Any) -> Any:
        if isinstance(item, Article) and (found := problems(item)):
            logger.error("%s: %s", item.url, "; ".join(found))
            self.session.figures.count("invalid")
            raise DropItem("; ".join(found))
        return item


class DedupePipeline(_Adapter):
    """Gives an Article its known id, and drops one that was seen before, unchanged.

    Decides by the published copy, so that it never waits for the store; the merge decides again.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._known: Known | None = None

    def process_item(self, item: Any) -> Any:
        if not isinstance(item, Article):
            return item
        if self._known is None:
            self._known = Known(self.session.data_dir)
        stored = self._known.find(item)
        article = replace(item, article_id=stored.article_id) if stored else item
        verdict = decide(stored, article)
        if verdict is not Verdict.PARTIAL:
            self._known.remember(article)
        if verdict in (Verdict.SAME, Verdict.PARTIAL):
            self.session.intake.keep(article)
            raise DropItem("seen before, unchanged")
        self.session.figures.count_quietly(verdict.value)
        return article

    def close_spider(self) -> None:
        if self._known is not None:
            self._known.close()


class StorePipeline(_Adapter):
    """Hands the Article to the crawl's session, which merges it with the segment of its page.

    What is none reaches feeds only; the log says so once a crawl, for nothing else would.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._is_said = False

    def process_item(self, item: Any) -> Any:
        if isinstance(item, Article):
            self.session.intake.keep(item)
        elif not self._is_said:
            self._is_said = True
            logger.warning(
                "items of this spider are no Articles (%s): feeds get them, and the database stores none "
                "(docs/spiders.md)",
                type(item).__name__,
            )
        return item
