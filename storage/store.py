"""The store: open it, bring its schema up to date, publish the copy that analysts read.

DuckDB lets one process write, and then no other one read; so the store is opened for short merges
only, under one lock file, and analysts open `news.duckdb`, a copy that is replaced atomically.
What is written into the store is decided by `storage.merge`.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import random
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from storage.data_dir import DatabaseBusy, DataDir, unwritable
from storage.disk import put_in_place, sync

logger = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).with_name("migrations")
VIEWS = Path(__file__).with_name("views")
STORAGE_VERSION = "v1.5.0"
"""The file format written: every DuckDB from 1.5 on opens it."""

MEMORY = "1GB"
"""What DuckDB may take for a merge; beyond it, it works on the disk. A crawl and its workers want the rest."""

_FICLONE = 0x40049409
"""Linux's ioctl that makes a file share another's blocks (reflink): a copy for nothing."""


class SchemaError(Exception):
    """The store was written by a newer Kabar; the message is one line."""


class StoreDamaged(Exception):
    """The store's file cannot be opened; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What one publish cost. `seconds` is wall time; `reflink` tells that no byte was copied."""

    seconds: float
    size_bytes: int
    reflink: bool


class Store:
    """The open store. `changed` tells that something was committed since it was opened."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, scratch: Path) -> None:
        self.connection = connection
        self.scratch = scratch
        self.changed = False

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Commit what the block wrote, or nothing of it."""
        self.connection.begin()
        try:
            yield self.connection
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()
        self.changed = True


@contextmanager
def open_store(
    data_dir: DataDir, wait_s: float, publish_every_s: float = 0, coalesce: bool = True
) -> Iterator[Store]:
    """Open the store for writing, migrated; on the way out checkpoint, close and publish.

    Not published is a copy younger than `publish_every_s`; and where another process waits for the
    store (`coalesce`), publishing is left until it has merged too, so that several commands that end
    together cost few copies. The caller's rows are published when this returns, by whomever.

    Raises `DatabaseBusy` after `wait_s`, `SchemaError` for a store of a newer Kabar, `StoreDamaged`
    for a file that DuckDB refuses, `DiskFull` or `DataDirError` where it cannot be written.
    """
    with data_dir.exclusive_store(wait_s):
        for left in data_dir.scratch.glob("*.ndjson"):  # of a merge that was killed: each had this lock
            left.unlink(missing_ok=True)
        if not data_dir.store.exists():
            _create(data_dir)
        store = Store(_connect(data_dir, wait_s), data_dir.scratch)
        try:
            _back_up(data_dir, store, wait_s)
            _migrate(store)
            yield store
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
        due = _age_s(data_dir) >= publish_every_s
        postponed = due and coalesce and data_dir.someone_waits()
        if due and not postponed:
            publish_if_stale(data_dir)
    if postponed:
        _await_publication(data_dir, wait_s)


def _await_publication(data_dir: DataDir, wait_s: float) -> None:
    """Wait until those who came after us have published our rows with theirs; else do it ourselves.

    Out of the queue, for whoever stands in it keeps others from publishing.
    """
    deadline = time.monotonic() + wait_s
    while _is_stale(data_dir) and data_dir.someone_waits() and time.monotonic() < deadline:
        time.sleep(random.uniform(0.02, 0.08))
    settle_publication(data_dir, wait_s)


def settle_publication(data_dir: DataDir, wait_s: float, publish_every_s: float = 0) -> None:
    """Make good a kill between merge and publish: publish where the store is newer than the copy.

    So is a copy of other tables and views than this code has: after an upgrade it is migrated and
    published anew. A copy younger than `publish_every_s` may wait.
    """
    is_due = _age_s(data_dir) >= publish_every_s
    if data_dir.store.exists() and ((is_due and _is_stale(data_dir)) or is_of_other_code(data_dir)):
        with open_store(data_dir, wait_s, coalesce=False):
            pass  # opened, because a kill may have left what it committed in the log beside the store


def _create(data_dir: DataDir) -> None:
    """Put an empty store in its place, whole: DuckDB refuses a file whose first blocks a kill cut short."""
    fresh = data_dir.store.with_suffix(".duckdb.new")
    try:
        fresh.unlink(missing_ok=True)
        _open(fresh).close()
        put_in_place(fresh, data_dir.store)
    except (duckdb.Error, OSError) as error:
        raise unwritable(data_dir.root, error) or error from error


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), config={"storage_compatibility_version": STORAGE_VERSION})


