"""Merging parts: what their readers found becomes rows, in one short writer, as if one run had read it all.

Complete parts are taken in any order and any number of times. A page whose neighbours decide what it is waits until all
parts of its task are complete: articles in several parts are joined then, wherever their pages lay. The folder is read
and never written, so that it can be merged into a second record, or lie on a disk that allows no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from crawler import __version__
from crawler.console.progress import Standing
from crawler.forget import admitted, is_kept_out, without_erased
from crawler.ingest.batches import Batches
from crawler.ingest.documents import Ingested, said
from crawler.ingest.known import Known
from crawler.processing.like_with_like import records_at
from crawler.processing.merger import Merger
from crawler.processing.workers import Read
from crawler.reprocess import Reprocess, Reprocessed
from crawler.shards.joining import Joining, Row, file_of, record_of, waiting_rows
from crawler.shards.rules import rules_of_all
from pipelines.article import Article, Page, Rejected
from pipelines.rules import digest
from storage import parquet
from storage.archive.record import Record
from storage.archive.writer import Group
from storage.batch import Sighting
from storage.ingested import Reached
from storage.parts import FORMAT, Completion, PartName, ReadAgain, ReadPage, Task, merging, tasks_in
from storage.publish import open_published
from storage.reprocess import Again, compare
from storage.tombstones import tombstones_of

_PART, _TASK = "part", "task"
"""What stands for the question in the note that a part, or what waited in its task, is merged."""


CHUNK_ARTICLES = 2_000
"""So many are merged together: bounds memory, how long the store is held, and what a kill costs. Four times as many as an
ingest takes, because their pages are not in memory; a fifth less work than in its chunks."""


@dataclass(slots=True)
class MergedParts:
    """What a merge did."""

    ingested: Ingested = field(default_factory=Ingested)
    reprocessed: dict[str, Reprocessed] = field(default_factory=dict)
    parts: int = 0
    """Parts that were merged."""
    waiting: list[str] = field(default_factory=list)
    """A line for each task that is not complete."""
    refused: list[str] = field(default_factory=list)
    """A line for what keeps parts from being merged: they are to be read again."""
    tasks: int = 0

    @property
    def has_ingested(self) -> bool:
        """Whether a part of files was merged."""
        return bool(self.ingested.documents or self.ingested.damaged or self.ingested.skipped)


@dataclass(slots=True)
class Merging:
    """One merge of a folder."""

    merger: Merger
    folder: Path
    found: MergedParts = field(default_factory=MergedParts)
    total: int = 0
    done: int = 0
    """Rows."""
    known: Known = field(init=False)
    """One for the whole merge: it knows what was merged and is not published yet."""
    _marks: set[str] = field(default_factory=set)
    """The same of the notes that a part, or what waited in a task, is merged."""
    _reread: set[tuple[str, str]] = field(default_factory=set)
    """(Source, segment) of those whose pages were read again and taken."""

    def __post_init__(self) -> None:
        self.known = Known(self.merger.data_dir)

    def close(self) -> None:
        """Let the published copy go."""
        self.known.close()

    def check(self) -> None:
        """`PartsRefused` where there is no such folder, or it holds something else."""
        tasks_in(self.folder)

    def run(self) -> MergedParts:
        """Take all that is complete. `PartBusy`: another process merges the folder."""
        with merging(self.folder):
            return self.take(tasks_in(self.folder))

    def take(self, tasks: Sequence[Task]) -> MergedParts:
        """Take what is complete of these tasks, in a folder that is this process's."""
        rules = rules_of_all(self.merger)
        for task in tasks:
            self._check(task, rules)
            if task.work == "ingest":
                self._ingest(task)
            else:
                self._reprocess(task)
        self.found.tasks += len(tasks)
        self.merger.publish()
        return self.found

    def take_part(self, part: Completion) -> None:
        """Take a part that has just been read, in a folder that is this process's; what waits in it goes on waiting."""
        if part.name.work == "ingest":
            self._ingest_part(part)
        else:
            self._reprocess_part(part, set(Reprocess(self.merger).segments([])))

    def standing(self) -> Standing:
        """How far it is, for the eye."""
        said = (f"{self.found.parts:,} parts merged", f"{self.done:,} pages")
        return Standing("merge", self.done, max(self.total, 1), said, self.done)

    def _check(self, task: Task, rules: str) -> None:
        """Leave out the parts that cannot be merged, and say what is missing."""
        for number, part in list(task.parts.items()):
            if why := self._fault(part, rules):
                self.found.refused.append(f"{part.name.words} of {self.folder}: {why}; read it again")
                del task.parts[number]
        for number in task.unreadable:
            words = PartName(task.work, task.task, number, task.of).words
            self.found.refused.append(
                f"{words} of {self.folder}: its completion file cannot be read; read it again"
            )
        if task.missing:
            what = "" if task.work == "ingest" else " of a reprocess"
            is_are = "is" if len(task.parts) == 1 else "are"
            self.found.waiting.append(
                f"{len(task.parts)} of {task.of} parts{what} {is_are} complete; waiting for {_numbers(task.missing)}"
            )

    def _fault(self, part: Completion, rules: str) -> str | None:
        if part.format != FORMAT:
            return f"it was read by Kabar {part.kabar}, whose parts this one ({__version__}) cannot read"
        if not part.is_sealed:
            return "its completion file was changed"
        if part.rules != rules:
            return (
                f"it was read by other rules than today's here (Kabar {part.kabar}; code, libraries, sources)"
            )
        return part.fault_in(self.folder, deeply=True)

    # --- files of others --------------------------------------------------------------------------

    def _ingest(self, task: Task) -> None:
        """Take the complete parts of an ingest that were not taken before; with the last, what waited."""
        for number in sorted(task.parts):
            self._ingest_part(task.parts[number])
        if task.missing:
            if waiting := sum(1 for part in task.parts.values() for _ in waiting_rows(self.folder, part)):
                self.found.waiting[-1] += f" ({waiting:,} pages wait with them)"
            return
        mark = digest([part.files["readings"].sha256 for _, part in sorted(task.parts.items())])
        if not self._is_taken(mark, _TASK):
            self._take(
                Joining(self.merger, self.folder, self.found.ingested).of(task),
                self._reached(mark, _TASK),
                *_whole(task),
            )

    def _ingest_part(self, part: Completion) -> None:
        """Take a part, but for what waits in it, unless that was done."""
        mark = f"{part.name} {part.files['readings'].sha256[:16]}"
        if self._is_taken(mark, _PART):
            return
        self._tell(part)
        rows = parquet.read(file_of(self.folder, part, "readings"), ReadPage, "NOT waits")
        self._take((((part, row), None) for row in rows), self._reached(mark, _PART))
        self.found.parts += 1

    def _tell(self, part: Completion) -> None:
        """Count what the reader of a part has met."""
        found = self.found.ingested
        found.documents += part.counts["documents"]
        found.skipped += part.counts["skipped"]
        found.unknown_hosts += part.counts["unknown_hosts"]
        found.damaged += [line for line in part.damaged if line not in found.damaged]
        others = (Path(each) for each in part.passed_over)
        found.passed_over += [each for each in others if each not in found.passed_over]

    def _is_taken(self, mark: str, what: str) -> bool:
        """Whether that was merged, by whomever; noted is that it is now."""
        is_taken = mark in self._marks or self.known.reached(mark, what) is not None
        self._marks.add(mark)
        return is_taken

    def _reached(self, mark: str, asked: str) -> Reached:
        return Reached(mark, asked, str(self.folder), None, datetime.now(UTC))

    def _take(self, rows: Iterable[Row], *reached: Reached) -> None:
        """Merge these rows, chunk by chunk; with the last it is noted how far that is."""
        chunks = _chunks(rows)
        chunk = next(chunks, [])
        while True:
            following = next(chunks, None)
            with self.merger.adding_pages():
                self.known.begin_chunk()
                batches = self._batches(chunk)
                if finished := batches.finish(reached if following is None else ()):
                    self.found.ingested.merged += self.merger.merge(finished)
            if following is None:
                return
            chunk = following

    def _batches(self, chunk: list[Row]) -> Batches:
        """What is new of a chunk; a row whose page was joined comes with it, to be read again."""
        result, known, batches = self.found.ingested, self.known, Batches(self.merger)
        erases = not tombstones_of(
            self.merger.data_dir.root
        ).is_empty  # asked anew: an erasure may come between
        news = known.news([_stub(row) for (_, row), _ in chunk])
        result.repeated += news.count(False)
        fresh = [each for each, is_new in zip(chunk, news, strict=True) if is_new]
        for (part, row), joint in fresh:
            if row.is_unchanged:
                continue
            page, results = joint, _read(self.merger, joint) if joint is not None else _results(row)
            if erases:
                page, results = _less_erased(
                    self.merger, joint or record_of(self.folder, part, row).page, results
                )
                if page is None:
                    result.reject(f"{row.file}: rejected, forgotten")
                    batches.keep_out(_stub(row))
                    continue
            is_repeated = row.url is None and known.has_texts(results)
            for each in results:
                if isinstance(each, Article):
                    known.note(each)
                else:
                    result.reject(f"{each.url or row.file}: {said(each)}")
            if is_repeated:
                result.repeated += 1
            elif page is not None:
                batches.add(page, Read(results))
            else:
                self._copy(part, row, results, batches)
        self._sight([(part, row) for (part, row), _ in fresh if row.is_unchanged], batches)
        self.done += len(chunk)
        return batches

    def _sight(self, looks: list[tuple[Completion, ReadPage]], batches: Batches) -> None:
        """Known articles that were found unchanged were there; of what is not known nothing is said."""
        result = self.found.ingested
        result.documents -= len(looks)
        for (part, row), is_known in zip(
            looks, self.known.articles([row.url for _, row in looks]), strict=True
        ):
            if row.url is None or not is_known:
                result.skipped += 1
                continue
            result.unchanged += 1
            self._copy(part, row, [], batches)

    def _copy(
        self, part: Completion, row: ReadPage, results: Sequence[Article | Rejected], batches: Batches
    ) -> None:
        """Copy a page's records as they stand."""
        with file_of(self.folder, part, "pages").open("rb") as file:
            file.seek(row.group_at)
            data = file.read(row.group_bytes)
        asked = row.fetch.asked or row.fetch.url
        sightings = [Sighting(asked, row.fetched_at)] if row.is_unchanged else []
        batches.add_group(Group(data, row.response_at - row.group_at), results, row.fetch, sightings)

    # --- the archive ------------------------------------------------------------------------------

    def _reprocess(self, task: Task) -> None:
        """Compare what complete parts of a reprocess found with the record."""
        due = set(Reprocess(self.merger).segments([]))
        for part in task.parts.values():
            self._reprocess_part(part, due)

    def _reprocess_part(self, part: Completion, due: set[tuple[str, str]]) -> None:
        """Take of a part the segments that are due: nobody has read them by today's rules and merged that."""
        again = Reprocess(self.merger)
        sizes = {(str(each["source"]), str(each["segment"])): each["bytes"] for each in part.inputs}
        # The published copy, which says what is due, may lag behind what this merge has taken.
        work = [each for each in sizes if each in due and each not in self._reread]
        self._reread |= {*work}
        found: dict[str, list[Again]] = {segment: [] for _, segment in work}
        for row in parquet.read(file_of(self.folder, part, "readings"), ReadAgain) if work else ():
            if row.segment in found:
                found[row.segment].append(Again(row.url, row.record_offset, tuple(_results(row))))
        rewritten = any(again.size(segment) != size for (_, segment), size in sizes.items())
        for source, segment in work:
            with self.merger.adding_pages():
                if again.size(segment) == sizes[source, segment]:
                    self._compare(again, source, segment, found[segment])
                else:
                    rewritten = True
        refusal = f"{part.name.words} of {self.folder}: segments were written anew or pruned meanwhile; read it again"
        if rewritten and refusal not in self.found.refused:
            self.found.refused.append(refusal)
        self.found.parts += bool(work)

    def _compare(self, again: Reprocess, source: str, segment: str, answers: list[Again]) -> None:
        with closing(open_published(self.merger.data_dir)) as copy:
            changes = compare(copy, segment, answers)
        new = {
            change.article.record_offset
            for change in changes.changed
            if not change.fields and change.article.record_offset is not None
        }
        records = records_at(self.merger.data_dir.segments, segment, new)
        pages = {record.page.record_offset or 0: record.page for record in records}
        changes = again.keep(source, segment, answers, changes, pages)
        self.found.reprocessed.setdefault(source, Reprocessed(source)).note(len(answers), changes)
        self.done += len(answers)


