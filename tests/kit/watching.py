"""Who holds a lock file, and for how long; how much memory a command takes: seen from outside."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.kit.killing import members

_POLL_S = 0.001
_LOOK_S = 0.1
LOCKS = Path("/proc/locks")
"""Linux's own list of all locks."""


@dataclass
class LockWatch:
    """Watches one lock file between `with` and its end. Times are exact to about a millisecond."""

    path: Path
    held_s: list[float] = field(default_factory=list)
    """How long each holder had it, in turn."""
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def longest_s(self) -> float:
        """The longest time without a break; 0 where nobody had it."""
        return max(self.held_s, default=0.0)

    def _watch(self) -> None:
        holder, since = 0, 0.0
        while not self._stop.is_set():
            found, now = next(iter(holders(self.path)), 0), time.monotonic()
            if found != holder:
                if holder:
                    self.held_s.append(now - since)
                holder, since = found, now
            time.sleep(_POLL_S)
        if holder:
            self.held_s.append(time.monotonic() - since)


def holders(path: Path) -> list[int]:
    """The process ids that hold the lock file, shared or alone."""
    try:
        inode = path.stat().st_ino
    except FileNotFoundError:
        return []
    found = []
    for line in LOCKS.read_text().splitlines():
        _, kind, *rest = line.split()
        # "12: -> FLOCK …" waits; ours poll and never wait in the kernel.
        if kind == "FLOCK" and rest[3].rsplit(":", 1)[1] == str(inode):
            found.append(int(rest[2]))
    return found


def most_memory(process: subprocess.Popen[bytes], within_s: float) -> int:
    """Wait for a process that leads a session; the most bytes that all of its session had at once.

    `subprocess.TimeoutExpired` after so many seconds. Peaks of single processes are the kernel's own, so
    none is missed between two looks; they are added as though they had come together.
    """
    deadline, most = time.monotonic() + within_s, 0
    while process.poll() is None:
        if time.monotonic() > deadline:
            raise subprocess.TimeoutExpired(process.args, within_s)
        most = max(most, sum(map(_peak, members(process.pid))))
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_S)
    return most


def _peak(pid: int) -> int:
    """The most bytes that a process has had in memory; 0 where it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) << 10 if found else 0
