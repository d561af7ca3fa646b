"""The worker processes that read pages, so that neither a slow nor a crashing parser touches a crawl.

Processes and never threads: two trafilatura threads crash the interpreter. A page that a worker dies
of, or reads for too long, is `Rejected("parser_error")`; the pool goes on.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import re
import signal
from concurrent.futures import Future
from multiprocessing import resource_tracker
from typing import ClassVar, cast

from pebble import ProcessExpired, ProcessPool

from pipelines.article import Article, Page, Rejected
from pipelines.parts import Further
from pipelines.rules import Rules

WHOLE = Further(None, ())
TIMEOUT_S = 60
"""A page's time in a worker. The slowest real page took 1.5 s."""
_PAGER = re.compile(
    rb"class=(?:[\"'][^\"']*|[^\s>]*)(?:pag|halaman)|\bhalaman\b|\bpage\s+\d+\s+of\b"
    rb"|rel=[\"']?next|[?&;](?:page|hal)=[2-9]|articleTotalPages|data-total-pages",
    re.IGNORECASE,
)
"""What every pager has one of: saves a look at most pages."""
PAGES_PER_WORKER = 2_000
"""A worker is replaced after so many pages: what its C libraries leak goes with it."""

Reading = list[Article | Rejected]


class Readers:
    """A pool of reading processes, started with the first page.

    Crawls of one process share a pool: each holds it while it runs, and the last to let go ends it.
    """

    _shared: ClassVar[Readers | None] = None

    def __init__(self, workers: int) -> None:
        self._workers = max(1, workers)
        self._pool: ProcessPool | None = None
        self._holders = 1

    @classmethod
    def shared(cls, workers: int) -> Readers:
        """This process's pool, made with the first crawl; `close` gives it back."""
        if cls._shared is None:
            cls._shared = cls(workers)
        else:
            cls._shared._holders += 1
        return cls._shared

    async def read(self, page: Page, rules: Rules) -> Reading:
        """What the page holds. Never raises for what a page contains."""
        try:
            return await asyncio.wrap_future(self.submit(page, rules))
        except (ProcessExpired, TimeoutError) as error:
            return [_failed(page, error)]

    def submit(self, page: Page, rules: Rules) -> Future[Reading]:
        """Start reading; `result` waits for it. For many pages at once."""
        return cast("Future[Reading]", self._started().schedule(_read, args=(page, rules), timeout=TIMEOUT_S))

    def result(self, page: Page, future: Future[Reading]) -> Reading:
        """What `submit` began, once it is done."""
        try:
            return future.result()
        except (ProcessExpired, TimeoutError) as error:
            return [_failed(page, error)]

    async def further_parts(self, page: Page, rules: Rules, url: str | None = None, at: int = 1) -> Further:
        """Where the rest of an article is; nowhere where the page is whole, or unreadable.

        `url` is the article's where the page is its part `at`; null: the page's own.
        """
        if (future := self._submit_further(page, rules, url, at)) is None:
            return WHOLE
        try:
            return await asyncio.wrap_future(future)
        except (ProcessExpired, TimeoutError):
            return WHOLE

    def further(self, page: Page, rules: Rules, url: str | None = None, at: int = 1) -> Further:
        """What `further_parts` answers, for a caller that waits."""
        try:
            future = self._submit_further(page, rules, url, at)
            return future.result() if future else WHOLE
        except (ProcessExpired, TimeoutError):
            return WHOLE

    def close(self) -> None:
        """Let go of the pool; the last holder ends the workers, and what they are reading is lost."""
        self._holders -= 1
        if self._holders > 0:
            return
        if Readers._shared is self:
            Readers._shared = None
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def _submit_further(
        self, page: Page, rules: Rules, url: str | None = None, at: int = 1
    ) -> Future[Further] | None:
        """Start looking for the rest, as `further_parts` does; null where there is nothing to look at."""
        if not _PAGER.search(page.body):
            return None
        arguments = (page, rules.whole, url or page.url, at)
        return cast("Future[Further]", self._started().schedule(_further, args=arguments, timeout=TIMEOUT_S))

    def _started(self) -> ProcessPool:
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=PAGES_PER_WORKER,
                initializer=_initialise,
                context=multiprocessing.get_context("spawn"),
            )
            # Ctrl-C is for the command, which ends its workers itself once their pages are read. They inherit
            # the mask, those that are started later too: it holds while they still import.
            resource_tracker.ensure_running()  # its start would take the mask off
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                assert self._pool.active, "asking starts the pool"
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        return self._pool


def _initialise() -> None:
    logging.disable(logging.CRITICAL)


def _read(page: Page, rules: Rules) -> Reading:
    from pipelines.read import read  # imported here: the parsers' weight belongs to the workers

    return list(read(page, rules))


def _further(page: Page, suffix: str | None, url: str | None, at: int) -> Further:
    from pipelines.parts import further
    from pipelines.tree import decode, parse

    text = decode(page.body, page.header("Content-Type"))
    tree = parse(text) if text else None
    return further(tree, url, suffix, at) if tree is not None else WHOLE


def _failed(page: Page, error: Exception) -> Rejected:
    why = f"took longer than {TIMEOUT_S} s" if isinstance(error, TimeoutError) else "the parser crashed"
    return Rejected(page.url, page.source, page.fetched_at, "parser_error", why)
