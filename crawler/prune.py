"""Retention: which segments may go out of the archive, and how they go so that nothing is lost by a kill.

A segment that is not merged to its end never goes. Those that go are copied first where they are moved, and the copy is
compared; then the database says so; then the file is removed. A kill leaves a file too many, which the next run removes.
"""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from crawler.errors import ArgumentError
from storage.archive.record import day_of, is_quiet
from storage.data_dir import AlreadyRunning, DataDir
from storage.disk import copy_file, put_in_place
from storage.segments import is_merged, merged_segments, note_pruned
from storage.store import open_store


@dataclass(frozen=True, slots=True)
class Keep:
    """What stays. With both bounds a segment goes that either lets go."""

    before: date | None = None
    """Segments begun before this day (UTC) go. Null: age lets none go."""
    bytes: int | None = None
    """The newest segments of so many bytes stay, of all that are looked at. Null: size lets none go."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A closed segment that is merged to its end."""

    path: Path
    name: str
    begun_on: date
    size: int


@dataclass(slots=True)
class Pruned:
    """What one source lost, or would lose. `busy`: a crawl holds it, and it was left alone."""

    source: str
    segments: int = 0
    size: int = 0
    busy: str | None = None


def folders_of(kept: DataDir, names: Sequence[str]) -> list[str]:
    """The folders of the archive that are named, or all; `ArgumentError` for a name without one."""
    found = sorted(path.name for path in kept.segments.glob("*/"))
    if unknown := [name for name in names if name not in found]:
        raise ArgumentError(f"{unknown[0]}: {kept.segments} has no folder of that name")
    return [name for name in found if not names or name in names]


def candidates(
    kept: DataDir, folders: Sequence[str], keep: Keep, wait_s: float, today: date
) -> list[Segment]:
    """The segments that go, oldest first. What today's or yesterday's runs may still add to does not."""
    with open_store(kept, wait_s) as store:
        merged = merged_segments(store.connection)
    whole = sorted(
        (each for folder in folders for each in _merged_in(kept, folder, merged)),
        key=lambda each: (each.begun_on, each.name),
    )
    room = keep.bytes
    stay: set[str] = set()
    for each in reversed(whole):
        if room is not None:
            room -= each.size
        is_young = keep.before is None or each.begun_on >= keep.before
        is_growing = is_quiet(each.name) and each.begun_on >= today - timedelta(days=1)
        if is_growing or (is_young and (room is None or room >= 0)):
            stay.add(each.name)
    return [each for each in whole if each.name not in stay]


def prune(
    kept: DataDir, segments: Iterable[Segment], to: Path | None, wait_s: float, now: datetime
) -> Iterator[Pruned]:
    """Take the segments out of the archive, source by source; into the folder `to`, or away."""
    by_source: dict[str, list[Segment]] = {}
    for each in segments:
        by_source.setdefault(each.path.parent.name, []).append(each)
    for source, its in by_source.items():
        done = Pruned(source)
        try:
            with kept.source_lock(source):
                there = [each for each in its if each.path.exists()]
                if to is not None:
                    for each in there:
                        _copy(each, to)
                with open_store(kept, wait_s) as store, store.transaction():
                    # Once more, under the lock: a quiet one may have grown since it was chosen.
                    merged = merged_segments(store.connection)
                    there = [each for each in there if is_merged(each.path, each.name, merged)]
                    note_pruned(store, [each.name for each in there], str(to) if to else None, now)
                for each in there:
                    each.path.unlink()
                    done.segments, done.size = done.segments + 1, done.size + each.size
        except AlreadyRunning as error:
            done.busy = str(error)
        yield done


def folder_for(text: str, kept: DataDir) -> Path:
    """The folder to move to, made where it is missing; `ArgumentError` for one that cannot be it."""
    folder = Path(text).expanduser().resolve()
    if folder.is_relative_to(kept.segments.resolve()):
        raise ArgumentError(f"--to {text}: lies in the archive itself")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArgumentError(f"--to {text}: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ArgumentError(f"--to {text}: cannot be written")
    return folder


def today() -> date:
    """The day by which segments are named."""
    return datetime.now(UTC).date()


def _merged_in(kept: DataDir, folder: str, merged: Mapping[str, int | None]) -> Iterator[Segment]:
    for path in (kept.segments / folder).glob("*.warc.gz"):
        name = f"{folder}/{path.name}"
        begun_on = day_of(name)
        if begun_on is not None and not path.is_symlink() and is_merged(path, name, merged):
            yield Segment(path, name, begun_on, path.stat().st_size)


def _copy(segment: Segment, to: Path) -> None:
    """Copy a segment into the folder, on the disk and compared; `ArgumentError` where another file has its name there."""
    place = to / segment.name
    try:
        place.parent.mkdir(exist_ok=True)
        if not place.exists():
            made = place.with_name(f"{place.name}.new")
            made.unlink(missing_ok=True)
            copy_file(segment.path, made)
            put_in_place(made, place)
        is_the_file_itself = place.samefile(segment.path)
        is_same = filecmp.cmp(segment.path, place, shallow=False)
    except OSError as error:
        raise ArgumentError(
            f"{place}: {error.strerror}; nothing of {segment.path.parent.name} was moved"
        ) from error
    if is_the_file_itself:  # by a link: to remove one is to remove both
        raise ArgumentError(f"{place} is {segment.path} itself, by a link; nothing was moved")
    if not is_same:
        raise ArgumentError(f"{place} is another file than {segment.name}, which stays where it is")
