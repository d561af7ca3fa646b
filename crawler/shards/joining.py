"""Articles whose pages lie in several parts: they wait until the task is complete, and are joined then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crawler.ingest.documents import Ingested
from crawler.ingest.joining import joined
from crawler.processing.merger import Merger
from pipelines.address import address_key
from pipelines.article import Page
from pipelines.page.parts import numbered
from storage import parquet
from storage.archive.reader import read_segment
from storage.archive.record import Record
from storage.parts import Completion, ReadPage, Task

GROUPS_AT_ONCE = 200
"""Of so many articles in several parts the pages are in memory together."""

Row = tuple[tuple[Completion, ReadPage], Page | None]
"""A row with the part that it is of; and the whole page where it was joined."""


def file_of(folder: Path, part: Completion, kind: str) -> Path:
    """Where a part's file of that kind lies."""
    return folder / part.files[kind].name


def waiting_rows(folder: Path, part: Completion, has_address: bool | None = None) -> Iterator[ReadPage]:
    """The rows of a part that wait for its neighbours. `has_address`: those alone that have an address, or have none."""
    of_which = {None: "", True: " AND url IS NOT NULL", False: " AND url IS NULL"}[has_address]
    return parquet.read(file_of(folder, part, "readings"), ReadPage, f"waits{of_which}")


def record_of(folder: Path, part: Completion, row: ReadPage) -> Record:
    """The archived page of a row."""
    return next(read_segment(file_of(folder, part, "pages"), None, row.group_at))


@dataclass(frozen=True, slots=True)
class _Address:
    """Of a row, what says which article its page may be of."""

    url: str | None
    group_at: int


@dataclass(frozen=True, slots=True)
class Joining:
    """What waits in the parts of a folder. `found`: counts a page that becomes another's part as no document."""

    merger: Merger
    folder: Path
    found: Ingested

    def of(self, task: Task) -> Iterator[Row]:
        """What waited, with further parts joined to their article's first page, which comes with its parts; last, texts without an address."""
        several = self._several(task)
        joining = {place for places in several for place in places}
        for number, part in sorted(task.parts.items()):
            for row in waiting_rows(self.folder, part, has_address=True):
                if (number, row.group_at) not in joining:
                    yield (part, row), None
        for at in range(0, len(several), GROUPS_AT_ONCE):
            groups = several[at : at + GROUPS_AT_ONCE]
            rows = self._rows_at(task, {place for places in groups for place in places})
            for places in groups:
                yield from self._together([rows[place] for place in places])
        for _, part in sorted(task.parts.items()):
            yield from (((part, row), None) for row in waiting_rows(self.folder, part, has_address=False))

    def _several(self, task: Task) -> list[list[tuple[int, int]]]:
        """Of each article of which several pages wait, one of them by its address a further part, their places."""
        found: dict[str, list[tuple[int, int]]] = {}
        has_further: set[str] = set()
        for number, part in sorted(task.parts.items()):
            for row in parquet.read(
                file_of(self.folder, part, "readings"), _Address, "waits AND NOT is_unchanged"
            ):
                if row.url is None:
                    continue
                numbering = numbered(row.url)
                article = address_key(numbering[1] if numbering else row.url)
                found.setdefault(article, []).append((number, row.group_at))
                if numbering:
                    has_further.add(article)
        return [found[each] for each in found if each in has_further and len(found[each]) > 1]

    def _rows_at(
        self, task: Task, places: set[tuple[int, int]]
    ) -> dict[tuple[int, int], tuple[Completion, ReadPage]]:
        found = {}
        for number in {number for number, _ in places}:
            part = task.parts[number]
            offsets = ", ".join(str(at) for of, at in sorted(places) if of == number)
            for row in parquet.read(
                file_of(self.folder, part, "readings"), ReadPage, f"group_at IN ({offsets})"
            ):
                found[number, row.group_at] = (part, row)
        return found

    def _together(self, pages: list[tuple[Completion, ReadPage]]) -> Iterator[Row]:
        records = [record_of(self.folder, part, row) for part, row in pages]
        whole = joined(self.merger, [(Path(str(at)), record) for at, record in enumerate(records)])
        self.found.documents -= len(pages) - len(whole)
        for at, record in whole:
            yield pages[int(at.name)], record.page if record.page.parts else None
