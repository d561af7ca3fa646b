"""Several crawlers in one process, a few at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeVar

from scrapy.crawler import AsyncCrawlerProcess, Crawler

from crawler.interruption import Interruption

T = TypeVar("T")


def some_at_once(
    process: AsyncCrawlerProcess,
    given: Iterable[T],
    most: int,
    make: Callable[[T], Crawler],
    ended: Callable[[T, Crawler, BaseException | None], None],
    interruption: Interruption,
) -> None:
    """Have the process run a crawler for each that is given, `most` at a time; `ended` is called after each. None begins after a signal."""
    waiting = deque(given)

    def begin_next() -> None:
        if waiting and interruption.signal is None:
            one = waiting.popleft()
            crawler = make(one)
            task = process.crawl(crawler)
            assert isinstance(task, asyncio.Task)
            task.add_done_callback(lambda done: end(one, crawler, done))

    def end(one: T, crawler: Crawler, done: asyncio.Task[None]) -> None:
        ended(one, crawler, None if done.cancelled() else done.exception())
        begin_next()

    for _ in range(max(1, most)):
        begin_next()
