"""Crawls that are asked to end at random moments, by a signal: whether each ends, how, and what it leaves."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.kit.killing import Site, Victim, wait_for

PATIENCE_S = 60.0
"""A command that has not ended so long after its signal hangs: what it is at takes a second or two."""
LATEST_S = 3.0
"""A crawl takes about so long: the moment of the signal is drawn from it."""
EARLY = 0.2
"""The share of signals whose moment counts from the start of the command, not from that of the crawl in it."""
ENDS = {0, 128 + signal.SIGINT, 128 + signal.SIGTERM}
"""The exit codes that a signal may lead to."""
TOO_EARLY = {-signal.SIGINT, -signal.SIGTERM}
"""The same where it comes before the command has begun to listen."""


@dataclass(frozen=True)
class Stopped:
    """One crawl and its signal. `code`: null where it hung."""

    number: signal.Signals
    after_s: float
    whole_group: bool
    is_mending: bool
    """Whether an earlier crawl was killed, whose pages it has to read first."""
    code: int | None
    log: str

    @property
    def is_good(self) -> bool:
        is_clean = "Traceback" not in self.log and "nanobind" not in self.log
        return self.code in TOO_EARLY or (self.code in ENDS and is_clean)


def stops(site: Site, seed: int, count: int) -> Iterator[Stopped]:
    """So many crawls, each sent a signal at a random moment, alone or with its whole group; some after a kill."""
    draw = random.Random(seed)
    for n in range(count):
        if n % 2 == 0:
            shutil.rmtree(site.data_dir, ignore_errors=True)
            _killed(site, draw.randint(8, 20))
        number = draw.choice((signal.SIGTERM, signal.SIGTERM, signal.SIGINT))
        begun = "" if draw.random() < EARLY else "Spider opened"
        yield _stopped(site, number, draw.uniform(0, LATEST_S), draw.random() < 0.5, n % 2 == 0, begun)


def _killed(site: Site, requests: int) -> None:
    """A crawl that is killed in the middle: it leaves an open segment."""
    victim = Victim(site.crawl(), site.folder / "log")
    site.server.at_request(len(site.server.asked) + requests, victim.kill)
    victim.done()


def _stopped(
    site: Site, number: signal.Signals, after_s: float, whole_group: bool, is_mending: bool, begun: str
) -> Stopped:
    victim = Victim(site.crawl(), site.folder / "log")
    wait_for(lambda: begun in (site.folder / "log").read_text("utf-8") or victim.process.poll() is not None)
    time.sleep(after_s)
    if victim.process.poll() is None:
        (os.killpg if whole_group else os.kill)(victim.process.pid, number)
    try:
        code: int | None = victim.process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        code = None
        victim.kill()
    log = (site.folder / "log").read_text(encoding="utf-8", errors="replace")
    if left := _orphans(victim):
        log += f"\nTraceback: {left} live on without their parent"
    return Stopped(number, after_s, whole_group, is_mending, code, log)


def _orphans(victim: Victim) -> list[int]:
    deadline = time.monotonic() + PATIENCE_S
    while (left := victim.orphans()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left
