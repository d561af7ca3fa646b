"""The chain over files: which records are pages, whose they are, and what is copied into our own segments.

What a path holds is decided in `files`; reading and merging are those of every other caller.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from crawler.catalogue.model import Source
from crawler.console.progress import Standing
from crawler.errors import ArgumentError
from crawler.forget import admitted, kept_out
from crawler.ingest.files import Warc, bytes_of, held_by, is_text, is_wacz, is_warc, warc_of, warcs_in
from crawler.ingest.known import Known
from crawler.processing.merger import Merger
from crawler.processing.outcomes import fetch_of, sightings_of
from pipelines.address import address_key, host_of
from pipelines.article import NOT_MODIFIED, OK, Article, Link, Page, Rejected
from pipelines.body.extract import decode
from pipelines.lines.outlet import recognise
from pipelines.page.parts import MAX_PARTS, numbered
from pipelines.refuse import MAX_BODY_BYTES
from storage.archive import SegmentWriter
from storage.archive.reader import MAX_RECORD_BYTES, Passed, read_answers
from storage.archive.record import ArchiveError, Record
from storage.ingested import Reached
from storage.merge import Batch, Fetch, Merged, Sighting

logger = logging.getLogger(__name__)

CHUNK_PAGES = 500
"""So many pages are read, archived and merged together: bounds memory, and what a kill costs."""
CHUNK_BYTES = 64 << 20
"""Or fewer, where they are large."""
CHUNK_RECORDS = 50_000
"""After so many records that were passed over, it is noted how far the file is read: some seconds of work."""
CLOCKS_DIFFER = timedelta(days=1)
"""A WARC whose writer's clock was further ahead tells of no page: it would stay the newest version for years."""
TOLD = 20
"""Of what was rejected, so many are told one by one."""
_PAGE_KIND = re.compile(r"[^;]*html", re.IGNORECASE)
_OTHER_KIND = re.compile(
    r"\s*(?:image|video|audio|font|text|application|model|multipart|binary)/", re.IGNORECASE
)
_MARKUP = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)


@dataclass(slots=True)
class Ingested:
    """What an ingest did. `damaged` holds a line for each file that was not used whole."""

    merged: Merged = field(default_factory=Merged)
    documents: int = 0
    """What was read; further parts of an article in a WARC are one with it."""
    repeated: int = 0
    """Documents that an earlier ingest or crawl had brought already."""
    unchanged: int = 0
    """Known articles of which a WARC says that they were there and still the same."""
    skipped: int = 0
    """Records of a WARC that are no pages: pictures, scripts, redirects, what its writer cut short, what is yet to come."""
    unknown_hosts: int = 0
    """Records of hosts that were not asked for."""
    before: int = 0
    """WARC files that were read to their end by an earlier run."""
    refused: int = 0
    rejected: list[str] = field(default_factory=list)
    """The first of them, a line each."""
    damaged: list[str] = field(default_factory=list)
    passed_over: list[Path] = field(default_factory=list)
    """Files in the folders that are of a kind that is not read."""

    def reject(self, line: str) -> None:
        """Count a rejection; an archive may hold a million of them."""
        self.refused += 1
        if self.refused <= TOLD:
            self.rejected.append(line)


