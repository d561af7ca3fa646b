"""Several crawlers in one process, a few at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from scrapy.crawler import AsyncCrawlerProcess, Crawler

from crawler.catalogue.model import Source
from crawler.interruption import Interruption


def some_at_once(
    process: AsyncCrawlerProcess,
    sources: Iterable[Source],
    most: int,
    make: Callable[[Source], Crawler],
    ended: Callable[[Source, Crawler, BaseException | None], None],
    interruption: Interruption,
) -> None:
    """Have the process run a crawler for each source, `most` at a time; `ended` is called after each. None begins after a signal."""
    waiting = deque(sources)

    def begin_next() -> None:
        if waiting and interruption.signal is None:
            source = waiting.popleft()
            crawler = make(source)
            task = process.crawl(crawler)
            assert isinstance(task, asyncio.Task)
            task.add_done_callback(lambda done: end(source, crawler, done))

    def end(source: Source, crawler: Crawler, done: asyncio.Task[None]) -> None:
        ended(source, crawler, None if done.cancelled() else done.exception())
        begin_next()

    for _ in range(max(1, most)):
        begin_next()
