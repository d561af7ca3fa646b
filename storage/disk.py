"""What reaches the disk, and in which order: a power cut finds a file as it was, or as it is to be."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path


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
                shutil.copyfileobj(reader, writer, 1 << 20)
            except OSError:
                target.unlink()
                raise
            return False
        return True
