"""The further parts of a multi-page article, fetched with its first page and archived as one group with it."""

from __future__ import annotations

import logging
from dataclasses import replace

from scrapy import Request

from crawler.crawl.session import Session
from crawler.errors import Paused
from crawler.processing.workers import WHOLE, Read
from pipelines.article import OK, Article, Page
from pipelines.page.parts import MAX_PARTS, Further
from pipelines.rules import Rules

logger = logging.getLogger(__name__)


class FurtherParts:
    """Completes the pages of one crawl."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._gives_whole = True
        """False once the site turned out to have no addresses of whole articles."""

    async def complete(self, page: Page) -> tuple[Page, Read | None]:
        """The page with its further parts, and how it was read where it has none (null: not read yet).

        Incomplete where a part cannot be fetched. Raises `Paused` where the site is left alone meanwhile: the whole
        article stays pending.
        """
        if page.status != OK:
            return page, None
        rules = self._session.merger.rules_of(page)
        read = await self._session.readers.follow(page, rules)
        if read.further == WHOLE:
            return page, read
        return await self._joined(page, read.further, rules), None

    async def _joined(self, page: Page, further: Further, rules: Rules) -> Page:
        if further.whole and self._gives_whole:
            # One request instead of many; a site that lacks the address is not asked for another such.
            whole = await self._part(further.whole)
            if whole is not None and await self._is_whole(complete := replace(page, parts=(whole,)), rules):
                return complete
            self._gives_whole = False
        return replace(page, parts=await self._one_by_one(page, rules, list(further.rest)))

    async def _is_whole(self, page: Page, rules: Rules) -> bool:
        results = await self._session.readers.read(page, rules)
        return any(isinstance(found, Article) and found.is_complete for found in results)

    async def _one_by_one(self, page: Page, rules: Rules, left: list[str]) -> tuple[Page, ...]:
        found: list[Page] = []
        while len(found) < min(len(left), MAX_PARTS - 1):
            if (part := await self._part(left[len(found)])) is None:
                break
            found.append(part)
            # A pager may link only the next part.
            more = await self._session.readers.further_parts(part, rules, page.url, len(found) + 1)
            left += more.rest[len(left) :]
        return tuple(found)

    async def _part(self, url: str) -> Page | None:
        """One part of an article; null where it cannot be fetched."""
        engine = self._session.crawler.engine
        assert engine is not None
        try:
            response = await engine.download_async(Request(url))
        except Paused:
            raise
        except Exception as error:  # whatever the downloader raises: the part is missing, no more
            logger.info("%s: no answer (%s)", url, type(error).__name__)
            return None
        return self._session.page(response, None) if response.status < 400 else None
