"""From segments to the store: read what waits, merge it, publish once.

The one place where archive, reading and merge meet. A crawl calls it with pages that it has read; `ingest`
and the start of every command call it with segments that other runs left.
"""

from __future__ import annotations

import logging
import math
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crawler import __version__
from crawler.actors import configured, take_changed
from crawler.catalogue.model import Catalogue, Source
from crawler.config import StoreOptions
from crawler.forget import finish, without_erased
from crawler.ledger.connection import LedgerDamaged
from crawler.ledger.ledger import Ledger
from crawler.ledger.model import LookResult, Mark, Run
from crawler.processing.leftovers import left_behind, seal
from crawler.processing.like_with_like import read_again
from crawler.processing.outcomes import fetch_of, marks_of, sightings_of
from crawler.processing.workers import Read, Readers, ReadersClosed, Reading, Task
from pipelines.address import host_of
from pipelines.article import NOT_MODIFIED, Article, Page, Rejected
from pipelines.rules import UNKNOWN_SOURCE, Rules, rules_version
from storage import clock, segments, sources
from storage.archive.chain import Link, extend
from storage.archive.quiet import Span
from storage.archive.reader import whole_records
from storage.archive.record import ArchiveError, Record, is_quiet, is_there
from storage.batch import Batch, Fetch, Merged, Sighting
from storage.chain import lost_lines, note_chain
from storage.connection import Store
from storage.coverage import LinkState, note_links, note_published
from storage.crawls import CrawlOutcome, CrawlRow, note_crawls
from storage.data_dir import (
    AlreadyRunning,
    DatabaseBusy,
    DataDir,
    DataDirError,
    DiskFull,
    told_if_unwritable,
)
from storage.erase import note_forgotten
from storage.integrity import check_schema
from storage.merge import merge
from storage.publish import ask, merged_segments
from storage.sources import Expected
from storage.store import open_store, settle_publication
from storage.tombstones import tombstones_of

logger = logging.getLogger(__name__)
CHAIN_BYTES = 256 << 20
"""Of segments that a merge reads to add them to the chain: an archive of before the chain is added bit by bit."""
_AHEAD = 64
"""Pages that the workers may be ahead of the merge: bounds memory."""


