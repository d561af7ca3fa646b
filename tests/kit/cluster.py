"""A Dask cluster on the loopback: a scheduler and its workers, each a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.kit.killing import wait_for
from tests.kit.running import CHECKOUT, clean_environment


@dataclass(frozen=True)
class Cluster:
    """The scheduler's address; the process ids of the scheduler and of its workers."""

    address: str
    scheduler: int
    workers: list[int]


@contextmanager
def dask(folder: Path, workers: int) -> Iterator[Cluster]:
    """A cluster, once all workers have come to it."""
    folder.mkdir()
    begun: list[subprocess.Popen[bytes]] = []

    def begin(name: str, *words: str) -> None:
        with (folder / f"{name}.log").open("wb") as log:
            begun.append(
                subprocess.Popen(
                    [sys.executable, "-m", *words],
                    cwd=CHECKOUT,
                    env=clean_environment(),
                    stdout=log,
                    stderr=log,
                )
            )

    try:
        place = folder / "scheduler.json"
        own = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(place))
        begin("scheduler", "distributed.cli.dask_scheduler", *own, "--port", "0")
        wait_for(place.exists)
        for number in range(workers):
            space = ("--local-directory", str(folder / f"w{number}"), "--nthreads", "1", "--no-nanny")
            begin(f"worker-{number}", "distributed.cli.dask_worker", *own, *space)
        found = re.search(r'"address": "(tcp://[^"]+)"', place.read_text(encoding="utf-8"))
        assert found
        log = folder / "scheduler.log"
        wait_for(lambda: log.read_text(encoding="utf-8").count("Register worker") >= workers)
        scheduler, *others = (process.pid for process in begun)
        yield Cluster(found[1], scheduler, others)
    finally:
        for process in reversed(begun):
            process.kill()
            process.wait()
