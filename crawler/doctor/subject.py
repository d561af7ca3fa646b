"""What the doctor examines: one DATA_DIR with its source files, and how far to look."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from crawler.catalogue.load import load_catalogue
from crawler.catalogue.model import Catalogue
from storage.archive.record import OPEN_SUFFIX, is_there
from storage.data_dir import DataDir, lock_holder

LOOK_WAIT_S = 5.0
"""A merge is done in far less; who holds the store longer is worth a line."""


@dataclass(frozen=True)
class Subject:
    """What is examined. Nothing here is kept between two looks but the catalogue."""

    data_dir: DataDir
    source_dirs: Sequence[Path] = ()
    follow: Sequence[str] = ()
    wait_s: float = LOOK_WAIT_S
    every_segment: bool = False
    """Read all segments to their end."""
    at: datetime | None = None
    """The moment to take for now. Null: the clock's."""

    @cached_property
    def catalogue(self) -> Catalogue:
        """All sources; raises `SourceError`."""
        return load_catalogue(self.source_dirs, self.follow)

    @property
    def now(self) -> datetime:
        """The moment that everything is held against."""
        return self.at or datetime.now(UTC)

    @property
    def is_writable(self) -> bool:
        """Whether this process may change what is in the DATA_DIR."""
        return os.access(self.data_dir.root, os.W_OK | os.X_OK)

    @property
    def segments(self) -> list[Path]:
        """Every closed segment, by source and age."""
        return sorted(self.data_dir.segments.glob("*/*.warc.gz"))

    @property
    def leftovers(self) -> list[Path]:
        """Segments not closed, whose writer is dead."""
        return [path for path in self._open_segments if lock_holder(path) is None]

    @property
    def being_written(self) -> list[Path]:
        """Segments not closed, whose writer is alive."""
        return [path for path in self._open_segments if lock_holder(path) is not None]

    @property
    def _open_segments(self) -> list[Path]:
        return sorted(self.data_dir.segments.glob(f"*/*{OPEN_SUFFIX}"))

    @property
    def scratch_left(self) -> list[Path]:
        """Scratch files and half copies whose process is gone. A merge's own are safe under the store's lock."""
        root, store = self.data_dir.root, self.data_dir.store
        found = [path for path in sorted(self.data_dir.scratch.glob("*")) if not _is_alive(path)]
        return found + sorted(root.glob("*.new")) + sorted(root.glob(f"{store.name}.tmp"))

    def name_of(self, segment: Path) -> str:
        """A segment's name, as the store has it."""
        return str(segment.relative_to(self.data_dir.segments))

    def has(self, segment: str) -> bool:
        """Whether the file of a segment is in its folder, closed or not."""
        return is_there(self.data_dir.segments, segment)

    def hold_store(self) -> AbstractContextManager[None]:
        """The store's lock, where it may be taken at all; raises `DatabaseBusy`."""
        return self.data_dir.exclusive_store(self.wait_s) if self.is_writable else nullcontext()


def _is_alive(path: Path) -> bool:
    """Whether the process whose number stands in a scratch file's name is at work."""
    numbers = [part for part in path.name.replace(".", "-").split("-") if part.isdigit()]
    return any(Path(f"/proc/{number}").exists() for number in numbers[:1])
