"""The pace of requests: the Crawl-delay of robots.txt, the speed of the server, and the pauses that it asks for.

Scrapy reads Crawl-delay and does not act on it, and delays only the request whose answer asked for a pause.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from crawler.downloader.access import MAX_WAIT, OVERLOADED, TRIAL, access_of
from crawler.downloader.rate_limit import MAX_PAUSE_S
from crawler.downloader.slots import downloader_of
from pipelines.address import host_of

logger = logging.getLogger(__name__)


class CrawlDelay:
    """Slows a slot down to the Crawl-delay that robots.txt gives us; never speeds one up."""

    def __init__(self, crawler: Crawler) -> None:
        if crawler.settings.get("REPLAY"):
            raise NotConfigured
        self._crawler = crawler
        crawler.signals.connect(self._robots_parsed, signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        asked = robotparser.crawl_delay(self._crawler.settings["ROBOTSTXT_USER_AGENT"])
        downloader = downloader_of(self._crawler)
        if asked and downloader is not None:
            kept = downloader.slow_down(request, asked)
            logger.info("%s asks for %g s between requests: %g s", host_of(request.url), asked, kept)


class Throttle(AutoThrottle):
    """Scrapy's AutoThrottle, which slows down with a slow server, but never below a slot's floor.

    Where several requests at a time are allowed, it aims at as many.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        at_once = crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self.target_concurrency = max(self.target_concurrency, float(at_once))

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        downloader = downloader_of(self.crawler)
        if downloader is not None:
            downloader.keep_to_floor(request)


class Patience:
    """Gives an overloaded server a pause from all requests: as long as Retry-After says, else longer each time.

    A server that asks for more than MAX_PAUSE_S is left alone for the rest of the run, and by later runs.
    """

    def __init__(self, crawler: Crawler) -> None:
        if crawler.settings.get("REPLAY"):
            raise NotConfigured
        self._crawler = crawler
        self._backoff_s = crawler.settings.getfloat("RETRY_BACKOFF_S")
        # This signal comes before the slot lets the next request go; a middleware would be too late.
        crawler.signals.connect(self._answered, signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _answered(self, response: Response, request: Request) -> None:
        if response.status not in OVERLOADED or request.meta.get(TRIAL):
            return
        asked_s = retry_after_s(response, datetime.now(UTC))
        access, downloader = access_of(self._crawler), downloader_of(self._crawler)
        pause_s = max(asked_s, backoff_s(self._backoff_s, request.meta.get("retry_times", 0)))
        if downloader is not None:
            downloader.hold(request, min(pause_s, MAX_WAIT.total_seconds()))
        if asked_s > MAX_PAUSE_S and access is not None:
            access.wait(request.url, asked_s, f"HTTP {response.status}")


def backoff_s(first_s: float, times: int) -> float:
    """The pause after so many failures before this one, in seconds."""
    return min(MAX_PAUSE_S, first_s * 2.0 ** min(times, 32))


def retry_after_s(response: Response, now: datetime) -> float:
    """Seconds that a Retry-After header asks for, in figures or as a date; 0 where there is none that can be read."""
    value = (response.headers.get("Retry-After") or b"").strip()[:40].decode("ascii", "replace")
    if value.isdigit() and value.isascii():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return 0.0
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())
