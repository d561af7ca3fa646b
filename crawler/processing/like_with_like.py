"""Archived pages of known articles, read again before a look by other rules is compared with them.

A look by other rules differs from the last reading for one of two reasons: the outlet has edited the page, or
the rules read it otherwise. The archived page, read by today's rules, shows which. `storage.merge` decides what
that means for versions; this module only reads, before the store is locked, because reading is slow.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import duckdb

from crawler.processing.workers import Reading
from pipelines.article import Article
from storage.archive.reader import read_segment
from storage.archive.record import ArchiveError, Record
from storage.data_dir import DataDir, DataDirError, FileDamaged
from storage.publish import open_published
from storage.reprocess import Outdated, outdated

logger = logging.getLogger(__name__)

ReadAll = Callable[[Iterable[Record]], Iterable[tuple[Record, Reading]]]


def read_again(data_dir: DataDir, looks: Sequence[Article], read_all: ReadAll) -> tuple[Article, ...]:
    """The archived pages that these looks must be compared with, by today's rules, under the articles' ids.

    Looks into the published copy, which holds everything that ended commands have read. Leaves out a page that
    cannot be read or is no article any more: such a difference does not count as the outlet's edit.
    """
    places: dict[str, list[Outdated]] = {}
    for one in _outdated(data_dir, looks):
        places.setdefault(one.segment, []).append(one)
    found: list[Article] = []
    for segment, wanted in places.items():
        offsets = {one.record_offset for one in wanted}
        for record, results in read_all(records_at(data_dir.segments, segment, offsets)):
            here = [one for one in wanted if one.record_offset == record.page.record_offset]
            found += [article for one in here if (article := one.found_in(results))]
    return tuple(found)


def _outdated(data_dir: DataDir, looks: Sequence[Article]) -> list[Outdated]:
    if not looks:
        return []
    try:
        with closing(open_published(data_dir)) as copy:
            return outdated(copy, looks)
    except (FileNotFoundError, DataDirError, FileDamaged, duckdb.Error):
        return []  # nothing is published yet, or by a Kabar before this one, or it is damaged


def records_at(segments: Path, segment: str, offsets: set[int]) -> Iterator[Record]:
    """The records at these places of a segment, as far as it can be read."""
    left = set(offsets)
    try:
        for record in read_segment(segments / segment, segments):
            if record.page.record_offset in left:
                left.remove(record.page.record_offset)
                yield record
            if not left:
                return
    except (ArchiveError, OSError) as error:
        logger.warning("%s; of %d looks nobody can say whether the outlet has edited", error, len(left))
