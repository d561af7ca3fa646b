"""Quiet segments: what runs bring that fetch no page, one file a source and day instead of one a run.

A run writes a segment of its own, as ever. When that ends without a page to read, the quiet segment of the day is
replaced, in one step, by one that has its bytes behind its own; then the run's file goes. A kill between the two
leaves both, and `is_folded` tells. So a quiet segment is whole at every moment, and nobody has it open.
Only who holds the lock of the source folds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from storage.archive.record import is_quiet, quiet_name, quiet_number
from storage.disk import put_in_place

QUIET_BYTES = 1 << 20
"""A quiet segment is at most so large, for it is written anew each time; what is larger stays a segment of its own."""


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a quiet segment that a run brought."""

    segment: str
    begin: int
    """In bytes."""
    end: int


def fold(segments: Path, source: str, day: date, run: Path) -> Span:
    """Add a run's finished file, of at most QUIET_BYTES, to the quiet segment of the day, and remove it.

    Raises `OSError` where it cannot: then the run's file is as it was.
    """
    added = run.read_bytes()
    name, before = _current(segments, source, day, len(added))
    place = segments / name
    made = place.with_name(f"{place.name}.new")
    made.unlink(missing_ok=True)  # left by a kill, or put there
    try:
        with made.open("xb") as file:
            file.write(before + added)
        put_in_place(made, place)
    except OSError:
        made.unlink(missing_ok=True)
        raise
    run.unlink()
    return Span(name, len(before), len(before) + len(added))


def is_folded(run: Path) -> bool:
    """Whether a quiet segment beside the file of a killed run has all of it already."""
    size = run.stat().st_size
    if not 0 < size <= QUIET_BYTES:
        return False
    added = run.read_bytes()
    return any(_ends_with(path, added) for path in run.parent.glob("*.warc.gz") if is_quiet(path.name))


def _current(segments: Path, source: str, day: date, size: int) -> tuple[str, bytes]:
    """The quiet segment that so many bytes more find room in, and what it has so far."""
    paths = sorted((segments / source).glob(f"{day:%Y%m%d}Z-quiet-*.warc.gz"))
    for path in paths:
        if not path.is_symlink() and path.stat().st_size + size <= QUIET_BYTES:
            return f"{source}/{path.name}", path.read_bytes()
    return quiet_name(source, day, 1 + max((quiet_number(path.name) for path in paths), default=0)), b""


def _ends_with(path: Path, end: bytes) -> bool:
    if path.stat().st_size < len(end):
        return False
    with path.open("rb") as file:
        file.seek(-len(end), os.SEEK_END)
        return file.read() == end
