"""How a site is asked: one request at a time per network, at its robots.txt's pace and its server's, paused on demand.

Scrapy reads Crawl-delay and does not act on it, knows slots of hosts and of one process only, and lets
what was asked to wait wait alone while the rest goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from time import monotonic
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.core.downloader import Downloader, Slot
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.asyncio import call_later, create_looping_call
from twisted.internet.defer import Deferred

from crawler.catalogue.model import Source
from crawler.config import data_dir_of
from crawler.crawl.session import session_of
from crawler.downloader.access import MAX_WAIT, OVERLOADED, TRIAL, Paused
from crawler.downloader.rate_limit import END_LOOK_S, MAX_PAUSE_S, Held, Network, network_of
from pipelines.address import host_of

logger = logging.getLogger(__name__)

MAX_DELAY_S = 120.0
"""A longer Crawl-delay is taken for a slip: at 86400 a day would hold one request."""


class PoliteDownloader(Downloader):
    """One slot for each network, whoever asks; never faster than its floor.

    What another crawl of this DATA_DIR asks of a network, in whatever process, counts too.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._floors: dict[str, float] = {}
        self._held: dict[str, float] = {}
        """Slot → the monotonic second until which it is held."""
        self._locks = data_dir_of(self.settings).locks
        self._shares = not crawler.settings.get("REPLAY")
        self._ending = create_looping_call(self._look_for_the_end)
        self._ending.start(END_LOOK_S, now=False)

    def close(self) -> None:
        """Forget the slots, and what was to wake them."""
        self._ending.stop()
        super().close()

    # --- what the extensions and middlewares ask for ------------------------------------------------

    def slow_down(self, request: Request, delay_s: float) -> float:
        """From now on at least so many seconds, but no more than MAX_DELAY_S, between requests to the same slot."""
        key = self.get_slot_key(request)
        floor = self._floors[key] = max(self.floor(key), min(delay_s, MAX_DELAY_S))
        self.keep_to_floor(request)
        return floor

    def keep_to_floor(self, request: Request) -> None:
        """Undo what made the slot of the request faster than its floor."""
        key = self.get_slot_key(request)
        slot, floor = self.slots.get(key), self.floor(key)
        if slot is not None and floor and slot.delay <= floor:
            slot.delay, slot.jitter = floor, 0.0  # jitter would go below what was asked

    def floor(self, key: str) -> float:
        """The least delay of a slot, in seconds; 0 where the site asks for none."""
        return self._floors.get(key, 0.0)

    def hold(self, request: Request, pause_s: float) -> None:
        """Let nothing more go to the network of the request for so many seconds, whoever asks."""
        key, slot = self._get_slot(request)
        until = monotonic() + pause_s
        if pause_s <= 0 or until <= self._held.get(key, 0.0):
            return
        self._held[key] = until
        if self._shares and (name := network_of(request.url, self._source)) is not None:
            Network(self._locks, name).hold(pause_s)
        slot.close()  # what was to wake it earlier
        slot.latercall = call_later(min(pause_s, MAX_PAUSE_S), self._latercall, slot)

    # --- slots --------------------------------------------------------------------------------------

    def get_slot_key(self, request: Request) -> str:
        """The network's name where there is one, else the host's."""
        if (meta_slot := request.meta.get(self.DOWNLOAD_SLOT)) is not None:
            return str(meta_slot)
        return network_of(request.url, self._source) or super().get_slot_key(request)

    @property
    def _source(self) -> Source | None:
        return getattr(self.crawler.spider, "source", None)

    def _get_slot(self, request: Request, spider: Spider | None = None) -> tuple[str, Slot]:
        key, slot = super()._get_slot(request)
        self.keep_to_floor(request)  # Scrapy forgets idle slots, and their delays with them
        return key, slot

    def _look_for_the_end(self) -> None:
        """A slot that waits, for minutes it may be, would else not hear of it."""
        for slot in list(self.slots.values()):
            if slot.queue:
                self._process_queue(slot)

    def _process_queue(self, slot: Slot) -> None:
        """Once the site is left alone, or the run ends, what waits for its turn goes no further."""
        for request, deferred in list(slot.queue):
            if (why := self._why_not(request)) is not None:
                slot.queue.remove((request, deferred))
                deferred.errback(Paused(why))
        super()._process_queue(slot)

    def _why_not(self, request: Request) -> str | None:
        """Why a request that waited is not made any more; null: it is."""
        session = session_of(self.crawler)
        if session.access is None or request.meta.get(TRIAL):
            return None
        return session.access.why or ("the run ends" if session.is_ending else None)

    def _must_go(self, request: Request) -> None:
        """`Paused` where a request that waited is not made any more."""
        if (why := self._why_not(request)) is not None:
            raise Paused(why)

    def _wait_for_download(
        self, slot: Slot, request: Request, queue_dfd: Deferred[Response]
    ) -> Coroutine[Any, Any, None]:
        # Counted here: Scrapy counts a transfer when its task starts, one turn of the loop after it was let go, so
        # without a delay all that queue for a host are let go in that turn, whatever CONCURRENT_REQUESTS_PER_DOMAIN.
        slot.transferring.add(request)
        return super()._wait_for_download(slot, request, queue_dfd)

    async def _download(self, slot: Slot, request: Request) -> Response:
        try:
            name = network_of(request.url, self._source) if self._shares else None
            if name is None:
                return await super()._download(slot, request)
            network, still = Network(self._locks, name), partial(self._must_go, request)
            if slot.concurrency > 1:  # several at a time were asked for, but not to overhear the site
                await network.held(still)
                return await super()._download(slot, request)
            async with network.turn(slot.delay, still):
                return await super()._download(slot, request)
        except Held as held:
            access = session_of(self.crawler).access
            if access is not None and not request.meta.get(TRIAL):  # a restriction outlasts any wait
                access.wait(request.url, held.seconds, "another source of its network was asked to")
            raise Paused(str(held)) from held
        finally:
            if request in slot.transferring:  # it never came to Scrapy's own part, which takes it out
                slot.transferring.remove(request)
                self._process_queue(slot)


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
        downloader = _downloader(self._crawler)
        if asked and downloader is not None:
            kept = downloader.slow_down(request, asked)
            logger.info("%s asks for %g s between requests: %g s", host_of(request.url), asked, kept)


class Throttle(AutoThrottle):
    """Scrapy's AutoThrottle, which slows down with a slow server, but never below a slot's floor.

    Whoever allows several requests at a time means it: as many are aimed at.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        at_once = crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self.target_concurrency = max(self.target_concurrency, float(at_once))

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        downloader = _downloader(self.crawler)
        if downloader is not None:
            downloader.keep_to_floor(request)


class Patience:
    """Gives an overloaded server a pause from all requests: as long as Retry-After says, else longer each time.

    One that asks for more than MAX_PAUSE_S is left alone for the rest of the run, and by later ones.
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
        access, downloader = session_of(self._crawler).access, _downloader(self._crawler)
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


def _downloader(crawler: Crawler) -> PoliteDownloader | None:
    """The crawler's downloader; null before it runs, and where a user's settings put another in its place."""
    downloader = crawler.engine.downloader if crawler.engine is not None else None
    return downloader if isinstance(downloader, PoliteDownloader) else None
