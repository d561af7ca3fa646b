"""How a site is asked: one request at a time per network, at its robots.txt's pace and its server's, paused on demand.

Scrapy reads Crawl-delay and does not act on it, knows slots of hosts and of one process only, and lets
what was asked to wait wait alone while the rest goes on.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import logging
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request, Spider, signals
from scrapy.core.downloader import Downloader, Slot
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.asyncio import call_later
from twisted.internet.defer import Deferred

from crawler.access import OVERLOADED, TRIAL, Paused
from crawler.place import data_dir_of
from crawler.session import session_of
from pipelines.address import host_of

if TYPE_CHECKING:
    from tldextract import TLDExtract

logger = logging.getLogger(__name__)

MAX_DELAY_S = 120.0
"""A longer Crawl-delay is taken for a slip: at 86400 a day would hold one request."""
MAX_PAUSE_S = 120.0
"""A server that asks for a longer pause is asked again by a later run."""
_LOOK_S = 0.05
"""How often a process looks whether the network that it waits for is free."""


class PoliteDownloader(Downloader):
    """One slot for each network, whoever asks; never faster than its floor.

    A network is what a source file calls so, else the domain that its hosts share: kaltim.suara.com and
    www.suara.com are one. What another crawl of this DATA_DIR asks of it, in whatever process, counts too.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._floors: dict[str, float] = {}
        self._shares = not crawler.settings.get("REPLAY")

    # --- what the extensions and middlewares ask for ------------------------------------------------

    def slow_down(self, request: Request, delay_s: float) -> float:
        """From now on at least so many seconds, but no more than MAX_DELAY_S, between requests to the same slot."""
        key = self.get_slot_key(request)
        floor = self._floors[key] = max(self.floor(key), min(delay_s, MAX_DELAY_S))
        if (slot := self.slots.get(key)) is not None:
            self._keep_to_floor(slot, floor)
        return floor

    def floor(self, key: str) -> float:
        """The least delay of a slot, in seconds; 0 where the site asks for none."""
        return self._floors.get(key, 0.0)

    def hold(self, request: Request, pause_s: float) -> None:
        """Let nothing more go to the slot of the request for so many seconds."""
        _, slot = self._get_slot(request)
        if pause_s <= 0:
            return
        slot.close()  # what was to wake it earlier
        slot.latercall = call_later(pause_s, self._latercall, slot)

    # --- slots --------------------------------------------------------------------------------------

    def get_slot_key(self, request: Request) -> str:
        """The network's name where there is one, else the host's."""
        if (meta_slot := request.meta.get(self.DOWNLOAD_SLOT)) is not None:
            return str(meta_slot)
        return self._network_of(request) or super().get_slot_key(request)

    def _network_of(self, request: Request) -> str | None:
        source = getattr(self.crawler.spider, "source", None)
        if source is not None and source.network and source.owns(request.url):
            return str(source.network)
        return domain_of(host_of(request.url).partition(":")[0])

    def _get_slot(self, request: Request, spider: Spider | None = None) -> tuple[str, Slot]:
        key, slot = super()._get_slot(request)
        if floor := self.floor(key):
            self._keep_to_floor(slot, floor)  # Scrapy forgets idle slots, and their delays with them
        return key, slot

    def _process_queue(self, slot: Slot) -> None:
        """Once the site is left alone, what waits for its turn goes no further."""
        access = session_of(self.crawler).access
        if access is not None and access.why is not None:
            for request, deferred in [waiting for waiting in slot.queue if not waiting[0].meta.get(TRIAL)]:
                slot.queue.remove((request, deferred))
                deferred.errback(Paused(access.why))
        super()._process_queue(slot)

    def _keep_to_floor(self, slot: Slot, floor: float) -> None:
        if slot.delay <= floor:
            slot.delay, slot.jitter = floor, 0.0  # jitter would go below what was asked

    def _wait_for_download(
        self, slot: Slot, request: Request, queue_dfd: Deferred[Response]
    ) -> Coroutine[Any, Any, None]:
        # Counted here: Scrapy counts a transfer when its task starts, one turn of the loop after it was let go, so
        # without a delay all that queue for a host are let go in that turn, whatever CONCURRENT_REQUESTS_PER_DOMAIN.
        slot.transferring.add(request)
        return super()._wait_for_download(slot, request, queue_dfd)

    async def _download(self, slot: Slot, request: Request) -> Response:
        network = self._network_of(request) if self._shares else None
        if network is None or slot.concurrency > 1:
            return await super()._download(slot, request)
        async with _turn(data_dir_of(self.settings).locks, network, slot.delay):
            return await super()._download(slot, request)


@asynccontextmanager
async def _turn(locks: Path, network: str, delay_s: float) -> AsyncIterator[None]:
    """Have a network to oneself, `delay_s` after whoever had it last; among all processes that share `locks`.

    The lock dies with its process. Where there is no DATA_DIR yet, as in `scrapy shell`, nobody shares.
    """
    if not locks.is_dir():
        yield
        return
    name = hashlib.sha256(network.encode()).hexdigest()[:16]
    fd = os.open(locks / f"network-{name}", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                await asyncio.sleep(_LOOK_S)
            else:
                break
        # monotonic() counts from the machine's start: the same for all its processes.
        last = os.pread(fd, 32, 0).decode("ascii", "replace")
        if (wait_s := _number(last) + delay_s - monotonic()) > 0:
            await asyncio.sleep(min(wait_s, delay_s))
        began = monotonic()
        try:
            yield
        finally:
            os.pwrite(fd, f"{began:032.3f}".encode(), 0)
    finally:
        os.close(fd)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("-inf")


@cache
def domain_of(host: str) -> str | None:
    """The domain that an organisation registered, `suara.com` of `kaltim.suara.com`; null of an IP address."""
    return _splitter()(host).top_domain_under_public_suffix or None


@cache
def _splitter() -> TLDExtract:
    """With the list of public suffixes that the library brings: nothing is fetched."""
    from tldextract import TLDExtract  # here: it weighs on commands that ask for nothing

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


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
    """Scrapy's AutoThrottle, which slows down with a slow server, but never below a slot's floor."""

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        super()._adjust_delay(slot, latency, response)
        downloader = _downloader(self.crawler)
        if downloader is not None and response.request is not None:
            floor = downloader.floor(downloader.get_slot_key(response.request))
            slot.delay = max(slot.delay, floor)


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
        if response.status not in OVERLOADED:
            return
        asked_s = retry_after_s(response, datetime.now(UTC))
        access, downloader = session_of(self._crawler).access, _downloader(self._crawler)
        if asked_s > MAX_PAUSE_S and access is not None:
            access.wait(request.url, asked_s, f"HTTP {response.status}")
        elif downloader is not None:
            times = request.meta.get("retry_times", 0)
            downloader.hold(request, min(MAX_PAUSE_S, max(asked_s, backoff_s(self._backoff_s, times))))


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
