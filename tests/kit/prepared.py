"""Commands in processes that have the libraries in them already: half the time of a fresh interpreter.

A server of Python's own (`multiprocessing.forkserver`) imports what every command imports, and nothing that
depends on a run; each command is a fork of it, with an environment, a folder and outputs of its own. What
happens while Python starts (Ctrl-C then, `PYTHONPATH`, another folder's modules) needs a fresh interpreter.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from subprocess import TimeoutExpired

LIBRARIES = (
    *(
        "scrapy.__main__",
        "scrapy.crawler",
        "scrapy.core.engine",
        "scrapy.core.scheduler",
        "scrapy.core.scraper",
    ),
    *(
        "twisted.internet.asyncioreactor",
        "twisted.web.client",
        "twisted.names.client",
        "multiprocessing.spawn",
    ),
    *("duckdb", "trafilatura", "langdetect", "rensa", "fastwarc", "pebble", "rich.console", "rich.progress"),
    *("pipelines.read", "storage.merge", "storage.publish", "crawler.command", "crawler.spiders.source"),
)
"""None of them reads the environment or installs a reactor when it is imported."""

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload([__name__, *LIBRARIES])


def scrapy(arguments: Sequence[str]) -> None:
    """`python -m scrapy` in this process."""
    from scrapy import __main__ as main
    from scrapy import cmdline

    sys.argv = [str(main.__file__), *arguments]
    cmdline.execute()


def run(
    arguments: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str],
    timeout_s: float,
    work: Callable[[Sequence[str]], None] = scrapy,
) -> tuple[int, str, str]:
    """The exit code, stdout and stderr of the work with these arguments. Raises `TimeoutExpired`."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        outputs = [f"/proc/{os.getpid()}/fd/{file.fileno()}" for file in (out, err)]
        process = _SERVER.Process(target=_alone, args=(work, arguments, cwd, dict(environment), outputs))
        process.start()
        process.join(timeout_s)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutExpired(["scrapy", *arguments], timeout_s)
        for file in (out, err):
            file.seek(0)
        return process.exitcode, out.read().decode(), err.read().decode()


def _alone(
    work: Callable[[Sequence[str]], None],
    arguments: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str],
    outputs: list[str],
) -> None:
    """The work in this process, whose end is the command's."""
    for number, name in enumerate(outputs, 1):
        opened = os.open(name, os.O_WRONLY | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  (it is this process's own)
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(cwd)
    try:
        work(arguments)
    finally:
        atexit._run_exitfuncs()
