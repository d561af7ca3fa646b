"""A page's way in: archived, read, marked and counted, in one call whose order nobody can swap.

The order is the promise that a kill loses nothing: a link is in the ledger before it is requested; a
page is in a segment, flushed, before the ledger calls it fetched. Without a recorder (`scrapy parse`,
a hand-written spider) nothing is written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, cast

from scrapy.exceptions import CloseSpider

from crawler.crawl.outcome import Figures, Outcome
from crawler.crawl.recorder import Recorder
from crawler.errors import ATTENTION, BUSY
from crawler.forget import admitted, kept_out, without_erased
from crawler.ledger.model import Mark
from crawler.processing.merger import Merger
from crawler.processing.outcomes import fetch_of, marks_of, sightings_of
from crawler.processing.workers import Read, Reading
from pipelines.address import address_key
from pipelines.article import NOT_MODIFIED, Article, Link, Page, Reason, Rejected
from pipelines.removal import why_missing
from storage.archive.record import Role
from storage.archive.writer import Group
from storage.batch import Fetch, Sighting
from storage.data_dir import DatabaseBusy, DiskFull, unwritable
from storage.tombstones import tombstones_of

Unanswered = Literal["failed", "excluded", "rejected"]
"""States of a link without an answer."""


@dataclass(slots=True)
class Intake:
    """Takes in the answers of one crawl."""

    merger: Merger
    figures: Figures
    outcome: Outcome
    now: Callable[[], datetime]
    recorder: Recorder | None = None
    """Null: nothing is archived, and no ledger is marked."""
    loose: list[Article] = field(default_factory=list)
    """Articles that no segment of ours holds: a hand-written spider's."""
    erased: set[str] = field(default_factory=set)
    """Address keys of erased articles that this run has met."""

    async def take(self, page: Page, read: Read | None = None) -> Reading:
        """Archive a page, read it in the workers, count and keep its rejections; returns what it holds.

        `read`: what a worker found in it, without its place in the archive. Null: it is read here.
        """
        admitted = self._admitted(page, "article")
        if admitted is None:
            self._keep_out(page)
            return []
        if admitted is not page:
            read = None
        placed = await self._archived(admitted, "article", read.group if read else None)
        if placed.status == NOT_MODIFIED:
            self._note(placed)
            return []
        if read is None:
            read = await self._read(placed)
        results: Reading = [_placed(each, placed) for each in read.results]
        if self.recorder is not None:
            results = without_erased(self.merger.data_dir, placed, results)
        rejections = [result for result in results if isinstance(result, Rejected)]
        for rejected in rejections:
            is_missed = why_missing(rejected) is not None and self._is_known(placed)
            self.figures.count("missed" if is_missed else f"rejected/{rejected.reason}")
        segment = self.recorder.segment(placed.segment) if self.recorder else None
        if self.recorder and segment:
            segment.fetches.append(fetch_of(placed, results))
            segment.rejections += rejections
            segment.bands |= read.bands
            segment.unfinished += sum(isinstance(result, Article) for result in results)
            self.recorder.mark(marks_of(placed, results))
        return results

    def _admitted(self, page: Page, role: Role) -> Page | None:
        """The page without what was erased of it; null: it is an erased article's own."""
        return page if self.recorder is None else admitted(self.merger.data_dir, page, role)

    def _keep_out(self, page: Page) -> None:
        """Note that an erased article was met again: nothing of it is archived, nor asked for once more."""
        self.figures.count("rejected/forgotten")
        if self.recorder is not None:
            self.recorder.current().rejections.append(kept_out(page))
            if page.link is not None:
                self.recorder.mark([Mark(page.link.url, "rejected", page.fetched_at, "forgotten")])

    def _is_known(self, page: Page) -> bool:
        """Whether an article was read from the page's address before."""
        if self.recorder is None or page.link is None or page.take is not None:
            return False
        return self.recorder.has_article(page.link.url)

    async def take_document(self, page: Page) -> None:
        """Archive a discovery document, so that the crawl can be repeated from its own recording."""
        self._note(await self._archived(self._admitted(page, "discovery") or page, "discovery"))

    def sighted(self, links: Sequence[Link]) -> None:
        """Note known articles as unchanged: one answer covers many."""
        if self.recorder is None or not links:
            return
        now = self.now()
        self.recorder.current().sightings += [Sighting(link.url, now) for link in links]
        self.recorder.mark([Mark(link.url, "fetched", now) for link in links])

    def met_erased(self, source: str, links: Sequence[Link]) -> None:
        """Note erased articles among the links of a document, each once in a run: they are not taken, nor named."""
        stones = tombstones_of(self.merger.data_dir.root)
        if self.recorder is None or stones.is_empty:
            return
        for key in {address_key(link.url) for link in links if stones.has_address(link.url)} - self.erased:
            self.erased.add(key)
            self.figures.count("rejected/forgotten")
            self.recorder.current().rejections.append(Rejected(None, source, self.now(), "forgotten"))

    def unanswered(self, link: Link, state: Unanswered, reason: str, detail: str | None = None) -> None:
        """Note a link without an answer: `failed`, `excluded` by robots.txt, or `rejected` for one of the reasons."""
        self.figures.count(f"{state}/{reason}")
        if self.recorder is None:
            return
        now, segment = self.now(), self.recorder.current()
        self.recorder.mark([Mark(link.url, state, now, reason)])
        segment.fetches.append(Fetch(link.url, link.source, now, None, None, state))
        if state == "rejected":
            segment.rejections.append(Rejected(link.url, link.source, now, cast(Reason, reason), detail))

    def keep(self, article: Article) -> None:
        """Take an Article that passed the item pipelines; it is merged with its segment."""
        segment = self.recorder.segment(article.segment) if self.recorder else None
        (segment.articles if segment else self.loose).append(article)

    def item_ended(self, article: Article, is_broken: bool = False) -> None:
        """Note that an Article has left the item pipelines.

        The segment of an Article that broke a pipeline stays unmerged, and the next command reads it again.
        """
        if self.recorder and (segment := self.recorder.segment(article.segment)):
            segment.unfinished -= 1
            segment.broken = segment.broken or is_broken

    @contextmanager
    def writing(self) -> Iterator[None]:
        """End the crawl with one line where the disk is full, or the ledger stays locked; committed pages stay."""
        try:
            yield
        except DatabaseBusy as error:
            self.outcome.worse(BUSY, f"{error}; what was not asked for stays to be asked for", "store_stuck")
            raise CloseSpider("ledger") from error
        except (OSError, sqlite3.Error, MemoryError) as error:
            cause = unwritable(self.merger.data_dir.root, error)
            if cause is None:
                raise
            is_full = isinstance(cause, DiskFull)
            self.outcome.worse(ATTENTION, str(cause), "disk_filling" if is_full else None)
            raise CloseSpider("disk") from error

    async def _archived(self, page: Page, role: Role, group: Group | None = None) -> Page:
        if self.recorder is None:
            return page
        with self.writing():
            return await self.recorder.append(page, role, group)

    def _note(self, placed: Page) -> None:
        """Note an answer that is not read: a discovery document, or "not modified"."""
        if self.recorder is None:
            return
        segment = self.recorder.current()
        segment.fetches.append(fetch_of(placed, None))
        segment.sightings += sightings_of(placed)
        self.recorder.mark(marks_of(placed, []))

    async def _read(self, page: Page) -> Read:
        segment = self.recorder.segment(page.segment) if self.recorder else None
        if segment is None:
            return Read(await self.merger.readers.read(page, self.merger.rules_of(page)))
        segment.unfinished += 1
        try:
            return await self.merger.readers.read_to_merge(page, self.merger.rules_of(page))
        except Exception:
            segment.broken = True  # a fault of ours: the page waits in its segment for better code
            raise
        finally:
            segment.unfinished -= 1


def _placed(result: Article | Rejected, page: Page) -> Article | Rejected:
    """The result, with the place of its page in the archive."""
    if isinstance(result, Rejected):
        return result
    return replace(result, segment=page.segment, record_offset=page.record_offset)
