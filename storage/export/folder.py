"""The folder of an export: whether it is ours to write, and how it changes from one state to the next.

Everything new is made in a folder of its own inside it, complete and synced; then each file, and the articles' folder
as one, takes its place by a rename, `datapackage.json` last. A reader of a file finds the one before or the one
after. What a kill leaves is dropped by the next export or, once it is complete, put in its place.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import duckdb

from storage.data_dir import DataDirError, DiskFull, NoMemory, unwritable
from storage.disk import copy_file, put_text, remove, sync

MANIFEST: Final = "datapackage.json"
CRATE: Final = "ro-crate-metadata.json"
PARTITIONED: Final = "articles"
"""The one folder of an export: the articles in Parquet."""
_STAGE: Final = ".kabar-export"
_NEW: Final = ".new"
"""Files that are made have this ending, lest whoever reads all below the folder takes them for its own."""
_READY: Final = "ready.json"
"""Stands in the stage once everything is in it: what it holds, and what leaves with it."""


class ExportRefused(Exception):
    """The folder is not one that this export may write; the message is one line."""


class ExportBusy(Exception):
    """Another process is writing the folder; the message is one line."""


class ExportFolder:
    """An open folder of an export, or of one to be. `manifest`: of the export that stands there; null: none does."""

    def __init__(self, root: Path, manifest: Mapping[str, Any] | None) -> None:
        self.root = root
        self.manifest = manifest
        self.is_committed = False
        self._stage = root / _STAGE

    def begin(self, is_parted: bool) -> None:
        """Make room for what is new; `is_parted`: with the folder of articles, which may stay empty."""
        remove(self._stage)
        self._stage.mkdir()
        if is_parted:
            (self._stage / PARTITIONED).mkdir()

    @property
    def spill(self) -> Path:
        """What does not fit into the memory meanwhile."""
        return self._stage / "spill"

    def new(self, place: str) -> Path:
        """Where the file is made that is to stand at that place."""
        path = self._stage / f"{place}{_NEW}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, place: str) -> None:
        """Take a file of the export that stands there over into the next, as it is."""
        path = self.new(place)
        try:
            os.link(self.root / place, path)
        except OSError:  # a file system without links
            copy_file(self.root / place, path)

    def has(self, place: str) -> bool:
        """Whether anything stands there."""
        return (self.root / place).exists()

    def is_intact(self, place: str, size_bytes: int, digest: str, is_read: bool) -> bool:
        """Whether the file stands there as the manifest has it; `is_read`: to the last byte."""
        path = self.root / place
        try:
            if not is_read:
                return path.stat().st_size == size_bytes
            with path.open("rb") as opened:
                return hashlib.file_digest(opened, "sha256").hexdigest() == digest
        except OSError:
            return False

    def commit(self, places: Iterable[str], obsolete: Iterable[str], is_erased: bool) -> None:
        """Put what is made in its place, and take away what is obsolete (names in the folder itself), erased or not."""
        remove(self.spill)
        for path in self._stage.rglob("*"):
            sync(path)
        parted = self._stage / PARTITIONED
        ready = {
            "files": sorted(place for place in places if not place.startswith(f"{PARTITIONED}/")),
            "obsolete": sorted(obsolete),
            "articles": parted.stat().st_ino if parted.is_dir() else None,
        }
        put_text(self._stage / _READY, json.dumps(ready))
        sync(self._stage / _READY)
        sync(self._stage)
        _put_in_place(self.root)
        self.is_committed = True

    def drop(self) -> None:
        """Take away what was made, unless it was already on its way to its place: then the next export finishes that."""
        with suppress(OSError):
            if not (self._stage / _READY).exists():
                remove(self._stage)


@contextmanager
def open_folder(path: Path) -> Iterator[ExportFolder]:
    """The folder, made where it is missing, for this process alone. What is made in it and not committed is dropped.

    Raises `ExportRefused` where something else stands there, `ExportBusy` where another export is under way, `DiskFull`.
    """
    with explained(path):
        path = _usable(path)
        made = [each for each in (path, *path.parents) if not each.exists()]
    folder = None
    try:
        with explained(path):
            path.mkdir(parents=True, exist_ok=True)
            with held_alone(path, path):
                if (path / _STAGE / _READY).exists():
                    _put_in_place(path)
                folder = ExportFolder(path, _manifest_of(path))
                try:
                    yield folder
                finally:
                    folder.drop()
    finally:
        for each in [] if folder and folder.is_committed else made:
            with suppress(OSError):
                each.rmdir()


@contextmanager
def explained(root: Path) -> Iterator[None]:
    """Raise what keeps the block from writing there in one line."""
    try:
        yield
    except (OSError, duckdb.Error, MemoryError) as error:
        match unwritable(root, error):
            case DiskFull():
                raise DiskFull(
                    f"the disk of {root} is full: make room, then run the command again; an export that was there is intact"
                ) from error
            case NoMemory():
                raise NoMemory(
                    "there is not enough memory to export (ulimit -v, or other programs)"
                ) from error
            case DataDirError():
                raise ExportRefused(f"{root} cannot be written: {_first_line(error)}") from error
        if isinstance(error, OSError) and error.errno in (errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP):
            raise ExportRefused(f"{root} cannot be made: {error.strerror}") from error
        raise


def _first_line(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error).partition("\n")[0]


def _usable(path: Path) -> Path:
    """The path, absolute and without links; refused is what cannot be a folder that DuckDB writes into."""
    try:
        path = path.expanduser().resolve()
    except (OSError, RuntimeError) as error:
        raise ExportRefused(f"{path} cannot be made: {_first_line(error)}") from error
    if not _is_text(path):
        raise ExportRefused(f"{path}: the name is no UTF-8 text")
    if "\\" in str(path):
        raise ExportRefused(f"{path}: a backslash is no part of a name for DuckDB; choose another")
    if path.exists() and not path.is_dir():
        raise ExportRefused(f"{path} is no folder")
    return path


def _is_text(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeError:
        return False
    return True


@contextmanager
def held_alone(root: Path, name: object) -> Iterator[None]:
    """Hold the folder's lock, where its file system has locks. `ExportBusy`: another export has it, into what is called so."""
    fd = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ExportBusy(f"{name} is being written by another export") from error
        except OSError:
            pass
        yield
    finally:
        os.close(fd)


