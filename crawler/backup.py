"""A copy of what cannot be had again, taken while crawls run, and a DATA_DIR made of it.

The database is copied first, then the ledger, then the segments: whatever comes in meanwhile is in the backup as pages that
wait, or is asked for again. The first two are put in their places last: a run that is killed leaves the backup as it was, with
further pages that wait. What was erased here since is erased there, in segments that only the backup has, too; until that is
done the backup is not finished.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.errors import ArgumentError
from pipelines.withhold import Words
from storage import tombstones
from storage.archive.record import ArchiveError
from storage.archive.rewrite import STAGED, Erasure, stage
from storage.backup import closed_segments, copy_if_changed, left_over, staged_copy, staged_ledger
from storage.data_dir import DataDir, DataDirError
from storage.disk import put_in_place, put_text
from storage.tombstones import Tombstones, tombstones_of

MANIFEST = "kabar-backup.json"
DATABASE = "store.duckdb"
SINGLE = (
    "born",
    "kabar.toml",
    "actors.csv",
    "actors.toml",
    "unnoted.json",
    "untold.json",
    tombstones.FILE,
    tombstones.KEY,
    "segments/chain.txt",
)
"""Files of the DATA_DIR that are copied as they are, where they are there."""
_FOLDERS = ("stamps", "records", "digests")
"""Folders that are copied: of the chain, stamps and lists of records of segments that were written anew; and digests with their marks."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds now. `copied`: files that were new or had changed."""

    segments: int
    copied: int
    bytes: int
    only_here: int
    """Segments that the DATA_DIR has no more: pruned ones."""
    cleaned: int
    """Of those, the ones from which erased articles were taken."""
    is_finished: bool
    """False: an erasure came between, so what was copied before it may hold what it erased."""


def back_up(
    kept: DataDir, folder: Path, source_dirs: Sequence[Path], version: str, now: datetime
) -> BackedUp:
    """Bring a backup up to date. `ArgumentError` for a folder that holds something else, or lies in the DATA_DIR."""
    _check(kept, folder)
    folder.mkdir(parents=True, exist_ok=True)
    note = {"kabar": version, "from": str(kept.root), "at": now.astimezone(UTC).isoformat()}
    before = _erasures(kept)
    if not (folder / MANIFEST).exists() or before != (_erased_in(folder), False):
        put_text(folder / MANIFEST, json.dumps(note | {"finished": False}))
    staged = _staged(kept, folder)
    names = list(closed_segments(kept.segments))
    copied = sum(
        copy_if_changed(kept.segments / name, folder / "segments" / name)
        for name in names
        if (kept.segments / name).exists()
    )
    copied += _copy(kept, folder, source_dirs, staged)
    for made, place in staged:
        put_in_place(made, place)
    only_here = sorted({*closed_segments(folder / "segments")} - {*names})
    cleaned = _erase_in(folder, only_here, tombstones_of(kept.root))
    is_finished = before == _erasures(kept) and not kept.forgetting.exists()
    put_text(folder / MANIFEST, json.dumps(note | {"finished": is_finished}))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return BackedUp(len(names), copied, size, len(only_here), cleaned, is_finished)


def _erasures(kept: DataDir) -> tuple[str, bool]:
    """What is erased so far, and whether something is being erased."""
    return _erased_in(kept.root), kept.forgetting.exists()


def _erased_in(folder: Path) -> str:
    try:
        return (folder / tombstones.FILE).read_text("utf-8")
    except FileNotFoundError:
        return ""


def _check(kept: DataDir, folder: Path) -> None:
    if not kept.root.exists():
        raise ArgumentError(f"DATA_DIR {kept.root}: there is nothing to back up")
    if folder.resolve().is_relative_to(kept.root.resolve()):
        raise ArgumentError(f"{folder}: lies in the DATA_DIR itself")
    if folder.exists() and not folder.is_dir():
        raise ArgumentError(f"{folder}: is no folder")
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
        raise ArgumentError(f"{folder}: holds something else than a backup of ours; name another folder")
    other = _note(folder).get("from") if (folder / MANIFEST).exists() else None
    if other is not None and other != str(kept.root):
        raise ArgumentError(f"{folder}: is the backup of {other}; name another folder")


