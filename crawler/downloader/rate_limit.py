"""Turns to ask a network: one lock file for each network, which all crawls of a DATA_DIR share.

The network is named in a source file, else it is the domain that hosts share: kaltim.suara.com and
www.suara.com are one. The lock ends with the process that holds it.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING

from crawler.catalogue.model import Source
from crawler.downloader.access import MAX_WAIT
from pipelines.address import host_of
from storage.disk import open_own

if TYPE_CHECKING:
    from tldextract import TLDExtract

logger = logging.getLogger(__name__)

MAX_PAUSE_S = 120.0
"""A server that asks for a longer pause is asked again by a later run."""
_LOOK_S = 0.05
"""How often a waiting process checks whether the network is free."""
END_LOOK_S = 1.0
"""How often a waiting process checks whether its turn is still wanted: the end of a run waits for no delay."""
_FIELD = 32


class Held(Exception):
    """The network asked to be left alone for longer than a run waits."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"for {seconds:.0f} s more")
        self.seconds = seconds


class Network:
    """One network, as the crawls of a DATA_DIR see it.

    Without its lock file (another user's, a full disk, no DATA_DIR yet) a process asks at its own pace, which
    is better than not asking.
    """

    def __init__(self, locks: Path, name: str) -> None:
        self._path = locks / f"network-{hashlib.sha256(name.encode()).hexdigest()[:16]}"

    @asynccontextmanager
    async def turn(self, delay_s: float, still: Callable[[], None] = lambda: None) -> AsyncIterator[None]:
        """Have the network alone, `delay_s` after the last turn began. `Held`: not in this run.

        `still` is called while waiting, and before the turn: it raises where the turn is no longer wanted.
        """
        fd = self._opened()
        if fd is None:
            still()
            yield
            return
        try:
            while not _locked(fd):
                still()
                await asyncio.sleep(_LOOK_S)
            # After a clock was put back, the note would make every process wait.
            rest_s = min(_read(fd, 0) + delay_s - time(), delay_s)
            await _wait(max(rest_s, _bearable(_held_s(fd))), still)
            began = time()
            try:
                yield
            finally:
                _write(fd, 0, began)
        finally:
            os.close(fd)

    async def held(self, still: Callable[[], None] = lambda: None) -> None:
        """Wait while it is held, and take no turn: for sources with several requests at a time. Raises `Held` as `turn` does."""
        if (fd := self._opened()) is None:
            return
        try:
            while (held_s := _bearable(_held_s(fd))) > 0:
                await _wait(held_s, still)
        finally:
            os.close(fd)

    def hold(self, seconds: float) -> None:
        """Let no process ask it for so long; a longer hold stays."""
        if (fd := self._opened()) is not None:
            _write(fd, _FIELD, time() + max(_held_s(fd), seconds))
            os.close(fd)

    def release(self) -> None:
        """End the hold."""
        if (fd := self._opened()) is not None:
            _write(fd, _FIELD, time())
            os.close(fd)

    def _opened(self) -> int | None:
        try:
            return open_own(self._path)
        except OSError as error:
            logger.debug("%s: %s; nobody shares it", self._path, error.strerror)
            return None


def network_of(url: str, source: Source | None) -> str | None:
    """The name of the network that an address belongs to; null for an IP address of no named network."""
    if source is not None and source.network and source.owns(url):
        return source.network
    return domain_of(host_of(url).partition(":")[0])


@cache
def domain_of(host: str) -> str | None:
    """The domain that an organisation registered, `suara.com` of `kaltim.suara.com`; null for an IP address."""
    return _splitter()(host).top_domain_under_public_suffix or None


@cache
def _splitter() -> TLDExtract:
    """With the list of public suffixes that the library brings: nothing is fetched."""
    from tldextract import TLDExtract  # here: it weighs on commands that ask for nothing

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def _held_s(fd: int) -> float:
    """Seconds for which it is held; 0 for an impossibly long hold, which a clock noted that was put back since."""
    seconds = _read(fd, _FIELD) - time()
    return seconds if 0 < seconds <= 2 * MAX_WAIT.total_seconds() else 0.0


def _bearable(held_s: float) -> float:
    """The seconds, where a run can wait for so many; else raises `Held`."""
    if held_s > MAX_PAUSE_S:
        raise Held(held_s)
    return held_s


async def _wait(seconds: float, still: Callable[[], None]) -> None:
    """Wait so many seconds; ends early where `still` raises."""
    ready = monotonic() + seconds
    while (left_s := ready - monotonic()) > 0:
        still()
        await asyncio.sleep(min(left_s, END_LOOK_S))
    still()


def _locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:  # a file system without locks
        logger.debug("no lock: %s", error.strerror)
    return True


def _read(fd: int, at: int) -> float:
    try:
        return float(os.pread(fd, _FIELD, at))
    except ValueError:
        return float("-inf")


def _write(fd: int, at: int, moment: float) -> None:
    with suppress(OSError):  # a full disk: it was held all the same
        os.pwrite(fd, f"{moment:0{_FIELD}.3f}".encode(), at)
