"""All parts of a task at once, on an engine: it is asked for nothing but a `concurrent.futures.Executor`.

Each part is read as on a machine of its own, by one reading process, into files; they are merged here as they come. An
engine that loses a worker costs the part that it was reading: the engine, or else the next round here, reads it again.
"""

from __future__ import annotations

import logging
import multiprocessing
import platform
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TypeVar

from crawler import __version__
from crawler.catalogue.model import Catalogue
from crawler.config import StoreOptions
from crawler.errors import ArgumentError
from crawler.interruption import held
from crawler.limits import Limits
from crawler.processing.merger import Merger
from crawler.processing.workers import LOOK_S, PROCESSES, Readers
from crawler.shards.merge import MergedParts, Merging
from crawler.shards.read import Part, Task
from crawler.shards.rules import rules_of_all
from crawler.shards.split import Shard
from storage.data_dir import DataDir
from storage.parts import Completion, PartBusy, clear, make_folder, merging, tasks_in

Result = TypeVar("Result")

logger = logging.getLogger(__name__)

LARGE_BYTES = 256 << 20
"""A part of a large task: each record before it in the same file is gone through first, which should stay cheap."""
SMALL_BYTES = 4 << 20
"""Fewer are not worth a part."""
FEW = 8
"""So many parts keep the workers of one machine busy to the end."""
ROUNDS = 3
"""So often a part is tried whose worker was lost."""


class EngineFailed(Exception):
    """A part could not be read, or its workers were lost again and again; the message is one line."""