def _staged(kept: DataDir, folder: Path) -> list[tuple[Path, Path]]:
    """Copies of the database and the ledger that wait beside their places, with these; what has not changed is not copied."""
    found = []
    if kept.published.exists():
        found.append((staged_copy(kept.published, folder / DATABASE), folder / DATABASE))
    if kept.ledger.exists():
        found.append((staged_ledger(kept.ledger, folder / "ledger.sqlite"), folder / "ledger.sqlite"))
    return [(made, place) for made, place in found if made is not None]


def _copy(
    kept: DataDir, folder: Path, source_dirs: Sequence[Path], staged: Sequence[tuple[Path, Path]]
) -> int:
    """Copy everything else but the segments, and remove what is none of it; how many files were copied, staged ones included."""
    copied = len(staged)
    there = {DATABASE, "ledger.sqlite", MANIFEST, *(made.name for made, _ in staged)}
    for name in SINGLE:
        if (kept.root / name).is_file():
            copied += copy_if_changed(kept.root / name, folder / name)
            there.add(name)
    for inner in _FOLDERS:
        for path in sorted((kept.root / inner).glob("*.*")):
            copied += copy_if_changed(path, folder / inner / path.name)
            there.add(f"{inner}/{path.name}")
    for number, sources in enumerate(source_dirs, 1):
        for path in sorted(sources.glob("*.toml")) if sources.is_dir() else ():
            name = f"sources/{number}/{path.name}"
            copied += copy_if_changed(path, folder / name)
            there.add(name)
    for path in left_over(folder, there):
        path.unlink()
    return copied


def _erase_in(folder: Path, names: Sequence[str], stones: Tombstones) -> int:
    """Take what is erased out of segments that only the backup has."""
    if stones.is_empty:
        return 0
    erasure = Erasure(frozenset(), frozenset(), Words((), frozenset()), frozenset(), judge=stones.has_address)
    sources = {stone.source for stone in stones.all()}
    cleaned = 0
    for name in names:
        path = folder / "segments" / name
        if name.partition("/")[0] not in sources:
            continue
        try:
            if stage(path, name, erasure) is not None:
                put_in_place(path.with_name(path.name + STAGED), path)
                cleaned += 1
        except ArchiveError as error:
            raise ArgumentError(f"{error}: it may hold an article that was forgotten") from error
    return cleaned


def _note(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ArgumentError(f"{folder}: holds no backup of ours ({MANIFEST} cannot be read)") from error
    return found if isinstance(found, dict) else {}


def restore(kept: DataDir, folder: Path) -> int:
    """Make an empty DATA_DIR of a backup; the number of its segments. The next command publishes.

    One that was killed is gone on with; until it is finished every other command refuses the DATA_DIR. Tombstones that
    lie in the DATA_DIR stay, with those of the backup: what was erased since is to be erased again.
    `ArgumentError` for what is no finished backup, `DataDirError` for a DATA_DIR that holds something.
    """
    if not folder.is_dir():
        raise ArgumentError(f"--restore {folder}: no such folder")
    note = _note(folder)
    if not note.get("finished"):
        raise ArgumentError(f"--restore {folder}: the backup is not finished; run scrapy backup once more")
    begun = kept.restored_from()
    if begun is not None and begun != str(folder.resolve()):
        kept.check_restored()
    if begun is None and any(
        (kept.root / name).exists() for name in ("store.duckdb", "news.duckdb", "ledger.sqlite", "born")
    ):
        raise DataDirError(f"DATA_DIR {kept.root} holds something: a backup is restored into an empty one")
    kept.create()
    put_text(kept.restoring, str(folder.resolve()))
    segments = list(closed_segments(folder / "segments"))
    for name in segments:
        copy_if_changed(folder / "segments" / name, kept.segments / name)
    try:
        tombstones_of(kept.root).adopt(Tombstones(folder))
    except ValueError as error:
        raise DataDirError(f"{error}: the tombstones of DATA_DIR {kept.root} are of another one") from error
    for name in (*SINGLE, "ledger.sqlite"):
        if name not in (tombstones.FILE, tombstones.KEY) and (folder / name).is_file():
            copy_if_changed(folder / name, kept.root / name)
    for inner in _FOLDERS:
        for path in sorted((folder / inner).glob("*.*")):
            copy_if_changed(path, kept.root / inner / path.name)
    if (folder / "sources").is_dir():
        shutil.copytree(folder / "sources", kept.root / "sources", dirs_exist_ok=True)
    if (folder / DATABASE).is_file():  # last: a DATA_DIR without it is not restored yet
        copy_if_changed(folder / DATABASE, kept.store)
    kept.restoring.unlink()
    return len(segments)
