"""What Scrapy 2.19 lacks in politeness: robots.txt's Crawl-delay, and a limit that holds without a delay."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import Any, Self

from scrapy import Request, signals
from scrapy.core.downloader import Downloader, Slot
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from twisted.internet.defer import Deferred

logger = logging.getLogger(__name__)

MAX_DELAY_S = 120.0
"""A longer Crawl-delay is taken for a slip: at 86400 a day would hold one request."""


class CrawlDelay:
    """Slows a host's slot down to its Crawl-delay; never speeds one up."""

    def __init__(self, crawler: Crawler) -> None:
        if crawler.settings.get("REPLAY"):
            raise NotConfigured
        self._crawler = crawler
        crawler.signals.connect(self._robots_parsed, signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        asked = robotparser.crawl_delay(self._crawler.settings["USER_AGENT"])
        engine = self._crawler.engine
        if not asked or engine is None:
            return
        downloader = engine.downloader
        slot = downloader.slots.get(downloader.get_slot_key(request))
        if slot is not None and slot.delay < asked:
            slot.delay, slot.jitter = min(asked, MAX_DELAY_S), 0.0  # jitter would go below what was asked
            logger.info("%s asks for %.0f s between requests", downloader.get_slot_key(request), slot.delay)


class CountingDownloader(Downloader):
    """Keeps to CONCURRENT_REQUESTS_PER_DOMAIN when DOWNLOAD_DELAY is 0, too.

    Scrapy counts a transfer when its task starts, one turn of the loop after it was let go; with no
    delay between them, all that queue for a host are let go in that turn.
    """

    def _wait_for_download(
        self, slot: Slot, request: Request, queue_dfd: Deferred[Response]
    ) -> Coroutine[Any, Any, None]:
        slot.transferring.add(request)
        return super()._wait_for_download(slot, request, queue_dfd)
