"""Commands in processes that have the libraries in them already: half the time of a fresh interpreter.

A server of Python's own (`multiprocessing.forkserver`) imports what every command imports, and nothing that
depends on a run; each command is a fork of it, with an environment, a folder and outputs of its own. So are the
processes in which the command reads pages. What happens while Python starts (Ctrl-C then, `PYTHONPATH`, another
folder's modules) needs a fresh interpreter, and so does what is to be seen of workers as they really begin.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from typing import Any
from unittest.mock import patch

from crawler.processing import workers
from storage import store
from storage.data_dir import DataDir
from storage.store import open_store

SERVER = multiprocessing.get_context("forkserver")
_ASKING = threading.Lock()
"""Held while a process begins or its exit code is taken: each beginning asks for those of all others, and whoever asks second gets 255."""
SERVER.set_forkserver_preload([__name__, "tests.kit.warm"])


def scrapy(arguments: Sequence[str]) -> None:
    """`python -m scrapy` in this process."""
    from scrapy import __main__ as main
    from scrapy import cmdline

    sys.argv = [str(main.__file__), *arguments]
    cmdline.execute()


def kabar(arguments: Sequence[str]) -> None:
    """`python -m crawler` in this process."""
    from crawler import __main__ as main

    sys.argv = [str(main.__file__), *arguments]
    main.main()


def demo(arguments: Sequence[str]) -> None:
    """`python -m crawler.demo` in this process; its crawls are commands of this module, too."""
    from crawler import demo as module

    def crawl(given: Sequence[str], cwd: Path, env: Mapping[str, str], **_: object) -> CompletedProcess[str]:
        assert tuple(given[:3]) == (sys.executable, "-m", "scrapy")
        return CompletedProcess(given, *run(given[3:], cwd, env, 180))

    with patch("subprocess.run", crawl):
        sys.exit(module.main())


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
        surroundings = (cwd, dict(environment), outputs, empty().store)
        process = SERVER.Process(target=_alone, args=(work, arguments, *surroundings))
        with _ASKING:
            process.start()
        has_ended = bool(wait([process.sentinel], timeout_s))
        with _ASKING:
            if not has_ended:
                process.kill()
            process.join()
        if not has_ended:
            raise TimeoutExpired(["scrapy", *arguments], timeout_s)
        for file in (out, err):
            file.seek(0)
        assert process.exitcode is not None
        return process.exitcode, out.read().decode(), err.read().decode()


_MAKE = store._make


def new_store(path: Path) -> None:
    """Puts a store without rows there, in the place of `storage.store._make`: a copy."""
    shutil.copyfile(empty().store, path)


@cache
def empty() -> DataDir:
    """A DATA_DIR whose store has no rows, published; made once, for that takes longer than most of what is tested. Nobody writes there."""
    folder = tempfile.mkdtemp(prefix="kabar-empty-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = DataDir(Path(folder) / "data")
    with patch.object(store, "_make", _MAKE), open_store(made, wait_s=5):
        return made


def _alone(
    work: Callable[[Sequence[str]], None],
    arguments: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str],
    outputs: list[str],
    empty_store: Path,
) -> None:
    """The work in this process, whose end is the command's; a new store is a copy of the one without rows."""
    _settle(cwd, environment, outputs)
    store._make = partial(shutil.copyfile, empty_store)
    # Python 3.11 would begin another server for what a fork of the first asks for.
    forkserver._forkserver.ensure_running = resource_tracker.ensure_running  # type: ignore[method-assign]
    workers.PROCESSES = _Readers()
    try:
        work(arguments)
    finally:
        atexit._run_exitfuncs()


def _settle(cwd: str | Path, environment: Mapping[str, str], outputs: Iterable[str]) -> None:
    """Give this process what it would have from whoever had started it: outputs, environment, folder."""
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


class _Reader(ForkServerProcess):
    """A process in which a command reads pages: a fork of the command's own server, with the command's surroundings."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        outputs = [f"/proc/{os.getpid()}/fd/{number}" for number in (1, 2)]
        self._surroundings = (Path.cwd(), dict(os.environ), outputs)

    def run(self) -> None:
        _settle(*self._surroundings)
        super().run()


class _Readers(ForkServerContext):
    """Where `crawler.processing.workers` begins its processes in a command of this module."""

    Process = _Reader