@dataclass(frozen=True, slots=True)
class Merger:
    """Merges into one DATA_DIR."""

    data_dir: DataDir
    catalogue: Catalogue
    readers: Readers
    options: StoreOptions
    ended: threading.Event = field(default_factory=threading.Event)
    """Set by another thread: what is read for this merger stops before its next page, with `ReadersClosed`."""

    def publishing_every(self, seconds: float) -> Merger:
        """The same, but for how often it publishes; infinite: the caller publishes."""
        return replace(self, options=replace(self.options, publish_every_s=seconds))

    def publishing_looks(self) -> Merger:
        """The same, but that looks alone are published as news is."""
        return replace(self, options=replace(self.options, publish_looks_every_s=0))

    def open_ledger(self) -> Ledger:
        """The ledger of the DATA_DIR, open for marks."""
        return Ledger(self.data_dir.ledger, self.options.recheck_after, self.options.wait_s)

    def open_store(self) -> AbstractContextManager[Store]:
        """The store of the DATA_DIR, for writing; raises what `storage.store.open_store` does."""
        options = self.options
        return open_store(
            self.data_dir, options.wait_s, options.publish_every_s, options.publish_looks_every_s
        )

    def adding_pages(self) -> AbstractContextManager[None]:
        """Keep erasures off while pages come in without the lock of their source; `DatabaseBusy` while one is under way."""
        return self.data_dir.adding_pages(self.options.wait_s)

    def publish(self) -> None:
        """Publish what is due at the end of a command, however lately that was done."""
        settle_publication(self.data_dir, self.options.wait_s, 0, self.options.publish_looks_every_s)

    def settle(self, held: str | None = None, others: bool = True) -> Merged:
        """Repair what a kill left: merge leftover and waiting segments, republish a stale copy.

        Segments of a source that a living process crawls are its own business; `held` is the source
        whose lock the caller has. Not `others`: only its folder is looked into, the others' were just now. Raises `DatabaseBusy`, `SchemaError`, `StoreDamaged`, `ReadersClosed`, and
        what keeps it from writing as `unwritable` tells it.
        """
        if not self.data_dir.root.exists():
            return Merged()
        with told_if_unwritable(self.data_dir.root):
            return self._settle(held, others)

    def _settle(self, held: str | None, others: bool) -> Merged:
        check_schema(self.data_dir)
        try:
            finish(self.data_dir, self.options.wait_s, self.options.copy_window, held)
        except AlreadyRunning as error:
            logger.warning("an erasure that was cut short waits: %s", error)
        # First, because waiting segments are compared with the copy, which has other tables after an upgrade.
        self._publish_seldom()
        unpublished = self.publishing_every(math.inf)
        total = Merged()
        # One at a time: years may wait, and memory is short.
        for batch in left_behind(unpublished, held, others):
            total += unpublished.merge([batch])
        if held is not None:
            self._ask_again(held)
        self._note_lost_runs(held)
        self._publish_seldom()
        return total

    def _publish_seldom(self) -> None:
        options = self.options
        settle_publication(
            self.data_dir, options.wait_s, options.publish_every_s, options.publish_looks_every_s
        )

    def note_sources(self) -> None:
        """Keep who is followed and what is expected true where no merge has: the user changed FOLLOW, or a source file."""
        noted = ask(self.data_dir, lambda copy: (sources.followed(copy), sources.expectations(copy)))
        now = ({each.name for each in self.catalogue.followed}, _expected(self.catalogue))
        if noted is not None and noted != now:
            with self.open_store() as store:
                _describe(store, self.catalogue, _looks(self.data_dir))

    def put_clock_right(self, now: datetime) -> clock.Standing:
        """Move back what the store noted ahead of now, unless the clock is behind; says which it was."""
        found = ask(self.data_dir, lambda copy: clock.standing(copy, now)) or "right"
        if found == "was ahead":
            with open_store(self.data_dir, self.options.wait_s) as store:
                clock.put_right(store, now)
        return found

    def merge(
        self,
        batches: Iterable[Batch],
        crawl: Callable[[Merged], CrawlRow | None] | None = None,
        links: tuple[str, Sequence[LinkState]] | None = None,
    ) -> Merged:
        """Merge the batches, each in its own transaction, note links of a source and the crawl, publish once."""
        total = Merged()
        batches = [
            replace(batch, again=read_again(self.data_dir, batch.articles, self.read_all))
            for batch in batches
        ]
        # A run of looks alone costs next to nothing: it looks at no other file.
        closed = {batch.segment.partition("/")[0] for batch in batches if batch.segment and not batch.span}
        chain = self._extended_chain(closed) if closed else None
        with self.open_store() as store:
            _describe(store, self.catalogue, _looks(self.data_dir))
            if chain is not None:
                note_chain(store, chain)
            note_forgotten(store, tombstones_of(self.data_dir.root).all())
            doubtful = take_changed(store, configured(self.data_dir, self.options.actors))
            total.doubts = (doubtful,) if doubtful else ()
            for batch in batches:
                source = batch.segment.partition("/")[0] if batch.segment else None
                read_by = self.read_by(source) if source else None
                total += merge(store, batch, read_by=read_by, copy_window=self.options.copy_window)
            if links is not None and links[1]:
                with store.transaction():
                    note_links(store, *links)
            row = crawl(total) if crawl is not None else None
            if row is not None:
                with store.transaction(of_looks=True):
                    note_crawls(store, [row])
                    if (covered := row.coverage) is not None and row.finished_at is not None:
                        numbers = (covered.published, covered.entry, row.finished_at)
                        store.has_news |= note_published(store, row.source, *numbers)
                seal(self.data_dir, store, row.source)
        return total

    def _extended_chain(self, folders: Set[str]) -> Sequence[Link] | None:
        """The chain, with what was closed in these folders since; null, and a line in the log: it cannot be written or read.

        A merge never fails for it: what is not in the chain yet comes in with a later one.
        """
        segments = self.data_dir.segments
        if not segments.is_dir():
            return None
        try:
            return extend(segments, datetime.now(UTC), CHAIN_BYTES, self._lost_lines, folders)
        except (ArchiveError, OSError) as error:
            logger.warning("the chain of segments stays as it was: %s", error)
            return None

    def _lost_lines(self, chain: Sequence[Link]) -> list[Link]:
        return ask(self.data_dir, lambda copy: lost_lines(copy, chain)) or []

    def batch(self, path: Path, merged_bytes: int = 0) -> tuple[Batch, list[Mark]]:
        """Read one closed segment of ours: its rows, and the ledger's marks.

        A damaged one gives its whole records, and a warning. Of a quiet one what stands behind `merged_bytes`.
        """
        articles: list[Article] = []
        rejections: list[Rejected] = []
        fetches: list[Fetch] = []
        marks: list[Mark] = []
        sightings: list[Sighting] = []
        name, size = str(path.relative_to(self.data_dir.segments)), path.stat().st_size
        span = Span(name, min(merged_bytes, size), size) if is_quiet(name) else None
        for record, results in self.read_all(
            whole_records(path, self.data_dir.segments, span.begin if span else 0)
        ):
            if tombstones_of(self.data_dir.root).is_of(record.page):
                rejections += [result for result in results if isinstance(result, Rejected)]
                continue
            fetches.append(fetch_of(record.page, results if record.role == "article" else None))
            sightings += sightings_of(record.page)
            articles += [result for result in results if isinstance(result, Article)]
            rejections += [result for result in results if isinstance(result, Rejected)]
            marks += marks_of(record.page, results)
        found = (tuple(articles), tuple(rejections), tuple(fetches), tuple(sightings))
        return Batch(name, *found, span=span), marks

    def read_all(self, records: Iterable[Record]) -> Iterable[tuple[Record, Reading]]:
        """Read every article page among the records in the workers, in the records' order."""
        return ((record, read.results) for record, read in self._read_each(records, archives=False))

    def read_to_archive(self, records: Iterable[Record]) -> Iterable[tuple[Record, Read]]:
        """The same, with what our archive is to hold of each page that was read."""
        return self._read_each(records, archives=True)

    def _read_each(self, records: Iterable[Record], archives: bool) -> Iterator[tuple[Record, Read]]:
        ahead: deque[tuple[Record, Task[Read] | None]] = deque()
        for record in map(self._owned, records):
            page, is_read = record.page, record.role == "article" and record.page.status != NOT_MODIFIED
            task = self.readers.submit(page, self.rules_of(page), archives) if is_read else None
            ahead.append((record, task))
            if len(ahead) >= _AHEAD:
                yield self._taken(*ahead.popleft())
        for record, task in ahead:
            yield self._taken(record, task)

    def source_of(self, url: str) -> str:
        """The source that an address belongs to: by its host, or the host itself."""
        source = self.catalogue.by_url(url)
        return source.name if source else host_of(url) or UNKNOWN_SOURCE

    def rules_of(self, page: Page) -> Rules:
        """The rules of the page's source on the day of its fetch; of an unknown host, those of no source."""
        source = self.catalogue.get(page.source)
        return source.rules_on(page.fetched_at.date()) if source else Rules(source=page.source)

    def owner(self, name: str) -> Source | None:
        """The source of that name, or of that host: a host may have got a source since."""
        return self.catalogue.get(name) or self.catalogue.by_url(f"https://{name}/")

    def read_by(self, name: str) -> str:
        """A digest of the code and the rules, of all eras, that read pages of a source or host today."""
        known = self.owner(name)
        versions = [rules_version(rules) for rules in (known.all_rules if known else (Rules(source=name),))]
        return sha256(" ".join(versions).encode()).hexdigest()[:12]

    def _owned(self, record: Record) -> Record:
        """The record, under the name of the source that owns its address today."""
        owner = self.owner(record.page.source)
        if owner is None or owner.name == record.page.source:
            return record
        return replace(record, page=replace(record.page, source=owner.name))

    def _taken(self, record: Record, task: Task[Read] | None) -> tuple[Record, Read]:
        if self.ended.is_set():
            raise ReadersClosed
        read = self.readers.result(record.page, task) if task else Read([])
        return record, replace(read, results=without_erased(self.data_dir, record.page, read.results))

    def _ask_again(self, source: str) -> None:
        """Have asked again for what was lost with its segment: neither is that in its folder, nor was it merged."""
        if not self.data_dir.ledger.exists():
            return
        with closing(self.open_ledger()) as ledger:
            awaited = ledger.awaited.segments(source)
            missing = {name for name in awaited if not is_there(self.data_dir.segments, name)}
            if not awaited:
                return
            merged = awaited & (merged_segments(self.data_dir, [source]) or {}).keys()
            if missing - merged:  # the store may know of more than its copy
                with self.publishing_every(math.inf).open_store() as store:
                    merged = awaited & segments.merged_segments(store.connection, [source]).keys()
            ledger.awaited.forget(source, merged)
            number = ledger.awaited.ask_again(source, missing - merged, datetime.now(UTC))
        if number:
            logger.warning(
                "%s: %d pages were lost with their segments, and are asked for again", source, number
            )

    def _note_lost_runs(self, held: str | None) -> None:
        """Add rows to `crawls` for runs that ended without one: killed, or kept from the store.

        Leaves out the runs of sources that a living process crawls. Where the ledger cannot be opened, a later
        command does it.
        """
        if not self.data_dir.ledger.exists():
            return
        with ExitStack() as opened:
            try:
                ledger = opened.enter_context(
                    closing(Ledger(self.data_dir.ledger, self.options.recheck_after, wait_s=0))
                )
                runs = ledger.runs.unreported()
            except (DatabaseBusy, DataDirError, DiskFull, LedgerDamaged, sqlite3.DatabaseError):
                return
            over = {each for each in {run.source for run in runs} if self._is_over(each, held, opened)}
            lost = [run for run in runs if run.source in over]
            if lost:
                with self.publishing_every(math.inf).open_store() as store, store.transaction(of_looks=True):
                    note_crawls(store, [_row_of(run) for run in lost])
                ledger.runs.forget(run.crawl_id for run in lost)

    def _is_over(self, source: str, held: str | None, locks: ExitStack) -> bool:
        """Hold the lock of a source, so that no run of it is under way; false: a living process has it."""
        try:
            if source != held:
                locks.enter_context(self.data_dir.source_lock(source, settling=True))
        except AlreadyRunning:
            return False
        return True


