"""The worker processes that read pages, so that neither a slow nor a crashing parser touches a crawl.

Processes and never threads: two trafilatura threads crash the interpreter. A page that a worker dies
of, or reads for too long, is `Rejected("parser_error")`; the pool goes on.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import signal
from concurrent.futures import Future
from typing import cast

from pebble import ProcessExpired, ProcessPool

from pipelines.article import Article, Page, Rejected
from pipelines.rules import Rules

TIMEOUT_S = 60
"""A page's time in a worker. The slowest real page took 1.5 s."""
PAGES_PER_WORKER = 2_000
"""A worker is replaced after so many pages: what its C libraries leak goes with it."""

Reading = list[Article | Rejected]


class Readers:
    """A pool of reading processes, started with the first page."""

    def __init__(self, workers: int) -> None:
        self._workers = max(1, workers)
        self._pool: ProcessPool | None = None

    async def read(self, page: Page, rules: Rules) -> Reading:
        """What the page holds. Never raises for what a page contains."""
        try:
            return await asyncio.wrap_future(self._submit(page, rules))
        except (ProcessExpired, TimeoutError) as error:
            return [_failed(page, error)]

    def read_now(self, page: Page, rules: Rules) -> Reading:
        """The same, waiting: for commands without an event loop."""
        return self.result(page, self._submit(page, rules))

    def submit(self, page: Page, rules: Rules) -> Future[Reading]:
        """Start reading; `result` waits for it. For many pages at once."""
        return self._submit(page, rules)

    def result(self, page: Page, future: Future[Reading]) -> Reading:
        """What `submit` began, once it is done."""
        try:
            return future.result()
        except (ProcessExpired, TimeoutError) as error:
            return [_failed(page, error)]

    def close(self) -> None:
        """End the workers; what they are reading is lost."""
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def _submit(self, page: Page, rules: Rules) -> Future[Reading]:
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=PAGES_PER_WORKER,
                initializer=_initialise,
                context=multiprocessing.get_context("spawn"),
            )
        future = self._pool.schedule(_read, args=(page, rules), timeout=TIMEOUT_S)
        return cast("Future[Reading]", future)


def _initialise() -> None:
    """Ctrl-C is for the crawl, which ends its workers itself once their pages are read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable(logging.CRITICAL)


def _read(page: Page, rules: Rules) -> Reading:
    from pipelines.read import read  # imported here: the parsers' weight belongs to the workers

    return list(read(page, rules))


def _failed(page: Page, error: Exception) -> Rejected:
    why = f"took longer than {TIMEOUT_S} s" if isinstance(error, TimeoutError) else "the parser crashed"
    return Rejected(page.url, page.source, page.fetched_at, "parser_error", why)
