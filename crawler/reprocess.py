"""The chain over what is archived: which pages are read again, and what is said of the difference.

Goes by segments, each in one transaction with its mark, so that a run that is killed goes on where it
was. What a difference does to the store is `storage.reprocess`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from typing import Any

import duckdb

from crawler.console.progress import Standing
from crawler.console.text import say
from crawler.processing.merger import Merger
from crawler.processing.outcomes import marks_of
from pipelines.article import NOT_MODIFIED, Article, Page, Rejected
from pipelines.rules import rules_version
from storage.archive.reader import whole_records
from storage.archive.record import Record, is_there
from storage.publish import ask, open_published
from storage.reprocess import Again, Change, Changes, Due, apply, compare, due, unread
from storage.segments import pruned_segments

EXAMPLES = 3
"""So many articles are shown of each fact that reads differently."""
SHOWN_REFUSED = 20
"""So many refused pages are shown."""
SHOWN_LINES = 8
"""So many lines of a difference are shown."""


@dataclass(slots=True)
class Reprocessed:
    """What reading one source's archive again did, or would do."""

    source: str
    segments: int = 0
    pages: int = 0
    gone: int = 0
    """Segments that were pruned, or written anew by an erasure, since they were listed: their pages are not read again."""
    unchanged: int = 0
    changed: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    """Fact → in how many articles it reads differently."""
    new: list[Article] = field(default_factory=list)
    """Refused before, articles now."""
    refused: list[Rejected] = field(default_factory=list)
    """Articles that are none by today's rules."""
    examples: dict[str, list[Change]] = field(default_factory=dict)

    def note(self, pages: int, found: Changes) -> None:
        """Take one segment into account, of which so many pages were read."""
        self.segments += 1
        self.pages += pages
        self.unchanged += len(found.unchanged)
        self.refused += found.refused
        for change in found.changed:
            if not change.fields:
                self.new.append(change.article)
                continue
            self.changed += 1
            for name in change.fields:
                self.fields[name] += 1
                if len(shown := self.examples.setdefault(name, [])) < EXAMPLES:
                    shown.append(change)


