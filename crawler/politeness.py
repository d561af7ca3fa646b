"""robots.txt's Crawl-delay, which Scrapy reads and does not act on."""

from __future__ import annotations

import logging
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.robotstxt import RobotParser

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
            slot.delay = min(asked, MAX_DELAY_S)
            logger.info("%s asks for %.0f s between requests", downloader.get_slot_key(request), slot.delay)
