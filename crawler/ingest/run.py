"""The chain over files: what is read of them, and what is copied into our own segments.

What a path holds is decided in `files`, which records are pages in `documents`; reading and merging are those of every
other caller.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from crawler.catalogue.model import Source
from crawler.console.progress import Standing
from crawler.errors import ArgumentError
from crawler.forget import admitted
from crawler.ingest.batches import Batches
from crawler.ingest.documents import Documents, Ingested, Step, as_revisit, said
from crawler.ingest.files import Piece, held_by, in_reading_order
from crawler.ingest.joining import joined
from crawler.ingest.known import Known
from crawler.processing.merger import Merger
from crawler.processing.workers import Read
from pipelines.article import NOT_MODIFIED, Article, Page, Rejected
from storage.archive.record import Record

logger = logging.getLogger(__name__)

CHUNK_PAGES = 500
"""So many pages are read, archived and merged together: bounds memory, and what a kill costs."""
CHUNK_BYTES = 64 << 20
"""Or fewer, where they are large."""
CHUNK_RECORDS = 50_000
"""After so many records that were passed over, it is noted how far the file is read: some seconds of work."""


@dataclass(slots=True)
class Ingest:
    """One run over some paths. `source` and `url` are given for single documents; null: found out."""

    merger: Merger
    source: Source | None = None
    url: str | None = None
    known_hosts: bool = False
    """Keep only pages of hosts that a source names."""
    result: Ingested = field(default_factory=Ingested)
    total_bytes: int = 0
    documents: Documents = field(init=False)

    def __post_init__(self) -> None:
        folder = self.merger.data_dir.root
        self.documents = Documents(
            self.merger.catalogue, self.source, self.url, self.known_hosts, folder, self.result
        )

    def files(self, paths: list[Path]) -> list[Path]:
        """The documents at these paths; `ArgumentError` for one that cannot be read, before any is."""
        held = [held_by(path) for path in paths]
        files = [file for each in held for file in each.files]
        self.result.passed_over += [file for each in held for file in each.others]
        if self.url and len(files) != 1:
            raise ArgumentError(f"--url is for a single document, and these are {len(files)}")
        return files

    def run(self, files: list[Path]) -> Ingested:
        """Ingest the files in reading order."""
        files = in_reading_order(files)
        self.total_bytes = sum(file.stat().st_size for file in files)
        with closing(Known(self.merger.data_dir)) as known:
            for chunk in chunks_of(self.documents.steps(map(Piece.whole, files), known.reached)):
                with self.merger.adding_pages():
                    known.begin_chunk()
                    self._take(chunk, known)
        self.merger.publish()
        return self.result

    def standing(self) -> Standing:
        """How far the run is, for the eye."""
        found, read_bytes = self.result, self.documents.read_bytes
        kept = found.merged.new + found.merged.edited
        said = (
            f"{read_bytes / 1e6:,.1f} of {self.total_bytes / 1e6:,.1f} MB",
            f"{found.documents:,} read",
            f"{kept:,} kept",
        )
        looked = found.documents + found.unchanged + found.skipped + found.unknown_hosts
        return Standing("ingest", read_bytes, self.total_bytes, said, looked)

    # --- reading and keeping ----------------------------------------------------------------------

    def _take(self, chunk: list[Step], known: Known) -> None:
        batches = Batches(self.merger)
        documents = [(step.file, step.record) for step in chunk if step.record]
        whole = self._admitted(joined(self.merger, documents), batches)
        news = known.news([record.page for _, record in whole])
        fresh = [each for each, is_new in zip(whole, news, strict=True) if is_new]
        self.result.documents -= len(documents) - len(whole)
        self.result.repeated += len(whole) - len(fresh)
        self._read(fresh, known, batches)
        self._sight(
            [record.page for _, record in fresh if record.page.status == NOT_MODIFIED], known, batches
        )
        reached = {(step.reached.file, step.reached.asked): step.reached for step in chunk if step.reached}
        if finished := batches.finish(tuple(reached.values())):
            self.result.merged += self.merger.merge(finished)

    def _admitted(self, whole: list[tuple[Path, Record]], batches: Batches) -> list[tuple[Path, Record]]:
        """The documents without what was erased of them, and without the erased articles' own."""
        found = []
        for file, record in whole:
            page = admitted(self.merger.data_dir, record.page, record.role)
            if page is None:
                self.result.reject(f"{file}: rejected, forgotten")
                batches.keep_out(record.page)
            else:
                found.append((file, record if page is record.page else replace(record, page=page)))
        return found

    def _read(self, fresh: list[tuple[Path, Record]], known: Known, batches: Batches) -> None:
        pages = [each for each in fresh if each[1].page.status != NOT_MODIFIED]
        files = iter([file for file, _ in pages])
        for record, read in self.merger.read_to_archive(record for _, record in pages):
            file, results = next(files), read.results
            is_repeated = record.page.url is None and known.has_texts(results)
            for result in results:
                if isinstance(result, Rejected):
                    self.result.reject(f"{result.url or file}: {said(result)}")
                else:
                    known.note(result)
            if any(isinstance(each, Rejected) and each.reason == "forgotten" for each in results) and not (
                any(isinstance(each, Article) for each in results)
            ):
                batches.keep_out(record.page)
                continue
            if is_repeated:
                self.result.repeated += 1
                continue
            batches.add(record.page, read)

    def _sight(self, pages: list[Page], known: Known, batches: Batches) -> None:
        """Known articles that were found unchanged were there; of what is not known nothing is said."""
        self.result.documents -= len(pages)
        for page, is_known in zip(pages, known.articles([page.url for page in pages]), strict=True):
            if page.url is None or not is_known:
                self.result.skipped += 1
                continue
            self.result.unchanged += 1
            batches.add(as_revisit(page), Read([]))


def chunks_of(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """The steps in chunks, each with its documents; of what was passed over the last of each file alone."""
    chunk: list[Step] = []
    pages = size = looked = 0
    for step in steps:
        looked += 1
        if chunk and chunk[-1].record is None and chunk[-1].file == step.file:
            chunk.pop()
        chunk.append(step)
        if step.record:
            pages += 1
            size += len(step.record.page.body)
        if pages >= CHUNK_PAGES or size >= CHUNK_BYTES or looked >= CHUNK_RECORDS:
            yield chunk
            chunk, pages, size, looked = [], 0, 0, 0
    if chunk:
        yield chunk
