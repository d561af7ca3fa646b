"""Somebody's SQLite editor, which has a transaction open in a ledger; and how the reactor of a crawl fares meanwhile."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

_EDITOR = """
import sqlite3, sys
editor = sqlite3.connect(sys.argv[1], isolation_level=None)
editor.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
editor.execute("ROLLBACK")
editor.close()
"""


@contextmanager
def hold_ledger(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Hold it until the block ends, or the process's stdin is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", _EDITOR, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as editor:
        assert editor.stdout is not None
        assert editor.stdout.readline() == "held\n"
        yield editor


class Heartbeat:
    """A Scrapy extension: the longest time in seconds that the reactor stood still, written to HEARTBEAT at the end."""

    def __init__(self, crawler: Crawler) -> None:
        self._path = Path(crawler.settings["HEARTBEAT"])
        self._longest_s = 0.0
        self._beat: asyncio.Task[None] | None = None
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _opened(self) -> None:
        self._beat = asyncio.get_running_loop().create_task(self._go_on())

    async def _go_on(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.05)
            self._longest_s = max(self._longest_s, time.monotonic() - before)

    def _closed(self) -> None:
        assert self._beat is not None
        self._beat.cancel()
        self._path.write_text(f"{self._longest_s}", encoding="ascii")
