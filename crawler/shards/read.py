"""Reading a part: what it is to do, as a value that any machine can be given, and the doing.

Needs no ledger and no network; of the record, files need nothing, and the archive its published copy and its segments.
A part that is complete is not read again; one that was left is read from its beginning.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler import __version__
from crawler.catalogue.model import Source
from crawler.console.progress import Standing
from crawler.errors import ArgumentError
from crawler.forget import admitted, emptied, is_kept_out, kept_out
from crawler.ingest.documents import Documents, Ingested, as_revisit
from crawler.ingest.files import Piece, is_single, name_key
from crawler.processing.merger import Merger
from crawler.processing.outcomes import fetch_of
from crawler.processing.workers import Reading
from crawler.reprocess import Reprocess
from crawler.shards.rules import rules_of_all
from crawler.shards.split import Shard, pieces_of, share_of
from pipelines.article import NOT_MODIFIED, OK, Article, Page, Rejected
from pipelines.page.parts import numbered
from pipelines.rules import digest
from storage.archive.record import Record, warcinfo_record
from storage.archive.writer import Group, group_of
from storage.parquet import ValueFile
from storage.parts import Attempt, Completion, PartName, ReadAgain, ReadPage, attempt, completion_of
from storage.publish import is_of_other_code, open_published

Watch = Callable[[Standing], None]
"""Is told how far the reading is."""


@dataclass(frozen=True, slots=True)
class FilesPart:
    """A part of some files. `source`, `url`, `known_hosts`: as for a `scrapy ingest` of all of them."""

    folder: Path
    """Where parts lie."""
    name: PartName
    rules: str
    pieces: tuple[Piece, ...]
    source: Source | None
    url: str | None
    known_hosts: bool
    passed_over: tuple[str, ...]
    waiting: frozenset[str] = frozenset()
    """Its single files that wait: what else is read with them may have their words."""

    @property
    def size(self) -> int:
        """Bytes to be read."""
        return sum(piece.size for piece in self.pieces)

    def complete(self, merger: Merger) -> Completion | None:
        """What an earlier reading by the same rules left; null: it is to be read."""
        return _standing(self.folder, self.name, self.rules)

    def read(self, merger: Merger, watch: Watch | None = None) -> Completion:
        """Read it, unless that is done. `PartBusy`: another process reads it."""
        if found := self.complete(merger):
            return found
        with attempt(self.folder, self.name) as made:
            return self.complete(merger) or _FilesReading(self, merger, made, watch).run()


@dataclass(frozen=True, slots=True)
class ArchivePart:
    """A part of the archive: its segments, each with the source that it is of."""

    folder: Path
    name: PartName
    rules: str
    segments: tuple[tuple[str, str], ...]
    """(Source, segment)"""
    size: int
    """Bytes to be read."""

    def complete(self, merger: Merger) -> Completion | None:
        """What an earlier reading by the same rules left, if it has all these segments as they are; null: it is to be read."""
        found = _standing(self.folder, self.name, self.rules)
        if found is None:
            return None
        had = {(each["segment"], each["bytes"]) for each in found.inputs}
        return found if had.issuperset(self._sizes(merger)) else None

    def _sizes(self, merger: Merger) -> list[tuple[str, int | None]]:
        """(Segment, bytes), as they are now."""
        return [(segment, Reprocess(merger).size(segment)) for _, segment in self.segments]

    def read(self, merger: Merger, watch: Watch | None = None) -> Completion:
        """Read it, unless that is done. `PartBusy`: another process reads it."""
        if found := self.complete(merger):
            return found
        with attempt(self.folder, self.name) as made:
            return self.complete(merger) or self._read(merger, made, watch)

    def _read(self, merger: Merger, made: Attempt, watch: Watch | None) -> Completion:
        sizes = dict(self._sizes(merger))
        readings = ValueFile(ReadAgain, made.path("ndjson"))
        again = Reprocess(merger)
        pages = 0
        for number, (source, segment) in enumerate(self.segments):
            with closing(open_published(merger.data_dir)) as copy:
                found, _ = again.read(copy, source, segment)
            for each in found:
                articles, rejections = _sorted(each.results)
                readings.append(ReadAgain(segment, each.offset, each.url, articles, rejections))
            pages += len(found)
            if watch:
                of = len(self.segments)
                said = (f"{number + 1:,} of {of:,} segments", f"{pages:,} pages read")
                watch(Standing(self.name.words, number + 1, of, said, pages))
        readings.finish(made.path("parquet"))
        return made.complete(
            __version__,
            self.rules,
            {"readings": made.path("parquet")},
            {"segments": len(self.segments), "pages": pages},
            [
                {"source": source, "segment": segment, "bytes": sizes[segment]}
                for source, segment in self.segments
            ],
        )


Part = FilesPart | ArchivePart


@dataclass(slots=True)
class FilesTask:
    """A `scrapy ingest` in parts. `files`: in the order in which every reader lays them end to end."""

    merger: Merger
    folder: Path
    files: list[Path]
    source: Source | None
    url: str | None
    known_hosts: bool
    passed_over: list[Path]

    @property
    def size(self) -> int:
        """Bytes to be read, all in all."""
        return sum(file.stat().st_size for file in self.files)

    def parts(self, shards: Sequence[Shard]) -> list[Part]:
        """What each of these parts is to do."""
        # As `in_reading_order`, but the archives by their names, too: each machine may list them otherwise.
        keyed = sorted((is_single(file), name_key(file), file) for file in self.files)
        files = [file for _, _, file in keyed]
        catalogue = self.merger.catalogue
        asked = Documents(catalogue, self.source, self.url, self.known_hosts, self.folder, Ingested()).asked()
        rules = rules_of_all(self.merger)
        known = [key[:2] for _, key, _ in keyed]
        contents = Counter(content for _, content in known)
        has_archives = not all(alone for alone, _, _ in keyed)
        waiting = {
            file
            for alone, (_, content, _), file in keyed
            if alone and (has_archives or contents[content] > 1)
        }
        found: list[Part] = []
        for of in shards:
            task = digest(["ingest", asked, self.url, of.of, known])
            pieces = tuple(pieces_of(files, of))
            found.append(
                FilesPart(
                    self.folder,
                    PartName("ingest", task, number=of.number, of=of.of),
                    rules,
                    pieces,
                    self.source,
                    self.url,
                    self.known_hosts,
                    tuple(map(str, self.passed_over)),
                    frozenset(str(piece.file) for piece in pieces if piece.file in waiting),
                )
            )
        return found


@dataclass(slots=True)
class ArchiveTask:
    """A `scrapy reprocess` in parts, of the sources named or of all, as the published copy stands."""

    merger: Merger
    folder: Path
    sources: list[str]

    @property
    def size(self) -> int:
        """Bytes to be read, all in all."""
        return sum(self._sizes(self._work()))

    def parts(self, shards: Sequence[Shard]) -> list[Part]:
        """What each of these parts is to do."""
        work = self._work()
        sizes = self._sizes(work)
        rules = rules_of_all(self.merger)
        found: list[Part] = []
        for shard in shards:
            task = digest(["reprocess", sorted(self.sources), shard.of])
            mine = share_of(work, sizes, shard)
            name = PartName("reprocess", task, shard.number, shard.of)
            found.append(ArchivePart(self.folder, name, rules, tuple(mine), sum(self._sizes(mine))))
        return found

    def _work(self) -> list[tuple[str, str]]:
        """All that other rules read. `ArgumentError`: the copy is by another Kabar, and says it in other tables."""
        data_dir = self.merger.data_dir
        if data_dir.published.exists() and is_of_other_code(data_dir):
            raise ArgumentError(
                f"{data_dir.published} is by another version of Kabar: scrapy ingest brings it up to date"
            )
        return Reprocess(self.merger).segments(self.sources)

    def _sizes(self, work: Sequence[tuple[str, str]]) -> list[int]:
        return [(self.merger.data_dir.segments / segment).stat().st_size for _, segment in work]


Task = FilesTask | ArchiveTask


class _FilesReading:
    """One reading of a part of files."""

    def __init__(self, part: FilesPart, merger: Merger, made: Attempt, watch: Watch | None) -> None:
        self._part, self._merger, self._made, self._watch = part, merger, made, watch
        self._found = Ingested()
        self._documents = Documents(
            merger.catalogue, part.source, part.url, part.known_hosts, part.folder, self._found
        )
        self._files: deque[tuple[Path, Page | None]] = deque()
        """Of each page that is being read its file, and what of it is admitted. Null: it is an erased article's."""
        self._warcs: dict[str, dict[str, Any]] = {}
        self._articles = 0

    def run(self) -> Completion:
        """Read it to its end."""
        made, part = self._made, self._part
        readings = ValueFile(ReadPage, made.path("ndjson"))
        with made.path("warc.gz").open("xb") as pages:
            pages.write(warcinfo_record(made.path("warc.gz").name, datetime.now(UTC)))
            for record, read in self._merger.read_to_archive(self._records()):
                file, admitted_page = self._files.popleft()
                page, results, group = as_revisit(record.page), read.results, read.group
                if admitted_page is None or is_kept_out(results):
                    page, results, group = emptied(page), [kept_out(page)], None
                group = group or group_of(page)
                may_be_known = page.url is None and (not is_single(file) or str(file) in part.waiting)
                row = _row_of(str(file), page, results, pages.tell(), group, may_be_known)
                pages.write(group.data)
                readings.append(row)
                self._articles += len(row.articles)
        readings.finish(made.path("parquet"))
        found = self._found
        counts = {
            "documents": found.documents,
            "articles": self._articles,
            "skipped": found.skipped,
            "unknown_hosts": found.unknown_hosts,
        }
        broken = [{"file": key, "is_whole": False} for key in sorted(self._documents.broken)]
        whole = [each for key, each in self._warcs.items() if key not in self._documents.broken]
        files = {"readings": made.path("parquet"), "pages": made.path("warc.gz")}
        inputs = whole + broken
        return made.complete(__version__, part.rules, files, counts, inputs, found.damaged, part.passed_over)

    def _records(self) -> Iterator[Record]:
        for step in self._documents.steps(self._part.pieces):
            if (reached := step.reached) is not None and reached.finished_at is not None:
                self._warcs[reached.file] = {
                    "file": reached.file,
                    "asked": reached.asked,
                    "path": reached.path,
                    "is_whole": True,
                }
            if self._watch:
                self._watch(self._standing())
            if step.record is not None:
                page = admitted(self._merger.data_dir, step.record.page, step.record.role)
                self._files.append((step.file, page))
                yield replace(step.record, page=page or emptied(step.record.page))

    def _standing(self) -> Standing:
        found, done = self._found, self._documents.read_bytes
        said = (
            f"{done / 1e6:,.1f} of {self._part.size / 1e6:,.1f} MB",
            f"{found.documents:,} read",
            f"{self._articles:,} articles",
        )
        looked = found.documents + found.skipped + found.unknown_hosts
        return Standing(self._part.name.words, done, self._part.size, said, looked)


