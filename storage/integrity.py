"""Whether a database file is whole: every table read to its end, its log, who holds it, who wrote into it.

Only looks: its callers decide what is done about a fault.
"""

from __future__ import annotations

import fcntl
import json
import os
import struct
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from storage.data_dir import DataDir
from storage.publish import ask
from storage.schema import SchemaError, known_schema

_FLOCK = "hhqqi4x"
"""`struct flock` of 64-bit Linux: type, whence, start, length, process."""
_TABLES = "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL"


def fault(path: Path) -> str | None:
    """Why a database file cannot be read to its end; null: every block of every table is whole.

    DuckDB checks a block when it reads it, so a file may open well and be damaged all the same.
    """
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            for schema, table in connection.execute(_TABLES).fetchall():
                _read_table(connection, schema, table)
    except duckdb.Error as error:
        return first_line(error)
    return None


def read_some(path: Path, tables: Sequence[tuple[str, str]], within_s: float) -> tuple[int, str | None]:
    """How many of these tables, the first ones, are whole, and why the next cannot be read to its end.

    Reads until `within_s` seconds have passed, and one table at least; null: nothing is wrong so far.
    """
    deadline = time.monotonic() + within_s
    read = 0
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            while read < len(tables) and (read == 0 or time.monotonic() < deadline):
                _read_table(connection, *tables[read])
                read += 1
    except duckdb.Error as error:
        return read, first_line(error)
    return read, None


def _read_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> None:
    connection.execute(f'SELECT bit_xor(hash(t)) FROM "{schema}"."{table}" t').fetchall()


def tables_of(path: Path) -> list[tuple[str, str]]:
    """Schema and name of every table; raises DuckDB's own error where the file cannot be opened."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(_TABLES).fetchall()


def schema_of(path: Path) -> int | None:
    """The number of the newest migration applied; null where the file has none, or cannot be read."""
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            return schema_number(connection)
    except duckdb.Error:
        return None


def schema_number(connection: duckdb.DuckDBPyConnection) -> int | None:
    """The number of the newest migration applied; null: none was."""
    found = connection.execute("SELECT max(number) FROM kept.migrations").fetchone()
    return found[0] if found else None


def check_schema(data_dir: DataDir) -> None:
    """Refuse a DATA_DIR of a newer Kabar, or one that is restored in part, before anything is fetched for it."""
    data_dir.check_restored()
    found = ask(data_dir, schema_number)
    if found is not None and found > known_schema():
        raise SchemaError(
            f"{data_dir.published} has schema {found}, written by a newer Kabar; this one knows "
            f"{known_schema()}: upgrade"
        )


def extent(connection: duckdb.DuckDBPyConnection) -> tuple[int, str | None]:
    """The number of articles, and when the newest version was fetched; null: there is none."""
    (articles,) = connection.execute("SELECT count(*) FROM kept.articles").fetchall()[0]
    (newest,) = connection.execute("SELECT max(fetched_at)::VARCHAR FROM kept.versions").fetchall()[0]
    return articles, newest


def versions_behind(connection: duckdb.DuckDBPyConnection, segment: str, offset: int) -> int:
    """How many versions have their page in a segment behind this offset."""
    question = "SELECT count(*) FROM kept.versions WHERE segment = ? AND record_offset > ?"
    (number,) = connection.execute(question, [segment, offset]).fetchall()[0]
    return int(number)


def versions_by_segment(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Segment → how many versions have their page in it."""
    return dict(
        connection.execute(
            "SELECT segment, count(*) FROM kept.versions WHERE segment IS NOT NULL GROUP BY ALL"
        ).fetchall()
    )


def log_of(path: Path) -> Path:
    """The log that DuckDB keeps beside a database that is being written."""
    return path.with_name(f"{path.name}.wal")


def opener_of(path: Path, writing: bool = False) -> int | None:
    """A process that has a database file open by DuckDB; `writing`: open for writing. Null: none has.

    A process that has the file open itself must not call it: closing the file here would drop its locks.
    """
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        # A lock for reading would meet a writer's only, one for writing everybody's.
        wanted = fcntl.F_RDLCK if writing else fcntl.F_WRLCK
        asked = struct.pack(_FLOCK, wanted, os.SEEK_SET, 0, 0, 0)
        kind, *_, process = struct.unpack(_FLOCK, fcntl.fcntl(fd, fcntl.F_GETLK, asked))
    finally:
        os.close(fd)
    return None if kind == fcntl.F_UNLCK else int(process)


def is_as_published(data_dir: DataDir) -> bool:
    """Whether `news.duckdb` is the very file that was published, without a log of somebody's."""
    note = _note(data_dir)
    found = data_dir.published.stat()
    return (
        note == [found.st_ino, found.st_size, found.st_mtime_ns] and not log_of(data_dir.published).exists()
    )


def is_good_copy(data_dir: DataDir) -> bool:
    """Whether `news.duckdb` can stand in for the store: whole, of a known schema, and nobody wrote into it.

    Its inode may be another: a DATA_DIR that came back from a backup is as good as any.
    """
    path, note = data_dir.published, _note(data_dir)
    if not path.exists() or note is None or log_of(path).exists():
        return False
    found = path.stat()
    changed_later = found.st_mtime_ns not in range(note[2], data_dir.publication.stat().st_mtime_ns + 1)
    if found.st_size != note[1] or changed_later or fault(path) is not None:
        return False
    return (schema_of(path) or known_schema() + 1) <= known_schema()


def _note(data_dir: DataDir) -> list[int] | None:
    """Inode, size and time of the file that was published last; null: that is not known."""
    try:
        noted: list[int] = json.loads(data_dir.publication.read_text(encoding="ascii"))["published"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return noted


def set_aside(path: Path, now: datetime | None = None) -> Path | None:
    """Keep a damaged file, and its logs, as `NAME.damaged-STAMP`; null where there is none.

    The file itself stays in its place under both names, for whatever replaces it in one step.
    """
    if not path.exists():
        return None
    aside = set_logs_aside(path, now)
    os.link(path, aside)
    return aside


def set_logs_aside(path: Path, now: datetime | None = None) -> Path:
    """Keep the logs beside a database as those of `NAME.damaged-STAMP`, and return that name."""
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%S%f")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    for ending in (".wal", "-wal", "-shm"):
        log = path.with_name(path.name + ending)
        if log.exists():
            os.replace(log, aside.with_name(aside.name + ending))
    return aside


def first_line(error: Exception) -> str:
    """DuckDB's message without its advice."""
    return str(error).partition("\n")[0]
