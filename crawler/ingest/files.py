"""What a path holds: which of its files can be read, and the WARCs within a WACZ.

Decides by names; what a file really is, its reading says.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from crawler.errors import ArgumentError
from storage.archive.reader import is_zstd
from storage.archive.record import ArchiveError
from storage.ingested import content_key, file_key
from storage.parts import is_part_file

WARC_ENDINGS = (".warc", ".warc.gz", ".warc.zst")
WACZ_ENDINGS = (".wacz",)
PAGE_ENDINGS = (".html", ".htm")
TEXT_ENDINGS = (".txt",)
ENDINGS = (*WARC_ENDINGS, *WACZ_ENDINGS, *PAGE_ENDINGS, *TEXT_ENDINGS)
MOST_UNPACKED = 200
"""No WARC is so many times smaller in a WACZ than outside of it: what says so is made to fill a disk."""


@dataclass(frozen=True, slots=True)
class Held:
    """The files at a path, a folder's in the order of their names. Those whose name begins with a dot are nobody's."""

    files: tuple[Path, ...]
    others: tuple[Path, ...] = ()
    """Files of a kind that is not read, links that lead nowhere, and what is no file."""


@dataclass(frozen=True, slots=True)
class Warc:
    """A WARC file, or one within a WACZ."""

    name: Path
    """Where it lies, for the eye: within a WACZ behind the name of that."""
    key: str
    """What it is known by, as `file_key` gives it."""
    size: int
    opened: Callable[[], AbstractContextManager[Path]]
    """Gives the path to read it from; `ArchiveError` where there is none."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or the part of a WARC whose records begin from `begin` on and before `end`."""

    file: Path
    size: int
    """In bytes."""
    begin: int = 0
    end: int | None = None
    """Null: its end."""

    @classmethod
    def whole(cls, file: Path) -> Piece:
        """All of a file."""
        return cls(file, file.stat().st_size)

    @property
    def span(self) -> tuple[int, int] | None:
        """The bytes in which its records begin; null: it is all of the file."""
        if self.begin == 0 and self.end is None:
            return None
        return self.begin, sys.maxsize if self.end is None else self.end


def is_warc(file: Path) -> bool:
    """Whether a file is a WARC by its name."""
    return file.name.lower().endswith(WARC_ENDINGS)


def is_wacz(file: Path) -> bool:
    """Whether a file is a WACZ by its name: a zip archive of WARCs and their indexes."""
    return file.name.lower().endswith(WACZ_ENDINGS)


def is_text(file: Path) -> bool:
    """Whether a file is a plain text by its name."""
    return file.name.lower().endswith(TEXT_ENDINGS)


def in_reading_order(files: Iterable[Path]) -> list[Path]:
    """Archives as they are given, then single files by name and content: what has no address is known by its words
    only where the page that has them was read before."""
    return sorted(files, key=lambda file: (True, *name_key(file)) if is_single(file) else (False,))


def is_single(file: Path) -> bool:
    """Whether a file is one document, not an archive of many."""
    return not is_warc(file) and not is_wacz(file)


def name_key(file: Path) -> tuple[str, str, str]:
    """What files are ordered by, wherever they lie: name, content, and the path where both are the same. `ArgumentError` as `bytes_of`."""
    bytes_of(file, 1)
    return file.name, content_key(file), str(file)


def held_by(path: Path) -> Held:
    """The documents at a path; `ArgumentError` where there are none."""
    if path.is_dir():
        # What parts hold is `scrapy merge`'s: a folder of parts within would be another task for each of their readers.
        below = sorted(file for file in _files_below(path) if not is_hidden_or_of_parts(file.name))
        files = tuple(file for file in below if file.is_file() and file.name.lower().endswith(ENDINGS))
        if not files:
            raise ArgumentError(f"{path}: the folder holds no {', '.join(ENDINGS)}")
        return Held(files, tuple(file for file in below if file not in set(files)))
    if not path.exists():
        raise ArgumentError(f"{path}: no such file or folder")
    if not path.is_file():  # a pipe would be waited for
        raise ArgumentError(f"{path}: neither a file nor a folder")
    if not path.name.lower().endswith(ENDINGS):
        raise ArgumentError(f"{path}: not one of {', '.join(ENDINGS)}")
    bytes_of(path, 1)
    return Held((path,))


def is_hidden_or_of_parts(name: str) -> bool:
    """Whether a file of a folder is no document of it, and nobody needs to be told."""
    return name.startswith(".") or is_part_file(name)


def bytes_of(file: Path, most: int = -1) -> bytes:
    """The first bytes of a file, or all; `ArgumentError` where it cannot be read."""
    try:
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise ArgumentError(f"{file}: cannot be read: {error.strerror}") from error


def warc_of(file: Path) -> Warc:
    """A WARC that is a file of its own."""
    return Warc(file, file_key(file), file.stat().st_size, lambda: _checked(file))


def warcs_in(file: Path, folder: Path) -> Iterator[Warc]:
    """The WARCs in a WACZ; each is unpacked into `folder` while it is read. `ArchiveError`: there are none."""
    try:
        with zipfile.ZipFile(file) as packed:
            members = [each for each in packed.infolist() if is_warc(Path(each.filename))]
            for member in members:
                yield Warc(
                    file / member.filename,
                    f"{file_key(file)} {member.filename}",
                    member.compress_size,
                    lambda member=member: _unpacked(packed, member, file, folder),  # type: ignore[misc]
                )
    except (zipfile.BadZipFile, OSError) as error:
        raise ArchiveError(f"{file} is no WACZ, or a damaged one: {error}") from error
    if not members:
        raise ArchiveError(f"{file} holds no WARC")


def _checked(file: Path) -> AbstractContextManager[Path]:
    """The file itself, where it is what its name says."""
    if file.name.lower().endswith(".zst") and not is_zstd(bytes_of(file, 4)):
        raise ArchiveError(f"{file} is no zstd file")
    return nullcontext(file)


@contextmanager
def _unpacked(packed: zipfile.ZipFile, member: zipfile.ZipInfo, file: Path, folder: Path) -> Iterator[Path]:
    """One file of a zip archive as a file without a name: a kill leaves nothing of it."""
    if member.file_size > MOST_UNPACKED * max(member.compress_size, 1):
        raise ArchiveError(f"{file} holds {member.file_size} bytes in {member.compress_size}")
    with tempfile.TemporaryFile(dir=folder) as unpacked:
        try:
            with packed.open(member) as whole:
                shutil.copyfileobj(whole, unpacked, 1 << 20)
        except (zipfile.BadZipFile, EOFError, zlib.error, RuntimeError, NotImplementedError) as error:
            raise ArchiveError(f"{file} is damaged in {member.filename}: {error}") from error
        unpacked.flush()
        yield Path(f"/proc/self/fd/{unpacked.fileno()}")


def _files_below(folder: Path) -> Iterator[Path]:
    """All in it but its folders, of which it gives what is in them; `ArgumentError` for one that cannot be read."""

    def refuse(error: OSError) -> None:
        raise ArgumentError(f"{error.filename}: cannot be read: {error.strerror}") from error

    # Not by rglob, which passes over such a folder without a word.
    for below, _, names in os.walk(folder, onerror=refuse):
        yield from (Path(below, name) for name in names)