def _row_of(run: Run) -> CrawlRow:
    """The row of a run that wrote none itself, as far as the ledger knows it."""
    message = run.message or "the run was killed; what it had fetched is kept"
    outcome: CrawlOutcome = "killed" if run.finished_at is None else "failed"
    detail = message if run.fault else None
    row = CrawlRow(run.crawl_id, run.source, run.started_at, run.finished_at, outcome, message=message)
    return replace(row, fault=run.fault, fault_detail=detail)


def _looks(data_dir: DataDir) -> Mapping[str, LookResult]:
    """Source → the last look at its site; empty where the ledger cannot be read: the merge goes on without."""
    if not data_dir.ledger.exists():
        return {}
    try:
        with closing(Ledger(data_dir.ledger, wait_s=0)) as ledger:
            return ledger.sites.looks()
    except (DatabaseBusy, DataDirError, LedgerDamaged, sqlite3.DatabaseError, ValueError):
        return {}


def _describe(store: Store, catalogue: Catalogue, looks: Mapping[str, LookResult]) -> None:
    """Keep `sources` and the version in `about` true."""
    before = sources.looks(store.connection)  # a look that the ledger has lost was taken all the same
    rows: list[dict[str, Any]] = []
    followed = {each.name for each in catalogue.followed}
    for source in catalogue.values():
        at, differences = _verified(source, looks.get(source.name), before.get(source.name))
        facts = {name: getattr(source, name) for name in sources.FACTS}
        facts |= {"followed": source.name in followed, "verified_at": at, "differences": differences}
        rows.append({"source": source.name, **facts})
    sources.describe(store, rows, _expected(catalogue))
    sources.note_version(store, __version__)


def _expected(catalogue: Catalogue) -> dict[str, Expected]:
    """What each source file expects of its outlet."""
    found = {}
    for source in catalogue.values():
        expect = source.expect
        least, most = expect.articles_per_day or (None, None)
        shares = (expect.share_with_date, expect.share_with_author, expect.share_with_dateline)
        found[source.name] = Expected(least, most, *shares)
    return found


def _verified(
    source: Source, looked: LookResult | None, before: tuple[datetime, list[str]] | None
) -> tuple[datetime | None, list[str] | None]:
    """When the source file was last held against the site, and what differed; without a look, the file's own day."""
    if looked is not None:
        return looked.at, list(looked.differences)
    if before is not None:
        return before
    if source.verified is None:
        return None, None
    return datetime.combine(source.verified, time(), ZoneInfo(source.timezone)), None
