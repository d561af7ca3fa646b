"""Ctrl-C, SIGTERM and a terminal that goes away: what asked a command to end, and how it ends then.

A command that works in the main thread is interrupted where it stands; a crawl ends in Scrapy's order. The exit code
is 128 and the signal's number where work is left, as a shell has it: 130 after Ctrl-C, 143 after SIGTERM. A second
signal ends the process at once: that is as safe as kill -9, and what its threads still do is waited for by nobody.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

from crawler.console.text import complain

if TYPE_CHECKING:
    from scrapy.crawler import CrawlerProcessBase

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ONE_S = 0.5
"""Signals that come so close upon the first are one with it: `timeout` sends to the command, then to its whole group."""
FORCED_S = 5.0
"""So long a crawl that is to end at once may take to leave its terminal in order."""
LINE = "interrupted; what was done is kept, and the same command goes on"


def be_brief() -> None:
    """Have a Ctrl-C that comes before a command listens end the process without a traceback."""
    before = sys.excepthook

    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            before(kind, error, trace)

    sys.excepthook = told


class _Hold:
    """Blocks of the main thread that no signal may break into, and whether one wanted to."""

    def __init__(self) -> None:
        self.depth = 0
        self.is_due = False


_HOLD = _Hold()


@contextmanager
def held() -> Iterator[None]:
    """Interrupt the main thread at the end of the block, not within.

    For what takes Python's own locks, in queues, futures and events: an error between the taking and the body leaves one
    locked for ever, and one in a wait lets go of a lock that it does not have. In other threads nothing is raised.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _HOLD.depth += 1
    try:
        yield
    finally:
        _HOLD.depth -= 1
        if _HOLD.is_due and not _HOLD.depth:
            _HOLD.is_due = False
            raise KeyboardInterrupt


class Interruption:
    """What the signals of one command said. `signal`: the first that asked for its end; null: none did."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self.is_forced = False
        self._since_s = 0.0

    @property
    def code(self) -> int:
        """The exit code of a command that leaves work; by Ctrl-C where no signal was noted."""
        return 128 + (self.signal or signal.SIGINT)

    @contextmanager
    def raised(self) -> Iterator[None]:
        """Have the first signal raise `KeyboardInterrupt` in the main thread while the block runs, where nothing is `held`.

        Not one that is ignored, as under nohup.
        """
        before = {each: signal.getsignal(each) for each in ENDING}
        for each, handler in before.items():
            if handler in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(each, self._raise)
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def _raise(self, number: int, frame: FrameType | None) -> None:
        if self._is_first(number):
            if not _HOLD.depth:
                raise KeyboardInterrupt
            _HOLD.is_due = True
        elif self._is_another():
            complain(LINE)
            self._end_now()

    @contextmanager
    def heard(self, process: CrawlerProcessBase) -> Iterator[None]:
        """Note what Scrapy hears while the process runs its crawls in the block; after a second signal nothing follows it."""
        before = {each: signal.getsignal(each) for each in ENDING}
        shut_down, kill = process._signal_shutdown, process._signal_kill

        def first(number: int, frame: object) -> None:
            self._is_first(number)
            shut_down(number, frame)

        def second(number: int, frame: object) -> None:
            if self._is_another():
                late = threading.Timer(FORCED_S, self._leave)
                late.daemon = True
                late.start()
                kill(number, frame)

        # Scrapy has no other place where it could be heard.
        vars(process).update(_signal_shutdown=first, _signal_kill=second)
        try:
            yield
        finally:
            if self.is_forced:
                complain(LINE)
                self._end_now()
            for each, handler in before.items():
                signal.signal(each, handler)

    def _is_first(self, number: int) -> bool:
        if self.signal is not None:
            return False
        self.signal, self._since_s = number, time.monotonic()
        return True

    def _is_another(self) -> bool:
        """Whether a further signal is one of its own; noted."""
        self.is_forced = self.is_forced or time.monotonic() - self._since_s > ONE_S
        return self.is_forced

    def _end_now(self) -> None:
        """End the process: not as the interpreter does, which waits for threads, and whose bindings tell what they lost."""
        _end_children()
        with suppress(Exception):
            atexit._run_exitfuncs()  # gives back what the system would keep
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()
        os._exit(self.code)

    def _leave(self) -> None:
        _end_children()
        os._exit(self.code)


def _end_children() -> None:
    for child in multiprocessing.active_children():
        child.kill()