def _connect(data_dir: DataDir, wait_s: float) -> duckdb.DuckDBPyConnection:
    """Connect, retrying while a process that does not know our lock file holds the store."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            connection = _open(data_dir.store)
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(f"SET memory_limit = '{MEMORY}'")
            return connection
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


def known_schema() -> int:
    """The number of the newest migration that this code has."""
    return max(int(path.name[:4]) for path in MIGRATIONS.glob("*.sql"))


def _back_up(data_dir: DataDir, store: Store, wait_s: float) -> None:
    """Keep a copy of a store that is about to be migrated: `store.duckdb.before-NUMBER`, the last one only.

    NUMBER is the schema it is brought to, so the attempt after a kill finds the copy, and keeps it.
    """
    applied = _applied(store.connection)
    backup = data_dir.store.with_name(f"{data_dir.store.name}.before-{known_schema()}")
    if not applied or max(applied) >= known_schema() or backup.exists():
        return
    store.connection.execute("CHECKPOINT")
    store.connection.close()  # as before every copy
    part = backup.with_name(f"{backup.name}.new")
    part.unlink(missing_ok=True)
    _copy(data_dir.store, part)
    put_in_place(part, backup)
    for older in set(data_dir.root.glob(f"{data_dir.store.name}.before-*")) - {backup}:
        older.unlink()
    store.connection = _connect(data_dir, wait_s)


def _migrate(store: Store) -> None:
    """Apply what is missing of storage/migrations, each in a transaction of its own, then the views."""
    known = {int(path.name[:4]): path for path in sorted(MIGRATIONS.glob("*.sql"))}
    applied = _applied(store.connection)
    newer = applied - known.keys()
    if newer:
        raise SchemaError(
            f"the store has schema {max(newer)}, written by a newer Kabar; this one knows {max(known)}: upgrade"
        )
    for number in sorted(known.keys() - applied):
        with store.transaction() as connection:
            connection.execute(known[number].read_text(encoding="utf-8"))
            connection.execute(
                "INSERT INTO kept.migrations VALUES (?, ?, ?)",
                [number, known[number].stem[5:], datetime.now(UTC)],
            )
    _refresh_views(store)


def _applied(connection: duckdb.DuckDBPyConnection) -> set[int]:
    connection.execute("CREATE SCHEMA IF NOT EXISTS kept")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS kept.migrations (number INTEGER, name VARCHAR, applied_at TIMESTAMPTZ)"
    )
    return {number for (number,) in connection.execute("SELECT number FROM kept.migrations").fetchall()}


def _refresh_views(store: Store) -> None:
    """Give the store the views of this code, where it has those of another."""
    texts = _view_texts()
    digest = _digest(texts)
    found = store.connection.execute("SELECT value FROM kept.facts WHERE name = 'views'").fetchone()
    if found and found[0] == digest:
        return
    with store.transaction() as connection:
        for text in texts:
            connection.execute(text)
        _share_meanings(connection)
        connection.execute("DELETE FROM kept.facts WHERE name = 'views'")
        connection.execute("INSERT INTO kept.facts VALUES ('views', ?)", [digest])


def _view_texts() -> list[str]:
    return [_macros("MACRO main."), VIEWS.joinpath("public.sql").read_text(encoding="utf-8")]


def _digest(texts: list[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _share_meanings(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the columns that other views have of `articles` the comment that they have there."""
    found = connection.execute(
        "SELECT v.table_name, v.column_name, a.comment FROM duckdb_columns() v JOIN duckdb_columns() a"
        " USING (schema_name, column_name) WHERE schema_name = 'main' AND a.table_name = 'articles'"
        " AND v.table_name IN ('unique_articles', 'article_versions', 'stories') AND v.comment IS NULL"
    ).fetchall()
    for view, column, meaning in found:
        quoted = str(meaning).replace("'", "''")
        connection.execute(f"COMMENT ON COLUMN main.{view}.{column} IS '{quoted}'")


def publish_if_stale(data_dir: DataDir) -> Publication | None:
    """Replace `news.duckdb` by a copy of the store, where it is not one already.

    Call it with the store's lock held and the store closed. A copy that somebody wrote into (its
    size, time or inode differ from what was published) counts as stale.
    """
    if not data_dir.store.exists() or not _is_stale(data_dir):
        return None
    try:
        return _publish(data_dir)
    except OSError as error:
        if told := unwritable(data_dir.root, error):
            raise told from error
        raise