def _manifest_of(root: Path) -> Mapping[str, Any] | None:
    """The manifest of the export that stands there; null: nothing does. `ExportRefused` where something else does."""
    names = sorted(each.name for each in root.iterdir() if each.name != _STAGE)
    if not names:
        return None
    try:
        manifest = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
        is_ours = isinstance(manifest["kabar"]["arguments"], dict)
    except (OSError, ValueError, KeyError, TypeError):
        is_ours = False
    if not is_ours:
        raise ExportRefused(
            f"{root} holds something else than an export of Kabar's ({names[0]}): name another folder"
        )
    known = set(places_of(manifest))
    strange = [name for name in _files_below(root / PARTITIONED, root) if name not in known]
    if strange:
        raise ExportRefused(f"{root}/{strange[0]} is no part of the export there: move it elsewhere")
    return dict(manifest)


def places_of(manifest: Mapping[str, Any]) -> list[str]:
    """The files that a manifest names."""
    paths = (resource["path"] for resource in manifest["resources"])
    return [place for path in paths for place in ([path] if isinstance(path, str) else path)]


def _files_below(folder: Path, root: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(path.relative_to(root).as_posix() for path in folder.rglob("*") if not path.is_dir())


# --- the change ----------------------------------------------------------------------------------------


def _put_in_place(root: Path) -> None:
    """Finish what is ready, from wherever a kill stopped it: each step that is done already is passed over."""
    stage = root / _STAGE
    ready = json.loads((stage / _READY).read_text(encoding="utf-8"))
    if (stage / PARTITIONED).is_dir() and _number(root / PARTITIONED) != ready["articles"]:
        for path in list((stage / PARTITIONED).rglob(f"*{_NEW}")):
            path.rename(path.with_suffix(""))
        _exchange(stage / PARTITIONED, root / PARTITIONED)
    for place in sorted(ready["files"], key=lambda place: (place == MANIFEST, place)):
        with suppress(FileNotFoundError):
            os.replace(stage / f"{place}{_NEW}", root / place)
    for name in ready["obsolete"]:
        remove(root / name)
    sync(root)
    remove(stage)


def _number(folder: Path) -> int | None:
    """By which a folder is known wherever it stands; null: there is none."""
    try:
        return folder.stat().st_ino
    except FileNotFoundError:
        return None


_EXCHANGE: Final = 2
_HERE: Final = -100
"""RENAME_EXCHANGE and AT_FDCWD of Linux."""


def _exchange(made: Path, place: Path) -> None:
    """Give a folder its place; what stood there is then where it was made. In one step, where the system can."""
    if not place.exists():
        made.rename(place)
        return
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None or rename(_HERE, os.fsencode(made), _HERE, os.fsencode(place), _EXCHANGE) != 0:
        old = made.with_name(f"{made.name}.old")
        remove(old)
        place.rename(old)
        made.rename(place)
