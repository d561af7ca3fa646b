"""The files of a DATA_DIR, and the locks that let several processes share it.

Decides names and locks, and whether a DATA_DIR was born live or by replay. `storage.archive`,
`storage.schema` and `crawler.ledger.ledger` decide what the files hold.
"""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from storage.disk import open_own

Birth = Literal["live", "replay"]


class DataDirError(Exception):
    """The DATA_DIR cannot be used as asked; the message is one line for the user."""


class DiskFull(Exception):
    """There is no room left for a file of the DATA_DIR. The message is one line that says what to do."""


class NoMemory(Exception):
    """The system gives this process no more memory. The message is one line that says what to do."""


def unwritable(root: Path, error: Exception) -> DiskFull | DataDirError | NoMemory | None:
    """The error of ours for one of the system, of DuckDB or of SQLite that stopped a write; else null.

    The three share no class and no number, but all repeat the system's own words.
    """
    message = str(error)
    if isinstance(error, MemoryError) or any(words in message for words in _NO_MEMORY):
        return NoMemory(
            f"there is not enough memory (ulimit -v, or other programs) for DATA_DIR {root}: make room, then run the "
            "command again; what was committed is intact, and pages that are archived already are merged then"
        )
    if isinstance(error, RuntimeError):
        return None
    if not root.exists() and any(words in message for words in _GONE):
        return DataDirError(f"DATA_DIR {root} is gone: it was moved or deleted while it was in use")
    # SQLite says no more than this when there is no room for its index of the log.
    without_room = (
        "disk I/O error" in message and root.exists() and shutil.disk_usage(root).free < _LITTLE_BYTES
    )
    if without_room or any(words in message for words in _NO_ROOM):
        return DiskFull(
            f"the disk of DATA_DIR {root} is full: make room, then run the command again; what was committed is "
            "intact, and pages that are archived already are merged then"
        )
    if _GONE[0] in message and str(root) in message:
        file = getattr(error, "filename", None) or message.partition("\n")[0]
        return DataDirError(f"a file of DATA_DIR {root} is gone, moved or deleted by something else: {file}")
    if word := next((words for words in _NO_RIGHT if words in message), None):
        return DataDirError(f"DATA_DIR {root} cannot be written: {word}")
    return None


_LITTLE_BYTES = 1 << 20
_NO_ROOM = ("No space left on device", "Disk quota exceeded", "database or disk is full")
_NO_MEMORY = (
    "Out of Memory Error",
    "bad allocation",
    "Cannot allocate memory",
    "out of memory",
    "can't start new thread",
)
_GONE = ("No such file or directory", "unable to open database file", "disk I/O error", "readonly database")
_NO_RIGHT = ("Read-only file system", "Permission denied", "readonly database")


class FileDamaged(Exception):
    """A database cannot be read any more. The message is one line that says what to do."""


def damaged(root: Path, error: Exception) -> FileDamaged | None:
    """The error of ours for one of DuckDB that says that a file of the DATA_DIR is damaged; else null."""
    if not any(words in str(error) for words in _DAMAGE):
        return None
    first = str(error).partition("\n")[0]
    return FileDamaged(f"a database of DATA_DIR {root} is damaged (run `scrapy doctor`): {first}")


_DAMAGE = ("not a valid DuckDB database file", "Corrupt database file", "Could not read enough bytes")


