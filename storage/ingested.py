"""How far foreign WARC files were ingested: a later run does not read that part again.

A file is known by its content, not by its name. Its row is written in the transaction of its pages, so a
kill leaves both or neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import duckdb

from storage.archive.record import Position

_BEGINNING_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one file was ingested."""

    file: str
    """As `file_key` gives it."""
    asked: str
    """The selection that was ingested: another selection reads the file from the beginning."""
    path: str
    position: Position | None
    """The last record taken. Null: none was."""
    finished_at: datetime | None = None
    """When it was read to its end. Null: it was not, or it is damaged."""


def file_key(path: Path) -> str:
    """What a file is known by wherever it lies: size, time of its last change, first bytes."""
    size, beginning = content_key(path).split("-")
    return f"{size}-{path.stat().st_mtime_ns}-{beginning}"


def content_key(path: Path) -> str:
    """The same of any copy of it: size and first bytes."""
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING_BYTES)
    return f"{path.stat().st_size}-{sha256(beginning).hexdigest()[:16]}"


def note(connection: duckdb.DuckDBPyConnection, reached: Sequence[Reached]) -> None:
    """Write down how far these files are read, in the open transaction."""
    for each in reached:
        position = each.position
        connection.execute("DELETE FROM kept.ingested WHERE file = ? AND asked = ?", [each.file, each.asked])
        connection.execute(
            "INSERT INTO kept.ingested VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                each.file,
                each.asked,
                each.path,
                position.offset if position else None,
                position.number if position else None,
                position.record if position else None,
                each.finished_at,
            ],
        )


def reached(connection: duckdb.DuckDBPyConnection, file: str, asked: str) -> Reached | None:
    """How far a file was ingested for this question; null: never begun."""
    row = connection.execute(
        "SELECT path, record_offset, records, record, finished_at FROM kept.ingested WHERE file = ? AND asked = ?",
        [file, asked],
    ).fetchone()
    if row is None:
        return None
    path, offset, number, record, finished_at = row
    return Reached(
        file, asked, path, Position(offset, number, record) if offset is not None else None, finished_at
    )
