"""What reaches the disk, and in which order: a power cut finds a file as it was, or as it is to be."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


def open_own(path: Path) -> int:
    """A file of ours, open for reading and writing, made where it is missing. `OSError` (ELOOP): a link stands there.

    A DATA_DIR may be shared: what a link that somebody put there leads to is not ours to write into.
    """
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)


MIN_FREE_BYTES = 1 << 30


def room(root: Path, store: Path) -> tuple[int, int]:
    """Free bytes of the disk of a DATA_DIR, and how many are wanted: for a crawl, and for another copy of the store."""
    there = root if root.exists() else next(above for above in root.parents if above.exists())
    wanted = max(MIN_FREE_BYTES, 2 * store.stat().st_size if store.exists() else 0)
    return shutil.disk_usage(there).free, wanted


def put_text(place: Path, text: str) -> None:
    """Give a small file this text, whole or not at all; no link that stands in the way is followed.

    Of two processes that give it one at once, each gives it whole, and the later one's stays.
    """
    made = place.with_name(f"{place.name}.new")
    with _alone_in(place.parent):
        made.unlink(missing_ok=True)  # left by a kill, or put there
        with made.open("x", encoding="utf-8") as file:
            file.write(text)
        os.replace(made, place)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process puts a text there."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system that has no such locks
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def remove(path: Path) -> None:
    """Remove what stands there: a file, a folder with all in it, or a link, and then not what it leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def put_in_place(made: Path, place: Path) -> None:
    """Give a finished file its place, whatever stood there: whole or not at all, and for good when this returns."""
    sync(made)
    os.replace(made, place)
    sync(place.parent)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


_FICLONE = 0x40049409
"""Linux's ioctl that makes a file share another's blocks (reflink): a copy for nothing."""


def copy_file(source: Path, target: Path) -> bool:
    """Copy into a new file, by reflink where the file system can; a copy that finds no room is removed."""
    with source.open("rb") as reader, target.open("xb") as writer:
        try:
            fcntl.ioctl(writer, _FICLONE, reader.fileno())
        except OSError:
            try:
                _copy_bytes(reader, writer)
            except OSError:
                target.unlink()
                raise
            return False
        return True


_AT_ONCE = 4 << 20
_LARGE = 64 << 20
_BLOCK = 4096


def _copy_bytes(reader: BinaryIO, writer: BinaryIO) -> None:
    """Copy all bytes; those of a large file go to the disk past the page cache, where the file system can.

    The cache would have to find room for all of them, and write them out all the same: 1.9 s of CPU a GB, and 0.2 without.
    """
    size = os.fstat(reader.fileno()).st_size
    buffer = memoryview(mmap.mmap(-1, _AT_ONCE))  # a page's beginning, as such a file wants it
    is_direct = size >= _LARGE and _set_direct(writer, True)
    place = 0
    while count := os.preadv(reader.fileno(), [buffer], place):
        done = 0
        while done < count:
            if is_direct and (count - done) % _BLOCK:  # the end of the file, or what little room there is
                is_direct = _set_direct(writer, False)
            try:
                done += os.pwrite(writer.fileno(), buffer[done:count], place + done)
            except OSError as error:
                if not is_direct or error.errno != errno.EINVAL:
                    raise
                is_direct = _set_direct(writer, False)
        place += count


def _set_direct(writer: BinaryIO, wanted: bool) -> bool:
    """Have a file written past the page cache, or not; returns which it is."""
    flags = fcntl.fcntl(writer, fcntl.F_GETFL)
    try:
        fcntl.fcntl(writer, fcntl.F_SETFL, flags | os.O_DIRECT if wanted else flags & ~os.O_DIRECT)
    except OSError:  # a file system that knows no such thing
        return False
    return wanted
