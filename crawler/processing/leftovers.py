"""What a kill, or a busy store, left in the folders of segments: found without listing what is settled, and read.

`crawler.processing.merger` merges it. A folder that `storage.settled` has noted is not looked into; one that a living
process crawls is that one's business.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Iterable, Mapping
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from storage import segments, settled
from storage.archive.record import OPEN_SUFFIX
from storage.archive.recover import recover
from storage.batch import Batch
from storage.connection import Store
from storage.data_dir import AlreadyRunning, DataDir, lock_holder
from storage.publish import has_news, merged_segments
from storage.segments import is_merged

if TYPE_CHECKING:
    from crawler.processing.merger import Merger

logger = logging.getLogger(__name__)


def left_behind(merger: Merger, held: str | None, others: bool) -> Iterable[Batch]:
    """Every segment that waits, read, and marked in the ledger; the caller merges one before it asks for the next.

    `held` is the source whose lock the caller has. Not `others`: only its folder is looked into.
    """
    data_dir = merger.data_dir
    line = settled.begin(data_dir)
    folders = [
        folder
        for folder in settled.unsettled_folders(data_dir)
        if folder.name == held or (others and not _is_crawled(data_dir, folder.name))
    ]
    if not folders:
        return
    looks = {folder.name: settled.seal(folder) for folder in folders}  # before they are listed
    # Too few known to be merged do no harm: merging again changes nothing. But a copy that may have more than the
    # store, which came back from a backup, is no reason to look no more.
    is_sure = not has_news(data_dir)
    merged = merged_segments(data_dir, list(looks)) or {}
    if any(_waiting(folder, merged) for folder in folders):
        # Segments that other processes merged but have not published yet are not read again.
        with merger.publishing_every(math.inf).open_store() as store:
            is_sure, merged = True, segments.merged_segments(store.connection, list(looks))
    left = [folder for folder in folders if _has_left(folder, merged)]
    if line is not None and is_sure:
        clean = looks.keys() - {folder.name for folder in left}
        settled.note(data_dir, line, {name: look for name in clean if (look := looks[name]) is not None})
    for folder in left:
        try:
            with nullcontext() if folder.name == held else data_dir.source_lock(folder.name, settling=True):
                yield from _left_in(merger, folder, merged)
        except AlreadyRunning:
            continue


def seal(data_dir: DataDir, store: Store, source: str) -> None:
    """Seal the folder of a source whose crawl ends, if nothing in it waits: the next command need not list it."""
    folder = data_dir.segments / source
    look = settled.seal(folder)
    if look is not None and not _has_left(folder, segments.merged_segments(store.connection, [source])):
        store.sealed[source] = look


def _left_in(merger: Merger, folder: Path, merged: Mapping[str, int | None]) -> Iterable[Batch]:
    for path in sorted(folder.glob(f"*{OPEN_SUFFIX}")):
        if recovered := recover(path):
            logger.info("recovered %s, left open by a run that was killed", recovered.name)
    for path in _waiting(folder, merged):
        batch, marks = merger.batch(path, merged.get(f"{folder.name}/{path.name}") or 0)
        with closing(merger.open_ledger()) as ledger:
            ledger.mark(marks)
        yield batch


def _is_crawled(data_dir: DataDir, source: str) -> bool:
    return lock_holder(data_dir.locks / f"{source}.lock") is not None


def _has_left(folder: Path, merged: Mapping[str, int | None]) -> bool:
    return any(folder.glob(f"*{OPEN_SUFFIX}")) or bool(_waiting(folder, merged))


def _waiting(folder: Path, merged: Mapping[str, int | None]) -> list[Path]:
    """The closed segments of a source that are not merged, or not to their end, oldest first."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except FileNotFoundError:  # removed since it was found
        return []
    return [
        folder / name
        for name in names
        if name.endswith(".warc.gz") and not is_merged(folder / name, f"{folder.name}/{name}", merged)
    ]
