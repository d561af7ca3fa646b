"""The downloader: one slot for each network, with its least delay, its holds, and the turns of other processes.

Scrapy has slots for hosts in one process only, and delays only the request whose answer asked for a pause."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from time import monotonic
from typing import Any

from scrapy import Request, Spider
from scrapy.core.downloader import Downloader, Slot
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.asyncio import call_later, create_looping_call
from twisted.internet.defer import Deferred

from crawler.catalogue.model import Source
from crawler.config import data_dir_of
from crawler.downloader.access import TRIAL, access_of, is_ending
from crawler.downloader.rate_limit import END_LOOK_S, MAX_PAUSE_S, Held, Network, network_of
from crawler.errors import Paused

MAX_DELAY_S = 120.0
"""A longer Crawl-delay is taken for an error: 86400 would allow one request a day."""


class PoliteDownloader(Downloader):
    """One slot for each network, never faster than its floor.

    Requests of other crawls of this DATA_DIR to the same network count too, in whatever process.
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

    # --- for extensions and middlewares -------------------------------------------------------------

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
        """Send nothing to the network of the request for so many seconds, in any process."""
        key, slot = self._get_slot(request)
        until = monotonic() + pause_s
        if pause_s <= 0 or until <= self._held.get(key, 0.0):
            return
        self._held[key] = until
        if self._shares and (name := network_of(request.url, self._source)) is not None:
            Network(self._locks, name).hold(pause_s)
        slot.close()  # what was to wake it earlier
        slot.latercall = call_later(min(pause_s, MAX_PAUSE_S), self._latercall, slot)

    @property
    def waits_s(self) -> float:
        """Seconds for which the site asked for no further request; 0 where it did not."""
        return max((until - monotonic() for until in list(self._held.values())), default=0.0)

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
        """Look for the end of the run: a slot may wait for minutes and would not notice it."""
        for slot in list(self.slots.values()):
            if slot.queue:
                self._process_queue(slot)

    def _process_queue(self, slot: Slot) -> None:
        """Drop the waiting requests once the site is left alone, or the run ends."""
        for request, deferred in list(slot.queue):
            if (why := self._why_not(request)) is not None:
                slot.queue.remove((request, deferred))
                deferred.errback(Paused(why))
        super()._process_queue(slot)

    def _why_not(self, request: Request) -> str | None:
        """Why a waiting request is no longer made; null: it is made."""
        access = access_of(self.crawler)
        if access is None or request.meta.get(TRIAL):
            return None
        return access.why or ("the run ends" if is_ending(self.crawler) else None)

    def _must_go(self, request: Request) -> None:
        """Raise `Paused` where a waiting request is no longer made."""
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
            if slot.concurrency > 1:  # several at a time are allowed, but a hold counts for all
                await network.held(still)
                return await super()._download(slot, request)
            async with network.turn(slot.delay, still):
                return await super()._download(slot, request)
        except Held as held:
            access = access_of(self.crawler)
            if access is not None and not request.meta.get(TRIAL):  # a restriction outlasts any wait
                access.wait(request.url, held.seconds, "another source of its network was asked to")
            raise Paused(str(held)) from held
        finally:
            if request in slot.transferring:  # it never came to Scrapy's own part, which takes it out
                slot.transferring.remove(request)
                self._process_queue(slot)


def downloader_of(crawler: Crawler) -> PoliteDownloader | None:
    """The crawler's downloader; null before it runs, and where a user's settings put another in its place."""
    downloader = crawler.engine.downloader if crawler.engine is not None else None
    return downloader if isinstance(downloader, PoliteDownloader) else None