def _row_of(
    file: str, page: Page, results: Reading, group_at: int, group: Group, may_be_known: bool
) -> ReadPage:
    """The row of one page, whose records stand in the part's WARC at `group_at`. `may_be_known`: by its words, as another's."""
    is_unchanged = page.status == NOT_MODIFIED
    articles, rejections = _sorted(results)
    return ReadPage(
        file,
        page.url,
        page.source,
        page.fetched_at,
        group_at,
        group_at + group.response_at,
        len(group.data),
        is_unchanged or may_be_known or _may_be_joined(page, results),
        is_unchanged,
        fetch_of(page, results),
        articles,
        rejections,
    )


def _may_be_joined(page: Page, results: Reading) -> bool:
    """Whether the page may be the first or a further part of an article whose other parts are pages of their own."""
    if page.url is None or page.document != "page" or page.status != OK:
        return False
    if numbered(page.url) is not None:
        return True
    return not all(isinstance(result, Article) and result.is_complete for result in results)


def _sorted(results: Sequence[Article | Rejected]) -> tuple[tuple[Article, ...], tuple[Rejected, ...]]:
    articles = tuple(each for each in results if isinstance(each, Article))
    return articles, tuple(each for each in results if isinstance(each, Rejected))


def _standing(folder: Path, name: PartName, rules: str) -> Completion | None:
    found = completion_of(folder, name)
    if found is None or found.rules != rules or not found.is_sealed or found.fault_in(folder, deeply=False):
        return None
    return found
