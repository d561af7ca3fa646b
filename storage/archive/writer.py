"""The writer of one segment: a page is appended in one write, and a kill can tear only the end of the file."""

from __future__ import annotations

import fcntl
import io
import logging
import os
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pipelines.article import Page
from storage.archive.quiet import QUIET_BYTES, Span, fold
from storage.archive.record import (
    OPEN_SUFFIX,
    Role,
    is_folder_name,
    metadata_record,
    request_record,
    response_record,
    segment_name,
    warcinfo_record,
)
from storage.disk import sync

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Group:
    """What one append writes for a page: whole gzip members, of which its response is the last."""

    data: bytes
    response_at: int
    """Where in it the response begins."""


class SegmentWriter:
    """Writes one segment of one source. The file carries `.open` until it is closed.

    The lock on the open file tells a living writer's segment from one that a kill left behind.
    """

    def __init__(self, segments: Path, source: str, now: datetime) -> None:
        if not is_folder_name(source):
            raise ValueError(f"{source!r} names no folder")
        folder = segments / source
        folder.mkdir(parents=True, exist_ok=True)
        self.name = segment_name(source, now)
        self._segments, self._source = segments, source
        self._final = segments / self.name
        self._path = self._final.with_name(self._final.name + OPEN_SUFFIX)
        self._file = _locked_file(self._path)
        self.pages = 0
        self.size = 0
        self._write(warcinfo_record(self.name, now))

    def append(self, page: Page, role: Role = "article", group: Group | None = None) -> Page:
        """Write the page's group and return the page with the place it stands at; not yet fsynced.

        `group`: what `group_of` makes of the page. Null: it is made here.
        """
        offset = self.append_group(group or group_of(page, role))
        return replace(page, segment=self.name, record_offset=offset)

    def append_group(self, group: Group) -> int:
        """Write a page's group and return the place its response stands at; not yet fsynced."""
        offset = self.size + group.response_at
        self._write(group.data)
        self.pages += 1
        return offset

    def flush(self) -> None:
        """Wait until everything appended is on the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> str | None:
        """Finish the file and return its name; an empty one is removed (null)."""
        if not self.pages:
            self._path.unlink()
            self._file.close()
            return None
        self.flush()
        self._path.rename(self._final)
        sync(self._final.parent)
        self._file.close()
        return self.name

    def fold(self, now: datetime) -> Span | None:
        """Finish the file as a part of today's quiet segment, and return that; null: it was closed instead.

        Not of the day on which it was begun: once that is over, the chain has its quiet segment. It is closed where it is
        empty or large, and where the disk has no room for the longer file.
        """
        if self.pages and self.size <= QUIET_BYTES:
            self.flush()
            try:
                span = fold(self._segments, self._source, now.astimezone(UTC).date(), self._path)
            except OSError as error:
                logger.info("%s stays a segment of its own: %s", self.name, error)
            else:
                self._file.close()
                return span
        self.close()
        return None

    def _write(self, data: bytes) -> None:
        """Append all of `data`, or nothing: behind half a group nothing could be read any more."""
        written = 0
        try:
            while written < len(data):
                written += self._file.write(data[written:])
        except OSError:
            self._file.truncate(self.size)
            self._file.seek(self.size)
            raise
        self.size += len(data)


def group_of(page: Page, role: Role = "article") -> Group:
    """What one append writes for a page."""
    record_id = f"<urn:uuid:{uuid.uuid4()}>"
    before = [metadata_record(page, role, record_id)]
    before += [request_record(page, record_id)] if page.asked_with else []
    before += [response_record(part, f"<urn:uuid:{uuid.uuid4()}>", part_of=record_id) for part in page.parts]
    data = b"".join(before)
    return Group(data + response_record(page, record_id), len(data))


def _locked_file(path: Path) -> io.FileIO:
    """A new file, locked; made again where `recover` took it for a leftover before the lock was ours."""
    while True:
        file = io.FileIO(path, "xb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if path.exists():
            return file
        file.close()
