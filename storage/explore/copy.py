"""The published copy that pages are answered from: opened once for each publication, and let go when a newer one is there.

A publication replaces the file, so an open copy keeps nobody waiting and stays what it was. DuckDB knows an open
database by its path, in the whole process: opened by that, a newer file would answer as the older one. So each is
attached to a database of its own, in memory.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

import duckdb

from storage.data_dir import DataDir
from storage.schema import SchemaError, known_schema
from storage.sources import shared_zone

MEMORY = "512MB"
"""What DuckDB may take for all pages at once; beyond it, it works on the disk."""
THREADS = 2
_NAME = "kabar"
_ANSWERS = 100
_ANSWER_BYTES = 256 << 10
"""So many answers are kept for each copy, none larger: a page that was read is there at once when one goes back."""
_TRIES = 3
Publication = tuple[int, int, int]
"""Inode, time and size of the file."""


class CopyDamaged(Exception):
    """The published file cannot be opened, or is no record of Kabar's; the message is one line."""


class Copy:
    """One publication, open."""

    def __init__(self, path: Path, spill: Path) -> None:
        self.publication = _publication(path)
        self._connection = duckdb.connect()
        for name, value in {
            "memory_limit": MEMORY,
            "threads": THREADS,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }.items():
            self._connection.execute(f"SET {name} = ?", [value])
        quoted = str(path).replace("'", "''")
        self._connection.execute(f"ATTACH '{quoted}' AS {_NAME} (READ_ONLY)")
        self._connection.execute("SET enable_external_access = false")
        cursor = self._cursor()
        _refuse_newer(cursor)
        self.zone = shared_zone(cursor)
        self._answers: OrderedDict[str, bytes] = OrderedDict()
        self._changing = threading.Lock()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of one request, which sees this publication until it is closed; instants in the outlets' zone."""
        cursor = self._cursor()
        cursor.execute("SET TimeZone = ?", [self.zone])
        return cursor

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        cursor.execute(f"USE {_NAME}")
        return cursor

    def answer(self, address: str) -> bytes | None:
        """What was answered to this address; null: nothing yet, or too much to keep."""
        with self._changing:
            if address in self._answers:
                self._answers.move_to_end(address)
            return self._answers.get(address)

    def keep(self, address: str, answer: bytes) -> None:
        """Keep an answer for as long as this publication is the newest."""
        if len(answer) > _ANSWER_BYTES:
            return
        with self._changing:
            self._answers[address] = answer
            if len(self._answers) > _ANSWERS:
                self._answers.popitem(last=False)


class Copies:
    """The newest publication, from whichever thread it is asked for."""

    def __init__(self, data_dir: DataDir, spill: Path) -> None:
        self._path = data_dir.published
        self._spill = spill
        self._newest: Copy | None = None
        self._opening = threading.Lock()

    @property
    def is_newest_open(self) -> bool:
        """Whether what is open is what was published last; false where nothing is there to be opened, too."""
        try:
            return self._newest is not None and self._newest.publication == _publication(self._path)
        except FileNotFoundError:
            return False

    def newest(self) -> Copy:
        """The copy as published last, opened where it is not.

        Raises `FileNotFoundError` before the first publication, `SchemaError` for one of a newer Kabar, `CopyDamaged`.
        """
        with self._opening:
            for turn in range(_TRIES):
                if self.is_newest_open:
                    break
                try:
                    self._newest = Copy(self._path, self._spill)
                except duckdb.Error as error:  # perhaps replaced between the look and the open
                    if turn == _TRIES - 1:
                        line = str(error).partition("\n")[0]
                        raise CopyDamaged(f"{self._path} cannot be opened: {line}") from error
            assert self._newest is not None
            return self._newest


def _publication(path: Path) -> Publication:
    try:
        found = path.stat()
    except OSError as error:
        raise FileNotFoundError(str(path)) from error
    return found.st_ino, found.st_mtime_ns, found.st_size


def _refuse_newer(cursor: duckdb.DuckDBPyConnection) -> None:
    """Raise `SchemaError` where a newer Kabar has published."""
    ((number,),) = cursor.execute("SELECT max(number) FROM kept.migrations").fetchall()
    if number is not None and number > known_schema():
        raise SchemaError(
            f"the published copy has schema {number}, written by a newer Kabar; this one knows {known_schema()}: upgrade"
        )
