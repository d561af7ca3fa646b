"""Work done in a process of its own, which the kernel ends when it has used up its time.

So what hangs is told from what is slow without a clock.
"""

from __future__ import annotations

import os
import pickle
import resource
from collections.abc import Callable
from typing import TypeVar, cast

CPU_S = 20
"""Of a machine that is busy with other tests; what is measured so takes a fifth of it."""

T = TypeVar("T")


def apart(work: Callable[[], T], cpu_s: int = CPU_S) -> tuple[T | None, float]:
    """What the work gives, null where it did not end in its time; and the megabytes that it took."""
    here, there = os.pipe()
    if not (child := os.fork()):
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            given = work()
            used_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            with os.fdopen(there, "wb") as pipe:
                pipe.write(pickle.dumps((given, used_mb)))
        finally:
            os._exit(0)
    os.close(there)
    with os.fdopen(here, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return cast("tuple[T | None, float]", pickle.loads(told)) if told else (None, 0.0)
