"""Who holds a lock file, and for how long: seen from outside, without touching the lock."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

_POLL_S = 0.001
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
