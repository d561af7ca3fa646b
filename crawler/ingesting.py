"""The chain over files: what a path holds, whose it is, and what is copied into our own segments.

Decides which files and records are pages; reading and merging are those of every other caller.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from crawler.arguments import ArgumentError
from crawler.catalogue import Source
from crawler.merging import Merger, fetch_of
from pipelines.address import address_key, host_of
from pipelines.article import Article, Page, Rejected
from pipelines.dedupe import text_key
from pipelines.extract import decode
from pipelines.parts import MAX_PARTS, numbered
from pipelines.recognise import recognise
from storage.archive import ArchiveError, Record, SegmentWriter, read_segment
from storage.data_dir import DataDir
from storage.database import open_published, settle_publication
from storage.merge import Batch, Fetch, Merged

logger = logging.getLogger(__name__)

WARC_ENDINGS = (".warc", ".warc.gz")
PAGE_ENDINGS = (".html", ".htm")
TEXT_ENDINGS = (".txt",)
OK = 200
CHUNK_PAGES = 500
"""So many pages are read, archived and merged together: bounds memory, and what a kill costs."""
_OTHER_KINDS = ("image/", "video/", "audio/", "font/", "text/css", "text/javascript", "application/javascript",
                "application/x-javascript", "application/json", "application/xml", "text/xml", "text/plain",
                "application/rss")  # fmt: skip


@dataclass(slots=True)
class Ingested:
    """What an ingest did. `damaged` holds a line for each file that was not used whole."""

    merged: Merged = field(default_factory=Merged)
    documents: int = 0
    """What was read; further parts of an article in a WARC are one with it."""
    repeated: int = 0
    """Documents that an earlier ingest or crawl had brought already."""
    skipped: int = 0
    """Records of a WARC that are no pages (pictures, scripts), or of hosts that were not asked for."""
    rejected: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Ingest:
    """One run over some paths. `source` and `url` are given for single documents; null: found out."""

    merger: Merger
    source: Source | None = None
    url: str | None = None
    known_hosts: bool = False
    """Keep only pages of hosts that a source names."""
    result: Ingested = field(default_factory=Ingested)

    def files(self, paths: list[Path]) -> list[Path]:
        """The documents at these paths; `ArgumentError` for one that cannot be read, before any is."""
        files = [file for path in paths for file in files_of(path)]
        if self.url and len(files) != 1:
            raise ArgumentError(f"--url is for a single document, and these are {len(files)}")
        return files

    def run(self, files: list[Path]) -> Ingested:
        """Ingest the files in their order."""
        with closing(_Known(self.merger.data_dir)) as known:
            for chunk in _chunks(self._pages(files), CHUNK_PAGES):
                known.begin_chunk()
                self._take(chunk, known)
        settle_publication(self.merger.data_dir, self.merger.wait_s)
        return self.result

    # --- what the files hold ----------------------------------------------------------------------

    def _pages(self, files: Iterable[Path]) -> Iterator[tuple[Path, Record]]:
        for file in files:
            if file.name.endswith(WARC_ENDINGS):
                yield from ((file, record) for record in self._records(file))
            else:
                self.result.documents += 1
                yield file, Record(self._document(file), "article")

    def _records(self, file: Path) -> Iterator[Record]:
        try:
            for record in read_segment(file):
                page = record.page
                if record.role == "discovery" or _is_other_kind(page):
                    self.result.skipped += 1
                    continue
                owner = self.source or (self.merger.catalogue.by_url(page.url) if page.url else None)
                if owner is None and self.known_hosts:
                    self.result.skipped += 1
                    continue
                self.result.documents += 1
                name = owner.name if owner else page.source or (host_of(page.url) if page.url else "unknown")
                yield replace(record, page=replace(page, source=name))
        except ArchiveError as error:
            self.result.damaged.append(f"{error}; what stands before is used")

    def _document(self, file: Path) -> Page:
        """A single file as a page: its source is the one given, that of its address, or of its brand."""
        body = _bytes_of(file)
        is_text = file.name.endswith(TEXT_ENDINGS)
        owner = self.source or (self.merger.catalogue.by_url(self.url) if self.url else None)
        name = owner.name if owner else host_of(self.url) if self.url else "unknown"
        if owner is None and self.url is None and is_text:
            text = decode(body, None)
            name = (
                recognise(text, self.merger.catalogue.brands()) if isinstance(text, str) else None
            ) or "unknown"
        return Page(
            url=self.url,
            source=name,
            fetched_at=datetime.now(UTC),
            status=200,
            headers=(("Content-Type", "text/plain" if is_text else "text/html"),),
            body=body,
            document="text" if is_text else "page",
        )

    # --- reading and keeping ----------------------------------------------------------------------

    def _take(self, chunk: list[tuple[Path, Record]], known: _Known) -> None:
        whole = self._joined(chunk)
        fresh = [(file, record) for file, record in whole if known.is_new(record.page)]
        self.result.documents -= len(chunk) - len(whole)
        self.result.repeated += len(whole) - len(fresh)
        files = iter([file for file, _ in fresh])
        batches = _Batches(self.merger)
        for record, results in self.merger.read_all(record for _, record in fresh):
            file = next(files)
            for rejected in results:
                if isinstance(rejected, Rejected):
                    self.result.rejected.append(f"{rejected.url or file}: {_said(rejected)}")
            if record.page.url is None and known.has_texts(results):
                self.result.repeated += 1
                continue
            batches.add(record.page, results)
        if finished := batches.finish():
            self.result.merged += self.merger.merge(finished)

    def _joined(self, chunk: list[tuple[Path, Record]]) -> list[tuple[Path, Record]]:
        """The chunk with further parts joined to their article's first page.

        Another crawler keeps every part as a page of its own; which of them are its parts, the first says.
        """
        places: dict[str, list[int]] = {}
        for at, (_, record) in enumerate(chunk):
            if record.page.url and record.page.document == "page" and record.page.status == OK:
                places.setdefault(address_key(record.page.url), []).append(at)
        spelt = [numbered(record.page.url) for _, record in chunk if record.page.url]
        parts: dict[int, list[int]] = {}
        for article in {address_key(each[1]) for each in spelt if each}:
            for at in places.get(article, ()):
                parts[at] = self._parts_at(chunk[at][1].page, chunk, places)
        further = {place for found in parts.values() for place in found}
        return [
            (file, _with_parts(record, [chunk[place][1].page for place in parts.get(at, ())]))
            for at, (file, record) in enumerate(chunk)
            if at not in further
        ]

    def _parts_at(
        self, page: Page, chunk: list[tuple[Path, Record]], places: dict[str, list[int]]
    ) -> list[int]:
        """Where in the chunk the further parts of an article stand, in order, as far as there are any."""
        if page.parts:
            return []
        rules = self.merger.rules_of(page)
        found: list[int] = []
        left = list(self.merger.readers.further(page, rules).rest)
        while len(found) < min(len(left), MAX_PARTS - 1):
            here = places.get(address_key(left[len(found)]))
            if not here:
                break
            # Of several the one that was fetched with it.
            found.append(min(here, key=lambda at: abs(chunk[at][1].page.fetched_at - page.fetched_at)))
            part = chunk[found[-1]][1].page
            left += self.merger.readers.further(part, rules, page.url, len(found) + 1).rest[len(left) :]
        return found


class _Batches:
    """What one chunk brings, a segment for each source."""

    def __init__(self, merger: Merger) -> None:
        self._merger = merger
        self._writers: dict[str, SegmentWriter] = {}
        self._articles: dict[str, list[Article]] = {}
        self._rejections: dict[str, list[Rejected]] = {}
        self._fetches: dict[str, list[Fetch]] = {}

    def add(self, page: Page, results: list[Article | Rejected]) -> None:
        """Copy the page into our segment of its source, and take its results with its new place."""
        name = page.source
        if name not in self._writers:
            self._merger.data_dir.create()
            self._writers[name] = SegmentWriter(self._merger.data_dir.segments, name, datetime.now(UTC))
            self._articles[name], self._rejections[name], self._fetches[name] = [], [], []
        placed = self._writers[name].append(page)
        for result in results:
            if isinstance(result, Article):
                self._articles[name].append(
                    replace(result, segment=placed.segment, record_offset=placed.record_offset)
                )
            else:
                self._rejections[name].append(result)
        self._fetches[name].append(fetch_of(placed, results))

    def finish(self) -> list[Batch]:
        """Close the segments; their batches may be merged now."""
        return [
            Batch(
                writer.close(),
                tuple(self._articles[name]),
                tuple(self._rejections[name]),
                tuple(self._fetches[name]),
            )
            for name, writer in self._writers.items()
        ]


class _Known:
    """What was brought before, so that ingesting a page again copies nothing.

    The published copy knows it, but for what this run has merged since the last publish.
    """

    def __init__(self, data_dir: DataDir) -> None:
        self._data_dir = data_dir
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._copy: object = None
        self._unpublished: list[set[object]] = []
        """Of each chunk since, the answers and texts."""

    def begin_chunk(self) -> None:
        """Open the copy anew if it was replaced: it then has all chunks but perhaps the last."""
        copy = self._stamp()
        if copy != self._copy:
            self.close()
            with suppress(FileNotFoundError, duckdb.Error):
                self._connection = open_published(self._data_dir)
            self._copy, self._unpublished = copy, self._unpublished[-1:]
        self._unpublished.append(set())

    def is_new(self, page: Page) -> bool:
        """Whether this very answer comes for the first time."""
        question = "SELECT 1 FROM kept.fetches WHERE url = ? AND fetched_at = ? LIMIT 1"
        return page.url is None or not self._has((page.url, page.fetched_at), question)

    def has_texts(self, results: list[Article | Rejected]) -> bool:
        """Whether these texts, which have no address, are known word for word."""
        question = "SELECT 1 FROM kept.keys WHERE key = ? LIMIT 1"
        return bool(results) and all(
            isinstance(result, Article)
            and self._has((text_key(result.source, result.fingerprint),), question)
            for result in results
        )

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _has(self, key: tuple[object, ...], question: str) -> bool:
        """Whether the key is known; from now on it is."""
        if any(key in chunk for chunk in self._unpublished):
            return True
        self._unpublished[-1].add(key)
        return (
            self._connection is not None
            and self._connection.execute(question, list(key)).fetchone() is not None
        )

    def _stamp(self) -> object:
        try:
            found = self._data_dir.published.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns


def files_of(path: Path) -> list[Path]:
    """The documents at a path, a folder's in the order of their names; `ArgumentError` where there are none."""
    known = (*WARC_ENDINGS, *PAGE_ENDINGS, *TEXT_ENDINGS)
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.is_file() and file.name.endswith(known))
        if not found:
            raise ArgumentError(f"{path}: the folder holds no {', '.join(known)}")
        return found
    if not path.exists():
        raise ArgumentError(f"{path}: no such file or folder")
    if not path.name.endswith(known):
        raise ArgumentError(f"{path}: not one of {', '.join(known)}")
    _bytes_of(path, 1)
    return [path]


def _bytes_of(file: Path, most: int = -1) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise ArgumentError(f"{file}: cannot be read: {error.strerror}") from error


def _is_other_kind(page: Page) -> bool:
    """Whether the server itself called it something that no article is."""
    return page.document == "page" and (page.header("Content-Type") or "").lower().startswith(_OTHER_KINDS)


def _with_parts(record: Record, parts: list[Page]) -> Record:
    return replace(record, page=replace(record.page, parts=tuple(parts))) if parts else record


def _said(rejected: Rejected) -> str:
    return f"rejected, {rejected.reason}" + (f" ({rejected.detail})" if rejected.detail else "")


def _chunks(items: Iterable[tuple[Path, Record]], size: int) -> Iterator[list[tuple[Path, Record]]]:
    chunk: list[tuple[Path, Record]] = []
    for item in items:
        chunk.append(item)
        if len(chunk) >= size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
