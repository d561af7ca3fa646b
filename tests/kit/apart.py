"""Work done in a process of its own, which the kernel ends when it has used up its time.

So what hangs is told from what is slow without a clock. The process is a fork of `tests.kit.prepared`'s server: one of the tests' own
process, in which DuckDB has threads, crashes now and then whatever it does.
"""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import TypeVar

from pipelines.article import Article, Page, Rejected
from pipelines.facts.nearly_json import objects
from pipelines.page.tree import decode
from pipelines.read import read
from pipelines.rules import Rules
from tests.kit.prepared import SERVER

CPU_S = 20
"""Of a machine that is busy with other tests; what is measured so takes a fifth of it."""

T = TypeVar("T")


def apart(work: Callable[..., T], *arguments: object, cpu_s: int = CPU_S) -> tuple[T | None, float]:
    """What the work gives, null where it did not end in its time; and the megabytes that it took."""
    here, there = Pipe(duplex=False)
    process = SERVER.Process(target=_limited, args=(there, cpu_s, work, arguments))
    process.start()
    there.close()
    try:
        told: tuple[T | None, float] = here.recv()
    except EOFError:
        told = (None, 0.0)
        process.join()
        ended = (-signal.SIGKILL, -signal.SIGXCPU)
        assert process.exitcode in ended, f"it ended with {process.exitcode}, and not for its time"
    process.join()
    return told


def _limited(there: Connection, cpu_s: int, work: Callable[..., T], arguments: tuple[object, ...]) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    given = work(*arguments)
    there.send((given, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024))


# --- work, by names that the process finds without a module of tests ------------------------------------------


def results_of(page: Page, rules: Rules) -> list[Article | Rejected]:
    """What a page holds."""
    return list(read(page, rules))


def is_undecodable(body: bytes, content_type: str | None) -> bool:
    """Whether no character set makes text of the bytes."""
    return decode(body, content_type) is None


def number_of_objects(block: str) -> int:
    """How many objects stand in a block that may be JSON."""
    return len(list(objects(block)))
