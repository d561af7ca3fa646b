"""Copies of a DATA_DIR's databases and segments that are whole although others write: a backup's pieces.

Each is put in its place whole, so a kill leaves a backup that is older in part, never a torn one.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path

from storage.archive.record import OPEN_SUFFIX
from storage.disk import copy_file, put_in_place


def copy_if_changed(source: Path, place: Path) -> bool:
    """Copy a file where size or time of change differ from the copy's; whether it was copied."""
    made = staged_copy(source, place)
    if made is not None:
        put_in_place(made, place)
    return made is not None


def staged_copy(source: Path, place: Path) -> Path | None:
    """Copy a file beside its place, to be put there later; null: the copy that is there is of the same size and time.

    A file that is replaced meanwhile is copied as it was, or as it is.
    """
    found = source.stat()
    if place.exists() and not place.is_symlink():
        there = place.stat()
        if (there.st_size, there.st_mtime_ns) == (found.st_size, found.st_mtime_ns):
            return None
    place.parent.mkdir(parents=True, exist_ok=True)
    made = place.with_name(f"{place.name}.new")
    made.unlink(missing_ok=True)
    try:
        with source.open("rb") as opened:
            found = os.fstat(opened.fileno())
            copy_file(Path(f"/proc/self/fd/{opened.fileno()}"), made)
        os.chmod(made, 0o600 if found.st_mode & 0o077 == 0 else 0o644)
        os.utime(made, ns=(found.st_atime_ns, found.st_mtime_ns))
    except OSError:
        made.unlink(missing_ok=True)
        raise
    return made


def staged_ledger(source: Path, place: Path) -> Path:
    """A consistent copy of a SQLite file that others have open, beside its place."""
    made = place.with_name(f"{place.name}.new")
    made.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=60)) as ours,
            closing(sqlite3.connect(made)) as theirs,
        ):
            ours.backup(theirs)
            theirs.execute("PRAGMA journal_mode = DELETE")
    except (OSError, sqlite3.Error):
        made.unlink(missing_ok=True)
        raise
    return made


def closed_segments(folder: Path) -> Iterator[str]:
    """The names of the closed segments in a folder of segments, with their sources'."""
    for path in sorted(folder.glob("*/*.warc.gz")):
        if not path.is_symlink() and path.suffix != OPEN_SUFFIX:
            yield f"{path.parent.name}/{path.name}"


def left_over(folder: Path, names: Collection[str]) -> list[Path]:
    """Files of a backup's folder that are none of these, and no segment either."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.relative_to(folder).as_posix() not in names
        and not path.name.endswith(".warc.gz")
    ]
