"""How a crawl goes: its figures while it runs, its exit code and line at the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from crawler.downloader.access import Access
from crawler.errors import ATTENTION, BUSY, DONE, WRONG_USE
from crawler.ledger.connection import LedgerDamaged
from storage.batch import Merged
from storage.crawls import Fault
from storage.data_dir import AlreadyRunning, DatabaseBusy, DataDirError, DiskFull, NoMemory
from storage.schema import SchemaError
from storage.store import StoreDamaged

KEPT_FROM_BEGINNING = (
    DatabaseBusy,
    DiskFull,
    AlreadyRunning,
    LedgerDamaged,
    StoreDamaged,
    NoMemory,
    DataDirError,
    SchemaError,
)
"""Errors that keep a crawl from its beginning."""


@dataclass(slots=True)
class Outcome:
    """How a crawl ended: the exit code and, where it is not 0, the line that says why."""

    code: int = DONE
    line: str | None = None
    merged: Merged = field(default_factory=Merged)
    is_failed: bool = False
    """Whether something kept the run from its work. False: it went through, and the line, if any, is beside that."""
    fault: Fault | None = None
    """What of this machine stood in its way. Null: nothing; what of the site did, `crawler.downloader.access` knows."""
    left: int | None = None
    """Links that are found and not fetched yet. Null: not known, for the run has no row of `crawls`."""
    is_overlap: bool = False
    """Another process crawls the source: nothing was asked for, and nothing is wrong."""
    has_row: bool = False
    """Whether `crawls` says how it went."""
    met_fault: bool = False
    """Whether that row says what stood in its way; of a certificate that has ended it does though the code is 0."""

    def worse(self, code: int, line: str, fault: Fault | None = None) -> None:
        """Note a failure: the gravest code stays, with its line, and what of this machine was the cause."""
        if code > self.code or not self.is_failed:
            self.code, self.line, self.fault, self.is_failed = code, line, fault, True

    def not_begun(self, error: Exception) -> None:
        """Note what kept the crawl from its beginning, one of KEPT_FROM_BEGINNING."""
        self.is_overlap = isinstance(error, AlreadyRunning)
        match error:
            case DatabaseBusy():
                self.worse(BUSY, f"{error}; nothing was asked for", "store_stuck")
            case StoreDamaged():
                self.worse(ATTENTION, str(error), "store_stuck")
            case DataDirError() | SchemaError():
                self.worse(WRONG_USE, str(error))
            case _:
                self.worse(ATTENTION, str(error), "disk_filling" if isinstance(error, DiskFull) else None)

    def judge(self, merged: Merged) -> None:
        """Note what a merge says of the outlet's own marks, or of the user's list: needs attention, and is no failure."""
        if merged.fault and self.code == DONE:
            self.code, self.line = ATTENTION, merged.fault

    def conclude(self, stats: StatsCollector | None, error: BaseException | None = None) -> None:
        """Note failures that only Scrapy knows: the crawl never began, or our code failed."""
        if error is not None or stats is None or stats.get_value("finish_reason") is None:
            self.worse(ATTENTION, f"the crawl did not begin: {error or 'the log says why'}")
        elif faults := stats.get_value("spider_exceptions/count"):
            self.worse(ATTENTION, f"{faults} faults of our own while crawling; the log has them")
        elif any(name.startswith("feedexport/failed_count/") for name in stats.get_stats()):
            self.worse(
                ATTENTION, "the feed could not be written to its end; the log says why, the database has all"
            )


@dataclass(frozen=True, slots=True)
class Brought:
    """What a crawl brought, in articles."""

    merged: Merged
    rejected: int
    left: int | None
    """Links that were found and not fetched yet. Null: the store stayed busy, or the spider is hand-written."""

    @property
    def words(self) -> str:
        """As one line says it."""
        merged = self.merged
        said = f"{merged.new:,} new, {merged.edited:,} edited, {merged.removed:,} removed, {self.rejected:,} rejected"
        return f"{said}, {self.left:,} left to fetch" if self.left else said


def fault_of(outcome: Outcome, access: Access | None, *, is_read: bool) -> tuple[Fault | None, str | None]:
    """What stood in the way of a run, this machine or the site, and in words; null: nothing that is known.

    `access`: what the run may ask of its site, null in a replay. `is_read`: an entry led to articles.
    """
    if outcome.fault is not None:
        return outcome.fault, outcome.line
    return access.fault(is_read) if access is not None else (None, None)


class Figures:
    """The crawl's own figures; Scrapy's stats hold them too, under `kabar/`."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._counts: Counter[str] = Counter()

    def count(self, name: str, by: int = 1) -> None:
        """Add to a figure; `rejected/too_short` adds to `rejected`."""
        self._counts[name.partition("/")[0]] += by
        if self._crawler.stats is not None:
            self._crawler.stats.inc_value(f"kabar/{name}", by)

    def count_quietly(self, name: str, by: int = 1) -> None:
        """Add to a figure that Scrapy's stats already have in another form."""
        self._counts[name] += by

    def __getitem__(self, name: str) -> int:
        return self._counts[name]
