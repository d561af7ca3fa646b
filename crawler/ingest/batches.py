"""What a chunk of documents brings the record: a segment of ours for each source, and the rows of its pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from crawler.forget import kept_out
from crawler.processing.merger import Merger
from crawler.processing.outcomes import fetch_of, sightings_of
from crawler.processing.workers import Read
from pipelines.article import Article, Page, Rejected
from storage.archive import SegmentWriter
from storage.archive.writer import Group, group_of
from storage.batch import Batch, Fetch, Sighting
from storage.ingested import Reached


class Batches:
    """What one chunk brings, a segment for each source."""

    def __init__(self, merger: Merger) -> None:
        self._merger = merger
        self._writers: dict[str, SegmentWriter] = {}
        self._articles: dict[str, list[Article]] = {}
        self._rejections: dict[str, list[Rejected]] = {}
        self._fetches: dict[str, list[Fetch]] = {}
        self._sightings: dict[str, list[Sighting]] = {}
        self._bands: dict[str, tuple[int, ...]] = {}
        self._loose: list[Rejected] = []
        """Rejections of what no segment holds."""

    def keep_out(self, page: Page) -> None:
        """Note that an erased article came again; its page is not copied."""
        self._loose.append(kept_out(page))

    def add(self, page: Page, read: Read) -> None:
        """Copy the page into our segment of its source, and take its results with its new place."""
        self._bands |= read.bands
        fetch = fetch_of(page, read.results)
        self.add_group(read.group or group_of(page), read.results, fetch, sightings_of(page))

    def add_group(
        self,
        group: Group,
        results: Sequence[Article | Rejected],
        fetch: Fetch,
        sightings: Sequence[Sighting],
    ) -> None:
        """The same of a page that was read before, whose records are copied as they stand."""
        name = fetch.source
        if name not in self._writers:
            self._merger.data_dir.create()
            self._writers[name] = SegmentWriter(self._merger.data_dir.segments, name, datetime.now(UTC))
            self._articles[name], self._rejections[name] = [], []
            self._fetches[name], self._sightings[name] = [], []
        writer = self._writers[name]
        offset = writer.append_group(group)
        for result in results:
            if isinstance(result, Article):
                self._articles[name].append(replace(result, segment=writer.name, record_offset=offset))
            else:
                self._rejections[name].append(result)
        self._fetches[name].append(fetch)
        self._sightings[name] += sightings

    def finish(self, reached: tuple[Reached, ...]) -> list[Batch]:
        """Close the segments; their batches may be merged now, and with the last of them the files are so far read."""
        batches = [
            Batch(
                writer.close(),
                tuple(self._articles[name]),
                tuple(self._rejections[name]),
                tuple(self._fetches[name]),
                tuple(self._sightings[name]),
                bands=self._bands,
            )
            for name, writer in self._writers.items()
        ]
        if self._loose:
            batches.append(Batch(rejections=tuple(self._loose)))
        if reached:
            last = batches.pop() if batches else Batch()
            batches.append(replace(last, reached=reached))
        return batches
