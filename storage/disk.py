"""What reaches the disk, and in which order: a power cut finds a file as it was, or as it is to be."""

from __future__ import annotations

import os
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