def database_errors(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """The errors of SQLite and DuckDB, and others. For `except`, which asks when something is wrong: else no DuckDB is loaded."""
    import sqlite3

    import duckdb

    return sqlite3.Error, duckdb.Error, *others


@contextmanager
def told_if_unwritable(root: Path) -> Iterator[None]:
    """Raise what keeps the block from writing as `unwritable` tells it."""
    try:
        yield
    except database_errors(OSError, MemoryError, RuntimeError) as error:
        if told := unwritable(root, error):
            raise told from error
        raise


class DatabaseBusy(Exception):
    """The store or the ledger stayed locked for the whole wait. `holder` is the holder's process id, or null."""

    def __init__(self, path: Path, waited_s: float, holder: int | None) -> None:
        self.holder = holder
        by = _process(holder) if holder else "another process"
        super().__init__(f"{path} was held by {by} for {waited_s:.0f} s")


def _process(number: int) -> str:
    """A process for the user, with its program's name where the system gives it."""
    try:
        return f"process {number} ({Path(f'/proc/{number}/comm').read_text(encoding='utf-8').strip()})"
    except (OSError, UnicodeError):
        return f"process {number}"


class AlreadyRunning(Exception):
    """Another process crawls this source. `holder` is its process id, or null."""

    def __init__(self, source: str, holder: int | None) -> None:
        self.holder = holder
        super().__init__(f"{source} is already being crawled by process {holder or 'unknown'}")


@dataclass(frozen=True, slots=True)
class DataDir:
    """The files of one DATA_DIR. Nothing is created before `create`."""

    root: Path

    @property
    def store(self) -> Path:
        return self.root / "store.duckdb"

    @property
    def store_lock(self) -> Path:
        return self.root / "store.lock"

    @property
    def published(self) -> Path:
        return self.root / "news.duckdb"

    @property
    def publication(self) -> Path:
        """What was published last: sizes, times, generation (JSON)."""
        return self.root / "published.json"

    @property
    def looks(self) -> Path:
        """The store and the copy as they were when the one had looks alone that the other had not (JSON)."""
        return self.root / "looks.json"

    @property
    def settled(self) -> Path:
        """The folders of segments that need not be looked into (JSON)."""
        return self.root / "settled.json"

    @property
    def init_file(self) -> Path:
        return self.root / "kabar.sql"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.sqlite"

    @property
    def status(self) -> Path:
        """The status page."""
        return self.root / "status.html"

    @property
    def metrics(self) -> Path:
        """Gauges for Prometheus' textfile collector."""
        return self.root / "metrics.prom"

    @property
    def unnoted(self) -> Path:
        """Incidents that could not be written into the store yet (JSON)."""
        return self.root / "unnoted.json"

    @property
    def untold(self) -> Path:
        """Notices that an address has not heard yet (JSON)."""
        return self.root / "untold.json"

    @property
    def forgetting(self) -> Path:
        """What an erasure under way still has to do (JSON); it goes with the erasure's end."""
        return self.root / "forgetting.json"

    @property
    def restoring(self) -> Path:
        """The folder of the backup that is being restored here; it goes with the end of that."""
        return self.root / "restoring"

    @property
    def segments(self) -> Path:
        return self.root / "segments"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    @property
    def scratch(self) -> Path:
        """Files that a merge reads once; nothing in the folder need be kept."""
        return self.root / "tmp"

    @property
    def parts(self) -> Path:
        """Parts that an engine has read and that are not merged yet."""
        return self.root / "parts"

    @property
    def spill(self) -> Path:
        """What does not fit into the memory of whoever has the store open."""
        return self.scratch / "spill"

    @property
    def digests(self) -> Path:
        """What each list's digests told, and how far they went (JSON)."""
        return self.root / "digests"

    @property
    def is_replayed(self) -> bool:
        """Whether it was born of a recording, whose instants are those of the recording."""
        try:
            return (self.root / "born").read_text(encoding="ascii").strip() == "replay"
        except (OSError, UnicodeError):
            return False

    def create(self) -> None:
        """Make the folders; `DataDirError` where they cannot be made or written."""
        try:
            for folder in (self.root, self.segments, self.locks, self.scratch):
                folder.mkdir(parents=True, exist_ok=True)
            probe = self.scratch / f"probe-{uuid.uuid4().hex}"
            probe.touch(exist_ok=False)
            probe.unlink(missing_ok=True)  # `scrapy doctor --mend` clears the folder
        except OSError as error:
            raise self._unusable(error) from error

    def restored_from(self) -> str | None:
        """The backup that is being restored here, or was until a kill; null: none is."""
        try:
            return self.restoring.read_text("utf-8").strip()
        except (OSError, UnicodeError):
            return None

    def check_restored(self) -> None:
        """`DataDirError` for a DATA_DIR that is restored in part."""
        if (folder := self.restored_from()) is not None:
            raise DataDirError(
                f"DATA_DIR {self.root} is restored in part: scrapy doctor --restore {folder} -s DATA_DIR={self.root} goes on with it"
            )

    def check(self, birth: Birth) -> None:
        """Refuse a run of the other kind than this DATA_DIR was born for, or of one restored in part, or in what is no folder; nothing is created."""
        if self.no_folder:
            raise self._in_the_way()
        self.check_restored()
        marker = self.root / "born"
        born = marker.read_text(encoding="ascii").strip() if marker.exists() else birth
        if born != birth:
            raise DataDirError(
                f"DATA_DIR {self.root} was born {_ADJECTIVES.get(born, 'otherwise')}; a {_ADJECTIVES[birth]} run "
                "needs one of its own (-s DATA_DIR=…)"
            )

    def claim(self, birth: Birth) -> None:
        """Settle that this DATA_DIR is live or replayed; the other kind of run is refused."""
        self.create()
        marker = self.root / "born"
        # Linked into place whole: of several first runs at once, none reads a half-written marker.
        mine = self.scratch / f"born-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        try:
            with mine.open("x", encoding="ascii") as file:
                file.write(birth + "\n")
            os.link(mine, marker)
        except FileExistsError:
            self.check(birth)
        except OSError as error:
            raise self._unusable(error) from error
        finally:
            mine.unlink(missing_ok=True)

    @property
    def no_folder(self) -> str | None:
        """That something else stands in the place of the folder, in words; null: nothing does."""
        if self.root.is_dir():
            return None
        if self.root.is_symlink():
            return f"is a link that leads to no folder ({self.root.readlink()})"
        return "is no folder" if self.root.exists() else None

    def _in_the_way(self) -> DataDirError:
        return DataDirError(f"DATA_DIR {self.root} cannot be written: it {self.no_folder}")

    def _unusable(self, error: OSError) -> DiskFull | DataDirError | NoMemory:
        if self.no_folder:
            return self._in_the_way()
        otherwise = DataDirError(f"DATA_DIR {self.root} cannot be written: {error.strerror}")
        return unwritable(self.root, error) or otherwise

    @contextmanager
    def source_lock(
        self, source: str, settling: bool = False, ended: Callable[[], bool] = lambda: False
    ) -> Iterator[None]:
        """Hold the one lock of a source; `AlreadyRunning` names the process that has it.

        `settling`: hold it only to merge what a kill left. A crawl is not refused but waits for the end of that,
        until it is `ended` itself; a settling process never waits.
        """
        self.create()
        path = self.locks / f"{source}.lock"
        note, patient_with = (_SETTLING, None) if settling else ("", _SETTLING)
        with _locked(path, _LOOK_S, note, patient_with, ended) as holder:
            if holder is not None:
                raise AlreadyRunning(source, holder or None)
            yield

    @contextmanager
    def exclusive_store(self, wait_s: float) -> Iterator[None]:
        """Hold the lock that covers open → merge → checkpoint → close → copy → replace."""
        self.create()
        with ExitStack() as waiting:
            waiting.enter_context(self._in_queue())
            with exclusive(self.store_lock, self.store, wait_s):
                waiting.close()
                yield

    @contextmanager
    def adding_pages(self, wait_s: float) -> Iterator[None]:
        """Keep erasures off while pages come in without the lock of their source; any number may at once.

        From the question what is erased to the rows of the pages nothing may be erased: the one would not know of the
        other. `DatabaseBusy` where an erasure takes longer than `wait_s`.
        """
        self.create()
        with ExitStack() as passing:
            passing.enter_context(exclusive(self._erasing, self.segments, wait_s))
            with exclusive(self._adding, self.segments, wait_s, shared=True):
                passing.close()
                yield

    @contextmanager
    def erasing(self, wait_s: float) -> Iterator[None]:
        """Hold off whoever is `adding_pages`, once those who are have come to an end; `DatabaseBusy` after `wait_s`."""
        self.create()
        with exclusive(self._erasing, self.segments, wait_s), exclusive(self._adding, self.segments, wait_s):
            yield

    @property
    def _erasing(self) -> Path:
        """Held by an erasure, and for a moment by whoever is about to add pages: so none is starved by them."""
        return self.locks / "archive.erasing"

    @property
    def _adding(self) -> Path:
        return self.locks / "archive.adding"

    def someone_waits(self) -> bool:
        """Whether a process waits for the store."""
        return lock_holder(self._queue, exclusively=True) is not None

    @property
    def _queue(self) -> Path:
        return self.locks / "store.queue"

    @contextmanager
    def _in_queue(self) -> Iterator[None]:
        """Be seen by `someone_waits`: any number of processes share the queue's lock."""
        fd = _lock_file(self._queue)
        try:
            fcntl.flock(fd, fcntl.LOCK_SH)
            yield
        finally:
            os.close(fd)


@contextmanager
def exclusive(lock: Path, file: Path, wait_s: float, shared: bool = False) -> Iterator[None]:
    """Hold the lock file that stands for a file of the DATA_DIR; `DatabaseBusy` after `wait_s`.

    `shared`: beside others that share it.
    """
    with _locked(lock, wait_s, shared=shared) as holder:
        if holder is not None:
            raise DatabaseBusy(file, wait_s, holder or None)
        yield


_LOOK_S = 0.2
"""Longer than a process holds a lock that only looks at it."""
_SETTLING = "settling"
_ADJECTIVES = {"live": "live", "replay": "replayed"}


def lock_holder(path: Path, exclusively: bool = False) -> int | None:
    """The process id that holds a lock file of ours, or a segment (0: unknown); null when nobody does.

    Looks by taking a shared lock and releasing it at once, so two processes that look do not see each other;
    `exclusively` sees processes that share the lock, too.
    """
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(fd, (fcntl.LOCK_EX if exclusively else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(fd)
    finally:
        os.close(fd)
    return None


@contextmanager
def _locked(
    path: Path,
    wait_s: float,
    note: str = "",
    patient_with: str | None = None,
    ended: Callable[[], bool] = lambda: False,
    shared: bool = False,
) -> Iterator[int | None]:
    """Lock `path` and yield null; or yield the holder's process id (0: unknown) after `wait_s`.

    `note` is left for others to see; a holder whose note is `patient_with` is waited for however long, but for `ended`.
    flock rather than a pid file: the kernel drops it with the process, however that ends.
    """
    deadline = time.monotonic() + wait_s
    fd = _lock_file(path)
    try:
        while True:
            try:
                fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except BlockingIOError:
                is_patient = patient_with is not None and _note(fd) == patient_with and not ended()
                if time.monotonic() >= deadline and not is_patient:
                    yield _holder(fd)
                    return
                time.sleep(random.uniform(0.01, 0.05))
            else:
                break
        with suppress(OSError):  # a full disk: a lock that does not say whose it is, is still a lock
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()} {note}\n".encode(), 0)
        yield None
    finally:
        os.close(fd)


def _lock_file(path: Path) -> int:
    try:
        return open_own(path)
    except OSError as error:
        told = DataDirError(f"{path} cannot be opened: {error.strerror}")
        raise unwritable(path.parent, error) or told from error


def _holder(fd: int) -> int:
    written = os.pread(fd, 32, 0).partition(b" ")[0].strip()
    return int(written) if written.isdigit() else 0


def _note(fd: int) -> str:
    return os.pread(fd, 32, 0).partition(b" ")[2].strip().decode("ascii", "replace")
