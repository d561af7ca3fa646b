"""Work in a child process that can be ended at any moment, with what it put on the disk.

DuckDB looks for an interrupt between the chunks of a query only; a function that works for hours on one value, or
unfolds one list, hears neither Ctrl-C nor SIGTERM. A process that is killed does.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from scrapy.commands import ScrapyCommand

from crawler.command import checked
from crawler.errors import ATTENTION
from crawler.interruption import ENDING


class Apart:
    """A child that does some of a command's work, given a folder that is gone with it.

    It is made before anything here has threads, and waits until `outcome` is asked for. It ends with this process,
    however that ends.
    """

    def __init__(self, command: ScrapyCommand, work: Callable[[Path], None]) -> None:
        self._command = command
        self._work = work
        self._child: int | None = None

    def __enter__(self) -> Self:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        with _unheard():  # between the two steps nobody would clean up
            self._spill = Path(tempfile.mkdtemp(prefix="kabar-query-"))
            reading, self._go = os.pipe()
            self._child = os.fork()
            if self._child == 0:
                os.close(self._go)
                self._be_the_child(reading)
            os.close(reading)
        return self

    def outcome(self) -> int:
        """The command's exit code, once the child has done its work."""
        assert self._child is not None
        os.write(self._go, b"!")
        _, status = os.waitpid(self._child, 0)
        self._child = None
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _unheard():
            if self._child is not None:
                os.kill(self._child, signal.SIGKILL)
                os.waitpid(self._child, 0)
            os.close(self._go)
            shutil.rmtree(self._spill, ignore_errors=True)

    def _be_the_child(self, go: int) -> None:
        """Wait, work, and leave the process; none of the parent's ends is met on the way."""
        code = ATTENTION
        try:
            for each in ENDING:  # they are the parent's to hear
                signal.signal(each, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
            if not os.read(go, 1):
                shutil.rmtree(self._spill, ignore_errors=True)
            else:
                threading.Thread(target=self._end_with_parent, args=(go,), daemon=True).start()
                with checked(self._command):
                    self._work(self._spill)
                code = self._command.exitcode
        except BaseException:
            traceback.print_exc()
        finally:
            for stream in (sys.stdout, sys.stderr):
                with suppress(Exception):
                    stream.flush()
            os._exit(code)

    def _end_with_parent(self, go: int) -> None:
        """Wait for the end of the pipe: the parent is gone, and nobody else cleans up."""
        os.read(go, 1)
        shutil.rmtree(self._spill, ignore_errors=True)
        os._exit(ATTENTION)


@contextmanager
def _unheard() -> Iterator[None]:
    """Keep ending signals waiting for the end of the block, which is quick."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
