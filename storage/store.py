"""The store: open it, bring its schema up to date, publish the copy that analysts read.

DuckDB lets one process write, and then no other one read; so the store is opened for short merges
only, under one lock file, and analysts open `news.duckdb`, a copy that is replaced atomically.
What is written into the store is decided by `storage.merge`.
"""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from storage import indexes, settled
from storage.connection import Store
from storage.data_dir import DatabaseBusy, DataDir, unwritable
from storage.disk import copy_file, put_in_place, remove
from storage.publish import is_due, is_of_other_code, is_stale, looks_before, note_looks, publish_if_stale
from storage.schema import applied_migrations, known_schema, migrate
from storage.sources import shared_zone

logger = logging.getLogger(__name__)
STORAGE_VERSION = "v1.5.0"
"""The file format written: every DuckDB from 1.5 on opens it."""
MEMORY = "1GB"
"""What DuckDB may take for a merge; beyond it, it works on the disk. A crawl and its workers want the rest."""


class StoreDamaged(Exception):
    """The store's file cannot be opened; the message says what to do."""


@contextmanager
def open_store(
    data_dir: DataDir,
    wait_s: float,
    publish_every_s: float = 0,
    publish_looks_every_s: float = 0,
    coalesce: bool = True,
) -> Iterator[Store]:
    """Open the store for writing, migrated; on the way out checkpoint, close and publish where that is due (`is_due`).

    Not published is a copy younger than `publish_every_s`, or of looks alone that is younger than `publish_looks_every_s`; and where another process waits for the
    store (`coalesce`), publishing is left until it has merged too, so that several commands that end
    together cost few copies. The caller's rows are published when this returns, by whomever.

    Raises `DatabaseBusy` after `wait_s`, `SchemaError` for a store of a newer Kabar, `StoreDamaged`
    for a file that DuckDB refuses, `DiskFull` or `DataDirError` where it cannot be written.
    """
    with data_dir.exclusive_store(wait_s):
        for left in data_dir.scratch.glob("*.ndjson"):  # of a merge that was killed: each had this lock
            left.unlink(missing_ok=True)
        remove(data_dir.spill)
        looks = looks_before(data_dir)
        known = settled.settled(data_dir) or settled.Settled()
        if not data_dir.store.exists():
            if data_dir.published.exists():  # of a new store a copy would be published in its place
                raise StoreDamaged(
                    f"{data_dir.store} is gone, and {data_dir.published.name} has its rows: scrapy doctor --mend makes it again from that"
                )
            _create(data_dir)
        store = Store(connect(data_dir, wait_s), data_dir.scratch)
        try:
            _back_up(data_dir, store, wait_s)
            migrate(store)
            indexes.settle(store)
            yield store
            zone = shared_zone(store.connection)
            if store.changed:
                store.connection.execute("CHECKPOINT")
        except (duckdb.Error, OSError) as error:
            if told := unwritable(data_dir.root, error):
                raise told from error
            if "Corrupt database file" in str(error):  # a block that nothing had asked for before
                raise _damaged(data_dir, error) from error
            raise
        finally:
            # Closed before the copy: DuckDB's locks are POSIX locks, and closing any descriptor of
            # the store in a process that has it open would drop them.
            store.connection.close()
        settled.write(data_dir, settled.Settled(known.line, {**known.folders, **store.sealed}))
        if store.changed and not store.has_news and looks is not None:
            note_looks(data_dir, (looks or {}) | store.merged, zone)
        due = is_due(data_dir, publish_every_s, publish_looks_every_s)
        postponed = due and coalesce and data_dir.someone_waits()
        if due and not postponed:
            publish_if_stale(data_dir, zone)
    if postponed:
        _await_publication(data_dir, wait_s)


def _await_publication(data_dir: DataDir, wait_s: float) -> None:
    """Wait until those who came after us have published our rows with theirs; else do it ourselves.

    Out of the queue, for whoever stands in it keeps others from publishing.
    """
    deadline = time.monotonic() + wait_s
    while is_stale(data_dir) and data_dir.someone_waits() and time.monotonic() < deadline:
        time.sleep(random.uniform(0.02, 0.08))
    settle_publication(data_dir, wait_s)


def settle_publication(
    data_dir: DataDir, wait_s: float, publish_every_s: float = 0, publish_looks_every_s: float = 0
) -> None:
    """Make good a kill between merge and publish: publish where the store is newer than the copy.

    So is a copy of other tables and views than this code has: after an upgrade it is migrated and
    published anew. A copy that is not due may wait.
    """
    due = data_dir.store.exists() and is_due(data_dir, publish_every_s, publish_looks_every_s)
    if due or (data_dir.store.exists() and is_of_other_code(data_dir)):
        with open_store(data_dir, wait_s, coalesce=False):
            pass  # opened, because a kill may have left what it committed in the log beside the store


def _create(data_dir: DataDir) -> None:
    """Put an empty store in its place, whole: DuckDB refuses a file whose first blocks a kill cut short."""
    fresh = data_dir.store.with_suffix(".duckdb.new")
    try:
        for left in (fresh, fresh.with_name(f"{fresh.name}.wal")):
            left.unlink(missing_ok=True)
        _make(fresh)
        put_in_place(fresh, data_dir.store)
    except (duckdb.Error, OSError) as error:
        raise unwritable(data_dir.root, error) or error from error


def _make(path: Path) -> None:
    _open(path).close()


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), config={"storage_compatibility_version": STORAGE_VERSION})


def open_bounded(path: Path, spill: Path) -> duckdb.DuckDBPyConnection:
    """The database file there, made where it is missing, with the bounds of a merge. `spill`: what the memory does not hold."""
    connection = _open(path)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET memory_limit = '{MEMORY}'")
    connection.execute("SET temp_directory = ?", [str(spill)])
    return connection


def connect(data_dir: DataDir, wait_s: float) -> duckdb.DuckDBPyConnection:
    """Connect, retrying while a process that does not know our lock file holds the store."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return open_bounded(data_dir.store, data_dir.spill)
        except duckdb.IOException as error:
            if "Could not set lock" not in str(error):
                raise unwritable(data_dir.root, error) or _damaged(data_dir, error) from error
            if time.monotonic() >= deadline:
                holder = re.search(r"PID (\d+)", str(error))
                raise DatabaseBusy(data_dir.store, wait_s, int(holder[1]) if holder else None) from error
            time.sleep(random.uniform(0.05, 0.25))
        except duckdb.Error as error:
            raise _damaged(data_dir, error) from error


def _damaged(data_dir: DataDir, error: Exception) -> StoreDamaged:
    first = str(error).partition("\n")[0]
    return StoreDamaged(f"{data_dir.store} cannot be opened: {first} (run `scrapy doctor`)")


def _back_up(data_dir: DataDir, store: Store, wait_s: float) -> None:
    """Keep a copy of a store that is about to be migrated: `store.duckdb.before-NUMBER`, the last one only.

    NUMBER is the schema it is brought to, so the attempt after a kill finds the copy, and keeps it.
    """
    applied = applied_migrations(store.connection)
    backup = data_dir.store.with_name(f"{data_dir.store.name}.before-{known_schema()}")
    if not applied or max(applied) >= known_schema() or backup.exists():
        return
    store.connection.execute("CHECKPOINT")
    store.connection.close()  # as before every copy
    part = backup.with_name(f"{backup.name}.new")
    part.unlink(missing_ok=True)
    copy_file(data_dir.store, part)
    put_in_place(part, backup)
    for older in set(data_dir.root.glob(f"{data_dir.store.name}.before-*")) - {backup}:
        older.unlink()
    store.connection = connect(data_dir, wait_s)