def _read(merger: Merger, page: Page) -> list[Article | Rejected]:
    ((_, results),) = merger.read_all([Record(page, "article")])
    return results


def _less_erased(
    merger: Merger, page: Page, results: list[Article | Rejected]
) -> tuple[Page | None, list[Article | Rejected]]:
    """The page without what was erased meanwhile, and its results; null: it is an erased article's own."""
    root = merger.data_dir
    left = admitted(root, page, "article")
    if left is not None and left is not page:
        results = _read(merger, left)
    results = without_erased(root, left or page, results)
    return (None if is_kept_out(results) else left), results


def _results(row: ReadPage | ReadAgain) -> list[Article | Rejected]:
    return [*row.articles, *row.rejections]


def _stub(row: ReadPage) -> Page:
    """As much of the page as tells whether it was brought before."""
    return Page(row.url, row.source, row.fetched_at, 0, (), b"")


def _whole(task: Task) -> list[Reached]:
    """The foreign WARCs that all parts together have read to their end, undamaged."""
    inputs = [each for part in task.parts.values() for each in part.inputs]
    broken = {each["file"] for each in inputs if not each["is_whole"]}
    whole = {each["file"]: each for each in inputs if each["file"] not in broken}
    now = datetime.now(UTC)
    return [Reached(key, each["asked"], each["path"], None, now) for key, each in whole.items()]


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows in chunks."""
    chunk: list[Row] = []
    size = 0
    for each in rows:
        chunk.append(each)
        size += max(1, len(each[0][1].articles))
        if size >= CHUNK_ARTICLES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _numbers(numbers: Sequence[int]) -> str:
    """2 and 4; 1 to 5; 1, 3 and 7 more."""
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    shown = [str(each) for each in islice(numbers, 8)]
    if more := len(numbers) - len(shown):
        return f"{', '.join(shown)} and {more} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