@dataclass(frozen=True, slots=True)
class Reprocess:
    """One run. `dry_run`: nothing is written."""

    merger: Merger
    dry_run: bool = False

    def segments(self, sources: Sequence[str]) -> list[tuple[str, str]]:
        """(Source, segment) of all that other rules read, of the sources named or of every one.

        Raises `SourceError` for a name that is neither a source's nor that of an archived host.
        """
        folders = sorted(folder.name for folder in self.merger.data_dir.segments.glob("*/"))
        for name in sources:
            if name not in folders:
                self.merger.catalogue.source(name)
        wanted = [folder for folder in folders if not sources or {folder, self._name(folder)} & {*sources}]
        if not self.merger.data_dir.published.exists():
            return []
        with closing(open_published(self.merger.data_dir)) as copy:
            return [
                (self._name(folder), segment)
                for folder in wanted
                for segment in unread(copy, folder, self.merger.read_by(folder))
                if (self.merger.data_dir.segments / segment).exists()  # the articles of a lost one stay
            ]

    def pruned(self, sources: Sequence[str]) -> dict[str, str | None]:
        """The segments, of the sources named or of every one, that were pruned and are not back: they cannot be read again."""
        gone = ask(self.merger.data_dir, pruned_segments) or {}
        return {
            segment: moved_to
            for segment, moved_to in gone.items()
            if (not sources or {folder := segment.partition("/")[0], self._name(folder)} & {*sources})
            and not is_there(self.merger.data_dir.segments, segment)
        }

    def _name(self, folder: str) -> str:
        """Whose the pages of a folder are: a host may have got a source since they were ingested."""
        owner = self.merger.owner(folder)
        return owner.name if owner else folder

    def run(self, work: Iterable[tuple[str, str]], done: dict[str, Reprocessed]) -> None:
        """Read the segments again, and note in `done` what each brought its source: as far as it comes."""
        for source, segment in work:
            noted = done.setdefault(source, Reprocessed(source))
            with ExitStack() as held:
                copy = held.enter_context(closing(open_published(self.merger.data_dir)))
                size = self.size(segment)
                try:
                    again, pages = self.read(copy, source, segment)
                except FileNotFoundError:
                    size = None
                if not self.dry_run:
                    held.enter_context(self.merger.adding_pages())
                if size is None or size != self.size(segment):
                    noted.gone += 1
                    continue
                found = compare(copy, segment, again)
                if not self.dry_run:
                    copy.close()
                    found = self.keep(source, segment, again, found, pages)
            noted.note(len(again), found)
        if not self.dry_run:
            self.merger.publish()

    def size(self, segment: str) -> int | None:
        """The bytes of a segment; null: it is gone. An erasure writes it anew, with other bytes and every place another."""
        try:
            return (self.merger.data_dir.segments / segment).stat().st_size
        except FileNotFoundError:
            return None

    def keep(
        self, source: str, segment: str, again: Sequence[Again], found: Changes, pages: Mapping[int, Page]
    ) -> Changes:
        """Write down what a segment says now. `pages`: those, by their places, that were rejected and are articles now."""
        # Before the segment counts as read; told twice, the ledger knows no more.
        self._tell_ledger(found, pages)
        with self.merger.open_store() as store:
            window = self.merger.options.copy_window
            return apply(store, segment, again, self.merger.read_by(source), window)

    def read(
        self, copy: duckdb.DuckDBPyConnection, source: str, segment: str
    ) -> tuple[list[Again], dict[int, Page]]:
        """What the answers of a segment that are due say now, and their pages by their places."""
        wanted = due(copy, segment, source)
        pages: dict[int, Page] = {}
        again: list[Again] = []
        for record, results in self.merger.read_all(self._records(segment, wanted)):
            page = record.page
            assert page.record_offset is not None
            pages[page.record_offset] = page
            again.append(Again(page.url, page.record_offset, tuple(results)))
        return again, pages

    def _records(self, segment: str, wanted: Due) -> Iterator[Record]:
        archive = self.merger.data_dir.segments
        for record in whole_records(archive / segment, archive):
            page = replace(record.page, source=self._name(record.page.source))
            rules = wanted.newest.get(page.record_offset or 0, frozenset())
            is_of_others = bool(rules - {rules_version(self.merger.rules_of(page))})
            if record.role == "article" and page.status < NOT_MODIFIED and (
                is_of_others or page.fetched_at in wanted.refused
            ):  # fmt: skip
                yield record

    def _tell_ledger(self, found: Changes, pages: Mapping[int, Page]) -> None:
        """What was rejected and is an article now is fetched, and looked at again like others."""
        new = [change.article for change in found.changed if not change.fields]
        marks = [
            mark
            for article in new
            if article.record_offset is not None
            for mark in marks_of(pages[article.record_offset], [article])
        ]
        if marks:
            with closing(self.merger.open_ledger()) as ledger:
                ledger.mark(marks)


def standing(done: Mapping[str, Reprocessed], segments: int) -> Standing:
    """How far a run over so many segments is, for the eye."""
    each = [*done.values()]
    read, pages = sum(one.segments for one in each), sum(one.pages for one in each)
    said = (f"{read:,} of {segments:,} segments", f"{pages:,} pages read")
    return Standing("reprocess", read, segments, said, pages)


def tell_reprocessed(done: Reprocessed, dry_run: bool) -> None:
    """Say what reading one source's archive again did."""
    would = "would be " if dry_run else ""
    say(
        f"{done.source}: {done.pages} pages read again; {done.changed} articles {would}reprocessed, "
        f"{done.unchanged} unchanged, {len(done.new)} {would}new, {len(done.refused)} refused and kept"
    )
    if done.gone:
        say(f"  {done.gone} segments were pruned or written anew meanwhile: their pages are not read again")
    for name, number in done.fields.most_common():
        say(f"  {name}: differs in {number}")
        for change in done.examples[name] if dry_run else ():
            say(f"    {change.article.url or change.article.article_id}")
            for line in difference(*change.fields[name]):
                say(f"      {line}")
    for article in done.new if dry_run else ():
        say(f"  an article now: {article.url or article.article_id}: {article.title}")
    for refused in done.refused[:SHOWN_REFUSED]:
        say(f"  no article by today's rules ({refused.reason}): {refused.url}")


def difference(before: Any, after: Any) -> list[str]:
    """What is other, line by line: `-` as stored, `+` as read now."""
    told = [*unified_diff(_lines(before), _lines(after), lineterm="", n=0)][2:]  # less the two file names
    lines = [line for line in told if line[0] in "-+"]
    more = len(lines) - SHOWN_LINES
    return lines[:SHOWN_LINES] + ([f"… {more} more lines"] if more > 0 else [])


def _lines(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list):
        return [", ".join(map(str, value))]
    return str(value).split("\n")
