"""The worker processes that read pages, so that neither a slow nor a crashing parser touches a crawl.

Processes and never threads: two trafilatura threads crash the interpreter. A page that a worker dies
of, reads for too long or needs too much memory for is `Rejected("parser_error")`, a discovery document
`Unusable`; a worker that was lost is replaced, and the pool goes on.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import logging
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing import resource_tracker
from multiprocessing.context import BaseContext, SpawnContext
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Generic, TypeVar, cast

from pebble import CONSTS, ProcessExpired, ProcessPool

from crawler.catalogue.model import Entry, Source
from crawler.discovery import entry as entries
from crawler.discovery import markup
from crawler.discovery.found import Found, Unusable
from crawler.discovery.window import Window
from crawler.interruption import held
from crawler.limits import ORDINARY, Bounds, Limits
from pipelines.article import Article, Page, Rejected
from pipelines.page.parts import Further
from pipelines.rules import Rules
from storage.archive.writer import Group, group_of

WHOLE = Further(None, ())
SMALL_BYTES = 64 << 10
"""What is not archived as an article is read where it arrives up to this size: the worst that was made up took a second.

A larger one goes to a worker, and waits there behind the pages of all sources.
"""
OUT_OF_MEMORY = 12
"""A worker's exit code where a page needed more memory than it may."""
MARGIN_BYTES = 64 << 20
"""So close to its bound a reading is not believed: a parser may have caught the error and gone on without."""
PAGES_PER_WORKER = 2_000
"""A worker is replaced after so many pages: what its C libraries leak goes with it."""
LOOK_S = 0.5
"""How often a wait for a worker looks whether the pool still works: a broken one leaves some of its tasks unanswered."""
PIPE_BYTES = 1 << 20
"""Room for some pages between a crawl and its workers: a pipe of 64 KB has the crawl wait until a worker takes the rest."""


