"""The ledger's file: made whole, brought up to date, and waited for where another process holds it.

SQLite's own waiting covers neither the switch to WAL nor a file that is only half made, and nothing
interrupts it. Here one process makes or migrates the file, under a lock file beside it, and everybody
else waits, for as long as LOCK_WAIT_S says. What stands in the tables is decided by the ledger's parts.
"""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pipelines.address import address_key
from storage.data_dir import DatabaseBusy, DataDirError, exclusive, unwritable
from storage.disk import put_in_place

Result = TypeVar("Result")

WAIT_S = 60.0
"""How long a held ledger is waited for where the settings do not say."""
VERSION = 6
"""SQLite's `user_version` of a ledger of today's tables; older ones have 0."""
_STEP_S = 0.2
"""SQLite waits so long by itself, deaf to Ctrl-C."""
_SCHEMA = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
_WRITER_BYTE = 120
"""Of the `-shm` file: whoever writes has it locked."""

_NAMED_ANEW = "ALTER TABLE untold RENAME TO unreported;"
_ALL_UNREPORTED = """
INSERT OR IGNORE INTO unreported (source, key, day)
SELECT source, key, substr(coalesce(published_at, discovered_at), 1, 10) FROM links;
"""
_CLOSED_BEFORE = "ALTER TABLE closed_entries RENAME TO closed_before;"
_CLOSED_AGAIN = """
INSERT INTO closed_entries (source, url, what, reason, until)
SELECT source, iif(url LIKE '%#look', substr(url, 1, length(url) - 5), url),
    iif(url LIKE '%#look', 'look', 'entry'), reason, until FROM closed_before;
DROP TABLE closed_before;
"""
_THEME = "ALTER TABLE first_contacts ADD COLUMN theme TEXT;"
_FAULT = "ALTER TABLE runs ADD COLUMN fault TEXT;"
_MISSING = "ALTER TABLE links ADD COLUMN missing_since TEXT; ALTER TABLE links ADD COLUMN missed_at TEXT;"
# Validators of documents without links were kept, too: an index that was "not modified" hid what its sitemaps brought.
_ASK_ANEW = "DELETE FROM documents;"
# Articles that one look missed were never looked at again: now they are.
_LOOK_AGAIN = """
UPDATE links SET state = 'gone', attempts = 1, missing_since = coalesce(fetched_at, discovered_at),
    missed_at = coalesce(fetched_at, discovered_at), next_visit = strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')
WHERE document IS NOT NULL AND (state = 'gone' OR (state = 'rejected' AND reason IN ('soft_404', 'listing_page')));
"""


class LedgerDamaged(Exception):
    """The ledger's file is no ledger any more; the message says what to do."""


class Connection:
    """An open ledger file, for the threads of one process. Every write is one short transaction."""

    def __init__(self, path: Path, wait_s: float = WAIT_S) -> None:
        """Raises `DatabaseBusy` after `wait_s`, `LedgerDamaged`, or what `unwritable` makes of an error."""
        self.path = path
        self._wait_s = wait_s
        self._is_given_up = False
        """It was waited for in vain: no later write waits so long again, or a run's end would take hours."""
        self._writing = threading.Lock()
        try:
            self._db = _opened(path, wait_s)
        except (sqlite3.DatabaseError, UnicodeError, OSError) as error:
            damaged = LedgerDamaged(f"{path} cannot be opened: {error} (run `scrapy doctor`)")
            raise unwritable(path.parent, error) or damaged from error

    def close(self) -> None:
        """Close the file; what was committed stays."""
        self._db.close()

    def execute(self, sql: str, values: Any = ()) -> sqlite3.Cursor:
        """Run one statement."""
        return self._db.execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Any]) -> None:
        """Run one statement for each row."""
        self._db.executemany(sql, rows)

    def hurry(self) -> None:
        """Commit without waiting for the disk: for a ledger that is being made, and nobody relies on yet."""
        self._db.execute("PRAGMA synchronous = OFF")

    def erase(self, keys: Collection[str]) -> None:
        """Erase the rows of these address keys, then write the file anew, so that no free page has them, nor its log."""
        marks = ", ".join("?" * len(keys))
        self._db.execute("PRAGMA secure_delete = ON")
        with self.transaction():
            for table in ("links", "wanted", "changes", "unreported", "awaited"):
                self._db.execute(f"DELETE FROM {table} WHERE key IN ({marks})", [*keys])
            self._db.execute(f"UPDATE unreported SET led_to = NULL WHERE led_to IN ({marks})", [*keys])
            for table in ("documents", "guesses", "closed_entries", "pauses"):
                urls = {url for (url,) in self._db.execute(f"SELECT url FROM {table}")}
                theirs = [(url,) for url in urls if address_key(url) in keys]
                self._db.executemany(f"DELETE FROM {table} WHERE url = ?", theirs)
        _patiently(self.path, self._wait_s, lambda: self._db.execute("VACUUM"))
        _patiently(self.path, self._wait_s, self._empty_log)

    def _empty_log(self) -> None:
        (is_busy, _, _) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if is_busy:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN IMMEDIATE: the write lock is taken at once, so a busy ledger is waited for before anything is written.

        A crawl marks pages in a thread while it records links in another; a connection holds one
        transaction at a time. Raises `DatabaseBusy` where another process does not let go.
        """
        with self._writing:
            self._begin()
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _begin(self) -> None:
        wait_s = 0 if self._is_given_up else self._wait_s
        try:
            _patiently(self.path, wait_s, lambda: self._db.execute("BEGIN IMMEDIATE"))
        except DatabaseBusy as error:
            was_given_up, self._is_given_up = self._is_given_up, True
            if was_given_up:  # since the wait that was in vain
                raise DatabaseBusy(self.path, self._wait_s, error.holder) from error
            raise
        self._is_given_up = False


def _opened(path: Path, wait_s: float) -> sqlite3.Connection:
    """The open file, of today's tables."""
    if not path.exists() or _version(path, wait_s) < VERSION:
        with exclusive(path.with_suffix(".lock"), path, wait_s):
            if not path.exists():
                _make(path)
            elif _version(path, wait_s) < VERSION:
                _migrate(path, wait_s)
    db = _connected(path)
    db.execute("PRAGMA synchronous = FULL")
    return db