def _publish(data_dir: DataDir) -> Publication:
    started = time.monotonic()
    fresh = data_dir.published.with_suffix(".duckdb.new")
    fresh.unlink(missing_ok=True)
    reflink = _copy(data_dir.store, fresh)
    os.chmod(fresh, 0o444)
    sync(fresh)
    # A stale log of somebody's read-write session would be replayed into the new copy.
    data_dir.published.with_suffix(".duckdb.wal").unlink(missing_ok=True)
    os.replace(fresh, data_dir.published)
    sync(data_dir.root)
    _write_init_file(data_dir)
    result = Publication(time.monotonic() - started, data_dir.published.stat().st_size, reflink)
    note = {
        "store": _look(data_dir.store),
        "published": _look(data_dir.published),
        "code": _code(),
        **asdict(result),
    }
    part = data_dir.publication.with_suffix(".new")
    part.write_text(json.dumps(note), encoding="ascii")
    os.replace(part, data_dir.publication)
    logger.info(
        "published %.1f MB in %.2f s%s",
        result.size_bytes / 1e6,
        result.seconds,
        " (reflink)" if reflink else "",
    )
    return result


def _age_s(data_dir: DataDir) -> float:
    """Seconds since the last publish; infinite before the first."""
    try:
        return time.time() - data_dir.publication.stat().st_mtime
    except OSError:
        return float("inf")


def _is_stale(data_dir: DataDir) -> bool:
    try:
        note = json.loads(data_dir.publication.read_text(encoding="ascii"))
        seen = (note["store"], note["published"])
        logs = (path.with_suffix(".duckdb.wal") for path in (data_dir.store, data_dir.published))
        return any(log.exists() for log in logs) or seen != (_look(data_dir.store), _look(data_dir.published))
    except (OSError, ValueError, KeyError):
        return True


def is_of_other_code(data_dir: DataDir) -> bool:
    """Whether the last publish was of other tables or views than this code's: after an upgrade."""
    try:
        return bool(json.loads(data_dir.publication.read_text(encoding="ascii")).get("code") != _code())
    except (OSError, ValueError):
        return False  # stale in any case


def _code() -> list[object]:
    """What tables and views this code gives a store."""
    return [known_schema(), _digest(_view_texts())]


def _look(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_ino, found.st_size, found.st_mtime_ns]


def _copy(source: Path, target: Path) -> bool:
    """Copy into a new file, by reflink where the file system can; a copy that finds no room is removed."""
    with source.open("rb") as reader, target.open("xb") as writer:
        try:
            fcntl.ioctl(writer, _FICLONE, reader.fileno())
        except OSError:
            try:
                shutil.copyfileobj(reader, writer, 1 << 20)
            except OSError:
                target.unlink()
                raise
            return False
        return True


def _macros(kind: str, database: str = "") -> str:
    """The macros, created as `kind` over the tables of an attached `database`."""
    text = (VIEWS / "macros.sql").read_text(encoding="utf-8")
    return text.replace("{macro}", kind).replace("{tables}", database)


def _write_init_file(data_dir: DataDir) -> None:
    """`kabar.sql`, for a user's own database: `duckdb -init data/kabar.sql mine.duckdb`."""
    path = str(data_dir.published.resolve()).replace("'", "''")
    text = (
        "-- Attaches Kabar's published database, read-only, as `kabar`. Written by Kabar; changes are lost.\n"
        f"ATTACH IF NOT EXISTS '{path}' AS kabar (READ_ONLY);\n"
        "SET TimeZone = 'Asia/Makassar';\n"
        "SET search_path = 'main,kabar.main';\n\n"
    ) + _macros("TEMP MACRO ", "kabar.")
    if not data_dir.init_file.exists() or data_dir.init_file.read_text(encoding="utf-8") != text:
        part = data_dir.init_file.with_suffix(".new")
        part.write_text(text, encoding="utf-8")
        os.replace(part, data_dir.init_file)


def open_published(data_dir: DataDir, timezone: str | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to `news.duckdb`; `FileNotFoundError` before the first publish."""
    if not data_dir.published.exists():
        raise FileNotFoundError(str(data_dir.published))
    connection = duckdb.connect(str(data_dir.published), read_only=True)
    if timezone:
        connection.execute("SET TimeZone = ?", [timezone])
    return connection