@dataclass(frozen=True, slots=True)
class _Step:
    """One step through the files: a document, or something passed over (null); and how far its WARC is read then."""

    file: Path
    record: Record | None
    reached: Reached | None = None


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
    read_bytes: int = 0
    """Of the files, as far as they are read."""

    def files(self, paths: list[Path]) -> list[Path]:
        """The documents at these paths; `ArgumentError` for one that cannot be read, before any is."""
        held = [held_by(path) for path in paths]
        files = [file for each in held for file in each.files]
        self.result.passed_over += [file for each in held for file in each.others]
        if self.url and len(files) != 1:
            raise ArgumentError(f"--url is for a single document, and these are {len(files)}")
        return files

    def run(self, files: list[Path]) -> Ingested:
        """Ingest the files in their order."""
        self.total_bytes = sum(file.stat().st_size for file in files)
        with closing(Known(self.merger.data_dir)) as known:
            for chunk in _chunks(self._steps(files, known)):
                known.begin_chunk()
                self._take(chunk, known)
        self.merger.publish()
        return self.result

    def standing(self) -> Standing:
        """How far the run is, for the eye."""
        found = self.result
        kept = found.merged.new + found.merged.edited
        said = (
            f"{self.read_bytes / 1e6:,.1f} of {self.total_bytes / 1e6:,.1f} MB",
            f"{found.documents:,} read",
            f"{kept:,} kept",
        )
        looked = found.documents + found.unchanged + found.skipped + found.unknown_hosts
        return Standing("ingest", self.read_bytes, self.total_bytes, said, looked)

    # --- what the files hold ----------------------------------------------------------------------

    def _steps(self, files: Iterable[Path], known: Known) -> Iterator[_Step]:
        asked = self._asked()
        for file in files:
            done = self.read_bytes
            if is_warc(file):
                yield from self._records(warc_of(file), asked, known)
            elif is_wacz(file):
                yield from self._within(file, asked, known)
            elif (size := file.stat().st_size) > MAX_RECORD_BYTES:
                self.result.damaged.append(f"{file}: too large for a page ({size} bytes)")
            else:
                self.result.documents += 1
                yield _Step(file, Record(self._document(file), "article"))
            self.read_bytes = done + file.stat().st_size

    def _within(self, file: Path, asked: str, known: Known) -> Iterator[_Step]:
        """The pages of the WARCs in a WACZ."""
        self.merger.data_dir.create()
        try:
            for warc in warcs_in(file, self.merger.data_dir.root):
                yield from self._records(warc, asked, known)
        except ArchiveError as error:
            self.result.damaged.append(str(error))

    def _records(self, warc: Warc, asked: str, known: Known) -> Iterator[_Step]:
        """The pages of a WARC, from where an earlier run left it; of one that was read to its end, none."""
        file = warc.name
        before = known.reached(warc.key, asked)
        if before and before.finished_at is not None:
            self.result.before += 1
            return
        reached = Reached(warc.key, asked, str(file), before.position if before else None)
        done, path = self.read_bytes, file
        try:
            with warc.opened() as path:
                for found in read_answers(path, self._wanted(), reached.position):
                    if found.position is None:
                        yield _Step(file, self._wanted_of(found))
                        continue
                    reached = replace(reached, position=found.position)
                    self.read_bytes = done + found.position.offset
                    yield _Step(file, self._wanted_of(found), reached)
        except ArchiveError as error:
            # Its end is not noted, so whoever ingests it again hears of the damage again.
            said = str(error).replace(str(path), str(file))
            self.result.damaged.append(f"{said}; what is whole is used")
            return
        self.read_bytes = done + warc.size
        yield _Step(file, None, replace(reached, finished_at=datetime.now(UTC)))

    def _wanted(self) -> Callable[[str], bool]:
        """Whether an address is asked for: decided by its host, before its page is looked at."""
        if self.source is not None or not self.known_hosts:
            return lambda url: True
        of_host: dict[str, bool] = {}

        def wanted(url: str) -> bool:
            host = "/".join(url.split("/", 3)[:3])
            if host not in of_host:
                of_host[host] = self.merger.catalogue.by_url(host) is not None
            return of_host[host]

        return wanted

    def _asked(self) -> str:
        """What is asked of a WARC, in a word: other sources, or other hosts of theirs, ask another question."""
        if self.source is not None:
            return f"source {self.source.name}"
        if not self.known_hosts:
            return "all"
        hosts = sorted(host for source in self.merger.catalogue.values() for host in source.hosts)
        return f"hosts {sha256(' '.join(hosts).encode()).hexdigest()[:16]}"

    def _wanted_of(self, found: Record | Passed) -> Record | None:
        """The record as one of its source's; null for what is no page, which is counted."""
        if isinstance(found, Passed):
            if found.why == "unwanted":
                self.result.unknown_hosts += 1
            else:
                self.result.skipped += 1
            return None
        page = found.page
        is_to_come = page.fetched_at > datetime.now(UTC) + CLOCKS_DIFFER
        if found.role == "discovery" or is_to_come or not _is_page(page):
            self.result.skipped += 1
            return None
        owner = self.source or (self.merger.catalogue.by_url(page.url) if page.url else None)
        if owner is None and self.known_hosts:  # it has no address at all
            self.result.unknown_hosts += 1
            return None
        self.result.documents += 1
        # A record's own word for its source counts nothing: whoever wrote the file wrote that too.
        name = owner.name if owner else host_of(page.url or "") or self._brand(page) or "unknown"
        return replace(found, page=replace(page, source=name))

    def _document(self, file: Path) -> Page:
        """A single file as a page: its source is the one given, that of its address, or of its brand."""
        body = bytes_of(file)
        owner = self.source or (self.merger.catalogue.by_url(self.url) if self.url else None)
        name = owner.name if owner else host_of(self.url or "") or "unknown"
        page = Page(
            url=self.url,
            source=name,
            fetched_at=datetime.now(UTC),
            status=OK,
            headers=(("Content-Type", "text/plain" if is_text(file) else "text/html"),),
            body=body,
            document="text" if is_text(file) else "page",
        )
        return replace(page, source=self._brand(page) or name) if owner is None else page

    def _brand(self, page: Page) -> str | None:
        """The source that a text without an address names as its own; null: none, or it is no text."""
        if page.url is not None or page.document != "text" or len(page.body) > MAX_BODY_BYTES:
            return None
        text = decode(page.body, None)
        return recognise(text, self.merger.catalogue.brands()) if isinstance(text, str) else None

    # --- reading and keeping ----------------------------------------------------------------------

    def _take(self, chunk: list[_Step], known: Known) -> None:
        batches = _Batches(self.merger)
        documents = [(step.file, step.record) for step in chunk if step.record]
        whole = self._admitted(self._joined(documents), batches)
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

    def _admitted(self, whole: list[tuple[Path, Record]], batches: _Batches) -> list[tuple[Path, Record]]:
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

    def _read(self, fresh: list[tuple[Path, Record]], known: Known, batches: _Batches) -> None:
        pages = [each for each in fresh if each[1].page.status != NOT_MODIFIED]
        files = iter([file for file, _ in pages])
        for record, results in self.merger.read_all(record for _, record in pages):
            file = next(files)
            for result in results:
                if isinstance(result, Rejected):
                    self.result.reject(f"{result.url or file}: {_said(result)}")
                else:
                    known.note(result)
            if any(isinstance(each, Rejected) and each.reason == "forgotten" for each in results) and not (
                any(isinstance(each, Article) for each in results)
            ):
                batches.keep_out(record.page)
                continue
            if record.page.url is None and known.has_texts(results):
                self.result.repeated += 1
                continue
            batches.add(record.page, results)

    def _sight(self, pages: list[Page], known: Known, batches: _Batches) -> None:
        """Known articles that were found unchanged were there; of what is not known nothing is said."""
        self.result.documents -= len(pages)
        for page, is_known in zip(pages, known.articles([page.url for page in pages]), strict=True):
            if page.url is None or not is_known:
                self.result.skipped += 1
                continue
            self.result.unchanged += 1
            batches.add(replace(page, link=page.link or Link(page.url, page.source, "revisit")), [])

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
        self._sightings: dict[str, list[Sighting]] = {}
        self._loose: list[Rejected] = []
        """Rejections of what no segment holds."""

    def keep_out(self, page: Page) -> None:
        """Note that an erased article came again; its page is not copied."""
        self._loose.append(kept_out(page))

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
        if self._loose:
            batches.append(Batch(rejections=tuple(self._loose)))
        if reached:
            last = batches.pop() if batches else Batch()
            batches.append(replace(last, reached=reached))
        return batches


def _is_page(page: Page) -> bool:
    """Whether an answer may be an article: no redirect, and no other kind of document by its type.

    A type that is missing, or is none, leaves it to how the document begins.
    """
    if page.document != "page" or page.status == NOT_MODIFIED:
        return True
    if page.status != OK and page.status < 400:
        return False
    kind = page.header("Content-Type") or ""
    if _PAGE_KIND.match(kind):
        return True
    return not _OTHER_KIND.match(kind) and _MARKUP.match(page.body[:4096]) is not None


def _with_parts(record: Record, parts: list[Page]) -> Record:
    return replace(record, page=replace(record.page, parts=tuple(parts))) if parts else record


def _said(rejected: Rejected) -> str:
    return f"rejected, {rejected.reason}" + (f" ({rejected.detail})" if rejected.detail else "")


def _chunks(steps: Iterable[_Step]) -> Iterator[list[_Step]]:
    """The steps in chunks, each with its documents; of what was passed over the last of each file alone."""
    chunk: list[_Step] = []
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