def _version(path: Path, wait_s: float) -> int:
    """The version of the file's tables: 0 for one of before versions, or without tables; `DataDirError` for a newer one."""
    with closing(_connected(path)) as db:
        (number,) = _patiently(path, wait_s, lambda: db.execute("PRAGMA user_version").fetchone())
    if number > VERSION:
        raise DataDirError(
            f"{path} has schema {number}, written by a newer Kabar; this one knows {VERSION}: upgrade"
        )
    return int(number)


def _make(path: Path) -> None:
    """Put an empty ledger in its place, whole, for nobody may meet half of it."""
    fresh = path.with_name(f"{path.name}.new")
    for ending in ("", "-wal", "-shm", "-journal"):  # left by a kill; and the logs of a ledger that is lost
        fresh.with_name(fresh.name + ending).unlink(missing_ok=True)
        path.with_name(path.name + ending).unlink(missing_ok=True)
    with closing(sqlite3.connect(fresh, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")  # it is synced below
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(_script(db))
    put_in_place(fresh, path)


def _migrate(path: Path, wait_s: float) -> None:
    """Bring the file to WAL and to today's tables, in one transaction."""
    with closing(_connected(path)) as db:
        # Refused at once where anybody has the file open, whatever the timeout.
        _patiently(path, wait_s, lambda: db.execute("PRAGMA journal_mode = WAL"))
        script = _script(db)
        _patiently(path, wait_s, lambda: db.executescript(script))


def _script(db: sqlite3.Connection) -> str:
    """What brings a ledger of whatever age, or an empty one, to today's tables in one transaction."""
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    before = _ASK_ANEW if "documents" in tables else ""
    before += _NAMED_ANEW if "untold" in tables else ""
    after = _ALL_UNREPORTED if "links" in tables and not tables & {"untold", "unreported"} else ""
    if "first_contacts" in tables and "theme" not in _columns(db, "first_contacts"):
        before += _THEME
    if "runs" in tables and "fault" not in _columns(db, "runs"):
        before += _FAULT
    if "links" in tables and "missing_since" not in _columns(db, "links"):
        before, after = before + _MISSING, after + _LOOK_AGAIN
    if "closed_entries" in tables and "what" not in _columns(db, "closed_entries"):
        before, after = before + _CLOSED_BEFORE, after + _CLOSED_AGAIN
    return f"BEGIN IMMEDIATE; {before}{_SCHEMA}{after}PRAGMA user_version = {VERSION}; COMMIT;"


def _columns(db: sqlite3.Connection, table: str) -> set[str]:
    return {name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")}


def _connected(path: Path) -> sqlite3.Connection:
    """A connection to a file that is there; none is made."""
    where = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(where, uri=True, timeout=_STEP_S, isolation_level=None, check_same_thread=False)


def _patiently(path: Path, wait_s: float, action: Callable[[], Result]) -> Result:
    """Do it as soon as the ledger is free; `DatabaseBusy`, with the holder where it is known, after `wait_s`."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
            if time.monotonic() >= deadline:
                raise DatabaseBusy(path, wait_s, holder_of(path)) from error
            time.sleep(random.uniform(0.01, 0.05))


def is_busy(error: sqlite3.Error) -> bool:
    """Whether SQLite only says that another has the file."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def holder_of(path: Path) -> int | None:
    """The process that has a ledger locked, as Linux tells it; null: that is not known.

    Read from /proc/locks, for closing a file of ours would drop SQLite's own locks on it.
    """
    try:
        log = path.with_name(f"{path.name}-shm").stat()
        file = path.stat()
        locks = Path("/proc/locks").read_text(encoding="ascii")
    except OSError:
        return None
    for line in locks.splitlines():
        # 7: POSIX ADVISORY WRITE 4711 fe:00:123456 120 120
        fields = line.split()
        if len(fields) != 8 or fields[1] != "POSIX" or fields[3] != "WRITE" or int(fields[4]) == os.getpid():
            continue
        inode, first = int(fields[5].rpartition(":")[2]), int(fields[6])
        if inode == file.st_ino or (inode == log.st_ino and first <= _WRITER_BYTE):
            return int(fields[4])
    return None