def number_of_parts(total_bytes: int) -> int:
    """Into how many parts a task of so many bytes is split for an engine."""
    return max(total_bytes // LARGE_BYTES, min(total_bytes // SMALL_BYTES, FEW), 1)


@contextmanager
def executor_of(named: str) -> Iterator[Executor]:
    """The engine of a command line, while the block runs; `ArgumentError` where it is none, or does not answer."""
    kind, _, address = named.partition(":")
    if kind == "processes" and address.isdecimal() and 0 < int(address) < 1000:
        # What a worker that is ended leaves to the tracker of Python's, that tidies up, and need not tell.
        sys.warnoptions.append("ignore:resource_tracker:UserWarning")
        with ProcessPoolExecutor(int(address), mp_context=PROCESSES) as pool:
            try:
                yield pool
            except BaseException:
                for child in multiprocessing.active_children():
                    child.terminate()  # or the end would wait for all that are at work
                raise
    elif kind == "dask" and address:
        with _dask(address) as executor:
            yield executor
    else:
        raise ArgumentError(f"--executor {named}: not dask:tcp://HOST:PORT or processes:N")


@contextmanager
def _dask(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError as error:
        raise ArgumentError("--executor dask: needs Dask: pip install 'kabar[dask]'") from error
    logging.getLogger("distributed").setLevel(
        logging.CRITICAL
    )  # what it says with a traceback, we say in a line
    # One that found no scheduler waits for it once more when Python clears it away, and tells of that with a traceback.
    quiet = type("Client", (Client,), {"__del__": lambda client: None})
    try:
        client = quiet(address, timeout="5s", set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ArgumentError(f"--executor dask:{address}: no scheduler answers there") from error
    with client:
        yield client.get_executor(pure=False)


@dataclass(frozen=True, slots=True)
class Kit:
    """What a worker needs beside its part."""

    data_dir: DataDir
    catalogue: Catalogue
    limits: Limits
    options: StoreOptions


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a worker did not come to the end of its part: a value, because not every error can travel."""

    line: str
    is_busy: bool = False
    """Another process reads the part."""


def read_part(part: Part, kit: Kit) -> Completion | Trouble:
    """Read a part in a worker of an engine, with a reading process of its own. What it raises is the engine's."""
    try:
        merger = Merger(kit.data_dir, kit.catalogue, _readers(kit.limits), kit.options)
        if rules_of_all(merger) != part.rules:
            return Trouble(
                f"a worker has other code or libraries (Kabar {__version__}, Python {platform.python_version()}): "
                "install there what is installed here"
            )
        return part.read(merger)
    except Exception as error:  # the top of a worker: whoever asked says it
        return Trouble(str(error) or type(error).__name__, isinstance(error, PartBusy))


_OF_THREAD = threading.local()


def _readers(limits: Limits) -> Readers:
    """The reading process of this thread of an engine's worker: it stays from part to part."""
    known: dict[Limits, Readers] = _OF_THREAD.__dict__.setdefault("readers", {})
    if limits not in known:
        # An engine's workers are daemons mostly, which may have no children; theirs end with them, by `Finalize`
        # or, where they are killed, because their pipe is closed.
        getattr(multiprocessing.current_process(), "_config", {}).pop("daemon", None)
        known[limits] = Readers(1, limits)
        Finalize(None, known[limits].close, exitpriority=100)
    return known[limits]


def read_all(named: str, parts: Sequence[Part], kit: Kit, taken: Callable[[Completion], None]) -> None:
    """Read all parts on the engine, and hand over each that is complete, as they come.

    `EngineFailed`: a part could not be read, does not lie here, or its workers were lost in every round.
    """
    left = list(parts)
    for number in range(ROUNDS):
        lost: list[Part] = []
        with _again(named, number) as executor:
            futures: dict[Future[Completion | Trouble], Part] = {}
            try:
                with held():
                    futures.update({executor.submit(read_part, part, kit): part for part in left})
                for future in _as_completed(futures):
                    found = _result(future)
                    if isinstance(found, Completion):
                        _check_shared(found, futures[future].folder)
                        taken(found)
                    elif found is None or found.is_busy:
                        lost.append(futures[future])
                    else:
                        raise EngineFailed(f"{futures[future].name.words}: {found.line}")
            finally:
                for future in futures:
                    future.cancel()
        if not (left := lost):
            return
    raise EngineFailed(
        f"{len(left)} of {len(parts)} parts were lost with their workers {ROUNDS} times; the same command goes on"
    )


def _check_shared(part: Completion, folder: Path) -> None:
    """`EngineFailed` where a part that a worker has read does not lie here: its machine has another folder of that name."""
    if fault := part.fault_in(folder, deeply=False):
        raise EngineFailed(f"{fault}: name a folder by --to that the workers and this machine share")


def _as_completed(futures: Collection[Future[Result]]) -> Iterator[Future[Result]]:
    """The futures in the order in which they are done; an interruption waits for the end of a look."""
    waiting = set(futures)
    while waiting:
        with held():
            done, waiting = wait(waiting, timeout=LOOK_S, return_when=FIRST_COMPLETED)
        yield from done


@contextmanager
def _again(named: str, number: int) -> Iterator[Executor]:
    """The engine, which has answered before where `number` is not 0."""
    try:
        with executor_of(named) as executor:
            yield executor
    except ArgumentError as error:
        raise (EngineFailed(f"{error} any more; the same command goes on") if number else error) from error


def _result(future: Future[Completion | Trouble]) -> Completion | Trouble | None:
    """What a worker made of its part; null: it was lost."""
    try:
        return future.result()
    except (Exception, CancelledError) as error:  # whatever an engine raises for that
        logger.warning("a worker was lost: %s", str(error).partition("\n")[0] or type(error).__name__)
        return None


def spread(
    named: str, task: Task, kit: Kit, show: Callable[[Merging], AbstractContextManager[object]]
) -> MergedParts:
    """Read a task on an engine into the task's folder, merge what comes, and leave none of it in the folder."""
    of = number_of_parts(task.size)
    parts = task.parts([Shard(number, of) for number in range(1, of + 1)])
    make_folder(task.folder)
    with merging(task.folder), closing(Merging(task.merger, task.folder)) as found:
        with show(found):
            read_all(named, parts, kit, found.take_part)
            ours = [each for each in tasks_in(task.folder) if each.task == parts[0].name.task]
            found.take(ours)
        for part in parts:
            clear(task.folder, part.name)
    return found.found