class _Processes(SpawnContext):
    """Workers begin in a fresh interpreter: a fork of a crawl would have its locks and its open files."""

    def Pipe(self, duplex: bool = True) -> tuple[Any, Any]:  # noqa: N802  (its name there)
        ends = super().Pipe(duplex)
        with suppress(OSError):  # more than the system allows this user
            fcntl.fcntl(ends[1].fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        return ends


PROCESSES: BaseContext = _Processes()
Reading = list[Article | Rejected]
Result = TypeVar("Result")

CONSTS.term_timeout = 0  # workers hear no SIGTERM (see `_started`): ending one waits for nothing


class ReadersClosed(Exception):
    """The pool was closed before a page was read; of the page nothing is known."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a worker found in a page, and made of it."""

    results: Reading
    group: Group | None = None
    """What the archive holds of the page. Null: nobody asked for it, or the worker was lost."""
    bands: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Fingerprint of an article's text → what finds its copies, by `pipelines.dedupe.signature_bands`; none that nobody asked for."""
    further: Further = WHOLE


@dataclass(frozen=True, slots=True)
class Task(Generic[Result]):
    """What a worker was asked to do."""

    work: Callable[..., Result]
    arguments: tuple[object, ...]
    future: Future[Result]
    pool: ProcessPool

    @property
    def is_over(self) -> bool:
        """Whether it is done. `BrokenProcessPool`: it never will be, for its pool is no more."""
        if not self.pool.active and not self.future.done():
            raise BrokenProcessPool("the pool ended before its task")
        return self.future.done()


class Readers:
    """A pool of reading processes, started with the first page.

    Crawls of one process share a pool: each holds it while it runs, and the last to let go ends it.
    """

    _shared: ClassVar[Readers | None] = None

    def __init__(self, workers: int, limits: Limits = ORDINARY) -> None:
        self._workers = workers
        self._limits = limits
        self._pool: ProcessPool | None = None
        self._holders = 1
        self._is_closed = False
        self._changing = threading.RLock()
        """Held while the pool is made or ended: a crawl asks from its own thread, a merge from another."""

    @classmethod
    def shared(cls, workers: int, limits: Limits = ORDINARY) -> Readers:
        """This process's pool, made with the first crawl; `close` gives it back."""
        if cls._shared is None:
            cls._shared = cls(workers, limits)
        else:
            cls._shared._holders += 1
        return cls._shared

    async def read(self, page: Page, rules: Rules) -> Reading:
        """What the page holds. Never raises for what a page contains."""
        try:
            return await self._done(_read, page, rules)
        except (ProcessExpired, TimeoutError) as error:
            return [self._failed(page, error)]

    async def read_to_merge(self, page: Page, rules: Rules) -> Read:
        """The same of a page that is archived already, with the bands of its articles."""
        try:
            return await self._done(_measured, page, rules)
        except (ProcessExpired, TimeoutError) as error:
            return Read([self._failed(page, error)])

    async def follow(self, page: Page, rules: Rules) -> Read:
        """What the page holds, and where the rest of its article is: nowhere where the page is whole, or unreadable.

        A whole page comes with what the archive holds of it, and with the bands of its article.
        """
        try:
            return await self._done(_follow, page, rules)
        except (ProcessExpired, TimeoutError) as error:
            return Read([self._failed(page, error)])

    async def document(
        self, page: Page, source: Source, entry: Entry, window: Window, bounds: Bounds
    ) -> Found | Unusable:
        """What a discovery document yields, as `discovery.entry.read` says; a large one is read in a worker."""
        if _is_small(page):
            return entries.read(page, source, entry, window, bounds)
        try:
            return await self._done(entries.read, page, source, entry, window, bounds)
        except (ProcessExpired, TimeoutError) as error:
            return Unusable(self._why(error))

    def listed(
        self, page: Page, source: Source, entry: Entry, window: Window, bounds: Bounds
    ) -> Found | Unusable:
        """What `document` answers, for a caller that waits."""
        if _is_small(page):
            return entries.read(page, source, entry, window, bounds)
        try:
            return self._result(self._schedule(entries.read, page, source, entry, window, bounds))
        except (ProcessExpired, TimeoutError) as error:
            return Unusable(self._why(error))

    async def look(self, work: Callable[..., Result], page: Page, *arguments: object) -> Result | None:
        """What `work` sees in a page; in a large one within the limits. Null: nothing, or a worker was lost over it."""
        if _is_small(page):
            return work(page, *arguments)
        try:
            return await self._done(work, page, *arguments)
        except (ProcessExpired, TimeoutError):
            return None

    def submit(self, page: Page, rules: Rules, archives: bool = False) -> Task[Read]:
        """Start reading; `result` waits for it. For many pages at once. `archives`: their groups and bands are wanted, too."""
        return self._schedule(_packed if archives else _unpacked, page, rules)

    def result(self, page: Page, task: Task[Read]) -> Read:
        """What `submit` began, once it is done. `ReadersClosed`: it will not be."""
        try:
            return self._result(task)
        except (ProcessExpired, TimeoutError) as error:
            return Read([self._failed(page, error)])

    async def further_parts(self, page: Page, rules: Rules, url: str | None = None, at: int = 1) -> Further:
        """Where the rest of an article is; nowhere where the page is whole, or unreadable.

        `url` is the article's where the page is its part `at`; null: the page's own.
        """
        try:
            return await self._done(_further, page, rules.whole, url or page.url, at)
        except (ProcessExpired, TimeoutError):
            return WHOLE

    def further(self, page: Page, rules: Rules, url: str | None = None, at: int = 1) -> Further:
        """What `further_parts` answers, for a caller that waits."""
        try:
            return self._result(self._schedule(_further, page, rules.whole, url or page.url, at))
        except (ProcessExpired, TimeoutError):
            return WHOLE

    def close(self) -> None:
        """Let go of the pool; the last holder ends the workers, and what they are reading is lost.

        Whoever waits for it meanwhile, in whatever thread, gets `ReadersClosed`; so does who asks later.
        """
        with self._changing:
            self._holders -= 1
            if self._holders > 0:
                return
            self._is_closed = True
            if Readers._shared is self:
                Readers._shared = None
        self._end()

    def _end(self) -> None:
        """End the workers, where there are any; the next page starts others, unless the pool is closed."""
        with held():
            with self._changing:
                pool, self._pool = self._pool, None
            if pool is not None:
                pool.stop()
                pool.join()

    async def _done(self, work: Callable[..., Result], *arguments: object) -> Result:
        """What a worker makes of it; asked once more where `_may_try_again`."""
        task = self._schedule(work, *arguments)
        try:
            return await self._awaited(task)
        except (BrokenProcessPool, ProcessExpired) as error:
            if not self._may_try_again(error):
                raise
        return await self._awaited(self._schedule(work, *arguments))

    def _result(self, task: Task[Result]) -> Result:
        """The same for a caller that waits."""
        try:
            return self._waited(task)
        except (BrokenProcessPool, ProcessExpired) as error:
            if not self._may_try_again(error):
                raise
        return self._waited(self._schedule(task.work, *task.arguments))

    def _may_try_again(self, error: BrokenProcessPool | ProcessExpired) -> bool:
        """Whether a worker crashed, or the pool broke, as when an idle worker is killed; not where a worker ended itself.

        A worker that crashes over a page may take the one before it along, whose result was still on its way.
        `ReadersClosed` where the pool was closed meanwhile.
        """
        if self._is_closed:
            raise ReadersClosed from error
        return isinstance(error, BrokenProcessPool) or error.exitcode < 0

    async def _awaited(self, task: Task[Result]) -> Result:
        waiting = asyncio.wrap_future(task.future)
        try:
            while not task.is_over:
                await asyncio.wait([waiting], timeout=LOOK_S)
            return await waiting
        finally:
            waiting.cancel()

    def _waited(self, task: Task[Result]) -> Result:
        while True:
            with held():
                wait([task.future], timeout=LOOK_S)
                if task.is_over:
                    return task.future.result()

    def _schedule(self, work: Callable[..., Result], *arguments: object) -> Task[Result]:
        """Have a worker do it, within the limits."""
        with held(), self._changing:
            pool = self._started()
            asked: tuple[Any, ...] = (work, *arguments)
            future = pool.schedule(_within, args=asked, timeout=self._limits.timeout_s)
        return Task(work, arguments, cast("Future[Result]", future), pool)

    def _failed(self, page: Page, error: Exception) -> Rejected:
        return Rejected(page.url, page.source, page.fetched_at, "parser_error", self._why(error))

    def _why(self, error: Exception) -> str:
        """Why a worker did not come to an end, in words that can be counted."""
        if not isinstance(error, ProcessExpired):
            return f"took longer than {self._limits.timeout_s:g} s"
        if error.exitcode == OUT_OF_MEMORY:
            return f"needed more than {self._limits.memory_mb} MB"
        if error.exitcode < 0:
            return f"the parser crashed ({signal.Signals(-error.exitcode).name})"
        return f"the parser ended its process ({error.exitcode})"

    def _started(self) -> ProcessPool:
        if self._is_closed:
            raise ReadersClosed
        if self._pool is not None and not self._pool.active:
            self._end()
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=PAGES_PER_WORKER,
                initializer=_initialise,
                initargs=[self._limits.memory_mb],
                context=PROCESSES,
            )
            # Ctrl-C and `timeout`, which signals the whole process group, are for the command, which ends its workers
            # itself once their pages are read. They inherit the mask, those that are started later too: it holds
            # while they still import. A worker that went while it takes a task would take the pool's lock with it.
            resource_tracker.ensure_running()  # its start would take the mask off
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
            try:
                with _without_main():
                    assert self._pool.active, "asking starts the pool"
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        return self._pool


