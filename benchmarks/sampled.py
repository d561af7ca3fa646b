"""Where a command's own process spends its CPU: samples of all its threads, by the part of the program that runs.

    python -m benchmarks.sampled FILE MODULE [ARGUMENT ...]

runs the module as `python -m` does, and writes part → CPU seconds to FILE, as JSON. A signal comes with every few milliseconds of
CPU; what each thread has used since the last one counts for the innermost frame that stands in `PARTS`. What no frame of
Python explains are threads of DuckDB, and the interpreter's own beginning and end.
"""

from __future__ import annotations

import atexit
import json
import os
import runpy
import signal
import sys
import threading
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from types import FrameType

CHECKOUT = Path(__file__).parents[1]
EVERY_S = 0.004
PARTS = (
    ("<frozen importlib", "modules loaded"),
    ("storage/archive", "archive: records, gzip, digests"),
    ("storage/known", "articles looked up in the published copy"),
    ("storage/publish", "publish"),
    ("storage/store", "publish"),
    ("storage/tombstones", "erased articles kept out"),
    ("crawler/forget", "erased articles kept out"),
    ("storage", "merge"),
    ("crawler/ledger", "ledger"),
    ("crawler/processing/workers", "pages to the workers and back"),
    ("site-packages/pebble", "pages to the workers and back"),
    ("crawler/processing", "merge"),
    ("crawler/catalogue", "source files, first look, entries"),
    ("crawler/config", "source files, first look, entries"),
    ("crawler/discovery", "source files, first look, entries"),
    ("crawler/verify", "source files, first look, entries"),
    ("crawler/ingest", "WARCs read"),
    ("crawler", "spider, middlewares, item pipelines"),
    ("site-packages/scrapy", "Scrapy and Twisted"),
    ("site-packages/twisted", "Scrapy and Twisted"),
    ("asyncio/", "Scrapy and Twisted"),
)
OTHER = "DuckDB's threads, the interpreter"


class Sampler:
    """Counts CPU seconds by part, of every thread of this process."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._clocks: dict[int, float] = {}
        self._before = time.process_time()
        self._parts: dict[str, str | None] = {}

    def begin(self) -> None:
        """Sample from now on."""
        signal.signal(signal.SIGPROF, self._sample)
        signal.siginterrupt(signal.SIGPROF, False)
        signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)

    def end(self) -> dict[str, float]:
        """Part → CPU seconds, the rest of the process included."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        rest = time.process_time() - self._before - sum(self.seconds.values())
        return {**self.seconds, OTHER: self.seconds[OTHER] + rest}

    def _sample(self, _: int, interrupted: FrameType | None) -> None:
        main = threading.main_thread().ident
        for thread, frame in sys._current_frames().items():
            with suppress(OSError):  # it ended meanwhile
                used = time.clock_gettime(time.pthread_getcpuclockid(thread))
                self.seconds[self._part(interrupted if thread == main else frame)] += used - self._clocks.get(
                    thread, 0.0
                )
                self._clocks[thread] = used

    def _part(self, frame: FrameType | None) -> str:
        while frame is not None:
            name = frame.f_code.co_filename
            if name not in self._parts:
                self._parts[name] = next((part for begin, part in PARTS if begin in _shown(name)), None)
            if (part := self._parts[name]) is not None:
                return part
            frame = frame.f_back
        return OTHER


def _shown(name: str) -> str:
    """A file of the project by its path in it; any other by its own, which no part of ours may match."""
    path = Path(name)
    if path.is_relative_to(CHECKOUT) and "site-packages" not in path.parts:
        return f"{path.relative_to(CHECKOUT)}"
    return name[name.rfind("site-packages/") :] if "site-packages/" in name else f"/{name}"


def main() -> None:
    """The command."""
    target, module, *arguments = sys.argv[1:]
    sampler, own = Sampler(), os.getpid()

    def note() -> None:
        if os.getpid() == own:
            Path(target).write_text(json.dumps(sampler.end()), encoding="utf-8")

    atexit.register(note)
    sys.argv = [module, *arguments]
    sampler.begin()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
