"""What a chunk of documents brings the record: a segment of ours for each source, and the rows of its pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from crawler.processing.merger import Merger
from crawler.processing.outcomes import fetch_of, sightings_of
from pipelines.article import Article, Page, Rejected
from storage.archive import SegmentWriter
from storage.ingested import Reached
from storage.merge import Batch, Fetch, Sighting


class Batches:
    """What one chunk brings, a segment for each source."""

    def __init__(self, merger: Merger) -> None:
        self._merger = merger
        self._writers: dict[str, SegmentWriter] = {}
        self._articles: dict[str, list[Article]] = {}
        self._rejections: dict[str, list[Rejected]] = {}
        self._fetches: dict[str, list[Fetch]] = {}
        self._sightings: dict[str, list[Sighting]] = {}

    def add(self, page: Page, results: list[Article | Rejected]) -> None:
        """Copy the page into our segment of its source, and take its results with its new place."""
        name = page.source
        if name not in self._writers:
            self._merger.data_dir.create()
            self._writers[name] = SegmentWriter(self._merger.data_dir.segments, name, datetime.now(UTC))
            self._articles[name], self._rejections[name] = [], []
            self._fetches[name], self._sightings[name] = [], []
        placed = self._writers[name].append(page)
        for result in results:
            if isinstance(result, Article):
                self._articles[name].append(
                    replace(result, segment=placed.segment, record_offset=placed.record_offset)
                )
            else:
                self._rejections[name].append(result)
        self._fetches[name].append(fetch_of(placed, results))
        self._sightings[name] += sightings_of(placed)

    def finish(self, reached: tuple[Reached, ...]) -> list[Batch]:
        """Close the segments; their batches may be merged now, and with the last of them the files are so far read."""
        batches = [
            Batch(
                writer.close(),
                tuple(self._articles[name]),
                tuple(self._rejections[name]),
                tuple(self._fetches[name]),
                tuple(self._sightings[name]),
            )
            for name, writer in self._writers.items()
        ]
        if reached:
            last = batches.pop() if batches else Batch()
            batches.append(replace(last, reached=reached))
        return batches
