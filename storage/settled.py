"""Which folders of segments need not be looked into: all that they have is merged, and nothing came or went since.

A folder is *sealed*: it gets a time of change of our own, then it is listed, and where nothing in it waits, its inode,
that time and the time of the sealing are noted. Whatever comes, goes or is renamed in it later changes them, under
any clock and in the same instant too. The note (`settled.json`) holds for the store that it names, by inode, size and time: who puts
another in its place, or moves the archive, has every folder listed once. It saves time and decides nothing: without
it all folders are listed.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from storage.data_dir import DatabaseBusy, DataDir, DataDirError, DiskFull, exclusive
from storage.disk import put_text

Look = list[int]
"""Inode and times of a file or folder as it is now; of a file its size, too."""
_NO_MATTER = (DatabaseBusy, DataDirError, DiskFull)
"""What keeps a note from being made, which costs a listing and nothing else."""
_BEFORE_NS = 1_000_000_000
"""So long before now is a seal: no change that comes after it has its time."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What is noted. `line`: a name that the store keeps from merge to merge, and a store put in its place has not."""

    line: str = field(default_factory=lambda: uuid.uuid4().hex)
    folders: Mapping[str, Look] = field(default_factory=dict)


def settled(data_dir: DataDir) -> Settled | None:
    """What is noted of the folders; null: nothing, or of another store than there is now."""
    try:
        note = json.loads(data_dir.settled.read_text(encoding="ascii"))
        if note["store"] != _store_look(data_dir):
            return None
        return Settled(note["line"], dict(note["folders"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def unsettled_folders(data_dir: DataDir) -> list[Path]:
    """The folders of segments in which something may wait, in the order of their names."""
    found = settled(data_dir)
    noted = found.folders if found else {}
    return sorted(
        folder for folder in data_dir.segments.glob("*/") if noted.get(folder.name) != _folder_look(folder)
    )


def seal(folder: Path) -> Look | None:
    """Seal a folder that is about to be listed; null: it is another's, or a link, and is listed each time."""
    try:
        if folder.is_symlink():
            return None
        at = time.time_ns() - _BEFORE_NS
        os.utime(folder, ns=(at, at))
    except OSError:
        return None
    return _folder_look(folder)


def begin(data_dir: DataDir) -> str | None:
    """The store's line, which is begun where it has none; null: there is no store, or another process has it."""
    found = settled(data_dir)
    if found is None and data_dir.store.exists():
        with suppress(*_NO_MATTER), exclusive(data_dir.store_lock, data_dir.store, 0):
            found = settled(data_dir) or Settled()
            write(data_dir, found)
    return found.line if found else None


def note(data_dir: DataDir, line: str, sealed: Mapping[str, Look]) -> None:
    """Add sealed folders to the note, if the store is still of that line and no other process has it."""
    with suppress(*_NO_MATTER), exclusive(data_dir.store_lock, data_dir.store, 0):
        found = settled(data_dir)
        if found is not None and found.line == line:
            write(data_dir, Settled(line, {**found.folders, **sealed}))


def write(data_dir: DataDir, found: Settled) -> None:
    """Note this of the closed store as it is now. Only who holds the store's lock calls it."""
    with suppress(OSError):  # without a note more is listed
        text = {"store": _store_look(data_dir), "line": found.line, "folders": dict(found.folders)}
        put_text(data_dir.settled, json.dumps(text))


def forget(data_dir: DataDir) -> None:
    """Have all folders looked into."""
    data_dir.settled.unlink(missing_ok=True)


def _store_look(data_dir: DataDir) -> Look:
    """Raises `OSError` where there is no store, or one with a log beside it: who knows what that has."""
    if data_dir.store.with_suffix(".duckdb.wal").exists():
        raise FileExistsError(str(data_dir.store))
    found = data_dir.store.stat()
    return [found.st_ino, found.st_size, found.st_mtime_ns]


def _folder_look(folder: Path) -> Look | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return [found.st_ino, found.st_mtime_ns, found.st_ctime_ns]