@contextmanager
def _without_main() -> Iterator[None]:
    """Processes that begin meanwhile do not import the program's main module, and all of Scrapy with it."""
    with _MAIN:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


_MAIN = threading.Lock()
"""Of two threads that take the module away at once, the second would give back the first one's stand-in."""


def _initialise(memory_mb: int) -> None:
    """Bound this worker: an allocation beyond what the program itself takes, and `memory_mb`, fails."""
    import pipelines.read  # noqa: F401  (its weight is the program's, not a page's)

    gc.freeze()  # what is loaded stays: no garbage is looked for in it
    logging.disable(logging.CRITICAL)
    most = _address_space("VmSize") + (memory_mb << 20)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(
        resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
    )


def _within(work: Callable[..., Result], *arguments: object) -> Result:
    """Do it in this worker; where memory runs out, end the worker: what it would say cannot be relied on."""
    with suppress(MemoryError):
        result = work(*arguments)
        if _address_space("VmPeak") <= resource.getrlimit(resource.RLIMIT_AS)[0] - MARGIN_BYTES:
            return result
    os._exit(OUT_OF_MEMORY)


def _address_space(name: str) -> int:
    """This process's address space in bytes: `VmSize` now, `VmPeak` at its largest."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    (line,) = (line for line in status.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) << 10


def _is_small(page: Page) -> bool:
    """Whether the page may be read where it arrives."""
    return len(page.body) <= SMALL_BYTES and not markup.is_packed(page.body)


def _read(page: Page, rules: Rules) -> Reading:
    from pipelines.read import read  # imported here: the parsers' weight belongs to the workers

    return list(read(page, rules))


def _unpacked(page: Page, rules: Rules) -> Read:
    return Read(_read(page, rules))


def _packed(page: Page, rules: Rules) -> Read:
    return replace(_measured(page, rules), group=group_of(page))


def _measured(page: Page, rules: Rules) -> Read:
    results = _read(page, rules)
    return Read(results, bands=_bands_of(results))


def _bands_of(results: Reading) -> dict[str, tuple[int, ...]]:
    from pipelines.dedupe import signature_bands

    return {each.fingerprint: signature_bands(each.text) for each in results if isinstance(each, Article)}


def _follow(page: Page, rules: Rules) -> Read:
    from pipelines.read import follow

    results: Reading = []
    further = WHOLE
    for found in follow(page, rules):
        if isinstance(found, Further):
            further = found
        else:
            results.append(found)
    return (
        Read(results, group_of(page), _bands_of(results)) if further == WHOLE else Read([], further=further)
    )


def _further(page: Page, suffix: str | None, url: str | None, at: int) -> Further:
    from pipelines.page.index import Index
    from pipelines.page.parts import further
    from pipelines.page.tree import decode, is_endless, parse
    from pipelines.refuse import unreadable

    if unreadable(page):
        return WHOLE
    try:
        text = decode(page.body, page.header("Content-Type"))
        tree = parse(text) if text else None
        return (
            further(Index.of(tree), url, suffix, at) if tree is not None and not is_endless(tree) else WHOLE
        )
    except MemoryError:
        raise
    except Exception:  # what a page does to a parser: its reading says so
        return WHOLE
