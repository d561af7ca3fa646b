"""Every followed source in one process, for cron: a few at a time, and no failure stops the others.

Decides what is crawled; the spider decides how a source is crawled, `crawler.report` what of it is news.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from crawler.catalogue.model import Catalogue, Source
from crawler.config import read_limits
from crawler.console.progress import Board, BoardLine, Standing, Tally, total_of
from crawler.console.text import key_values
from crawler.crawl.outcome import Brought, Outcome
from crawler.crawl.session import Session, session_of
from crawler.crawl.several import some_at_once
from crawler.downloader.rate_limit import network_of
from crawler.interruption import Interruption
from crawler.processing.workers import Readers
from crawler.shards.split import Shard
from crawler.spiders.loader import spider_class
from crawler.spiders.source import SourceSpider
from storage.batch import Merged

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Harvest:
    """One run. `outcomes` fills as sources end; a source without one never began."""

    sources: Sequence[Source]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    interruption: Interruption = field(default_factory=Interruption)
    unfinished: set[str] = field(default_factory=set)
    """Sources that a signal kept from their end."""
    overlaps: set[str] = field(default_factory=set)
    """Sources that another process crawls already. They have no outcome: of their sites nothing was learned."""
    _running: dict[str, Crawler] = field(default_factory=dict)
    _ended: list[Tally] = field(default_factory=list)

    @property
    def leaves_work(self) -> bool:
        """Whether a signal ended it before all sources had come to their end."""
        begun = (self.outcomes.keys() | self.overlaps) - self.unfinished
        return self.interruption.signal is not None and len(begun) < len(self.sources)

    def not_begun(self, error: Exception) -> None:
        """Note what keeps every source from its beginning."""
        for source in self.sources:
            self.outcomes[source.name] = Outcome()
            self.outcomes[source.name].not_begun(error)

    def run(self, process: AsyncCrawlerProcess, catalogue: Catalogue, settings: Settings) -> None:
        """Crawl the sources, HARVEST_AT_ONCE at a time, until all have ended."""

        def make(source: Source) -> Crawler:
            crawler = process.create_crawler(spider_class(catalogue, source.name))
            session = session_of(crawler, catalogue)  # or each would read all source files
            session.delivery.publishes_at_end = session.mends_others = False
            self.outcomes[source.name] = session.outcome
            self._running[source.name] = crawler
            return crawler

        def ended(source: Source, crawler: Crawler, error: BaseException | None) -> None:
            session = session_of(crawler)
            session.abandon()
            if self.interruption.signal is not None and session.leaves_work:
                self.unfinished.add(source.name)
            else:
                session.outcome.conclude(crawler.stats, error)
            del self._running[source.name]
            self._ended.append(_tally(session))
            if session.outcome.is_overlap:
                del self.outcomes[source.name]
                self.overlaps.add(source.name)
            logger.info("%s", self._run_line(source.name, session))

        # The pool is held for the whole run: sources come and go, the workers stay.
        with closing(Readers.shared(settings.getint("READ_WORKERS"), read_limits(settings))):
            most = settings.getint("HARVEST_AT_ONCE")
            some_at_once(process, self.sources, most, make, ended, self.interruption)
            with self.interruption.heard(process), Board(self._board):
                process.start()

    @property
    def brought(self) -> Brought:
        """What all crawls have brought together."""
        merged = sum((outcome.merged for outcome in self.outcomes.values()), Merged())
        return Brought(merged, total_of(self._ended).rejected, None)

    @property
    def remarks(self) -> list[str]:
        """What no command has said before: marks that an outlet prints on many articles, and why the user's list of actors was not taken."""
        merged = [outcome.merged for outcome in self.outcomes.values()]
        lines = [mark for each in merged if (mark := each.mark)]
        lines += [doubt.line for each in merged for doubt in each.doubts if doubt.is_new]
        return list(dict.fromkeys(lines))

    def _run_line(self, name: str, session: Session) -> str:
        """What one run brought, for the log."""
        outcome, tally, stats = session.outcome, _tally(session), session.crawler.stats
        elapsed = stats.get_value("elapsed_time_seconds") if stats else None
        ended = (
            "overlap"
            if outcome.is_overlap
            else "stopped"
            if name in self.unfinished
            else "failed"
            if outcome.is_failed
            else "done"
        )
        return key_values(
            source=name,
            outcome=ended,
            code=outcome.code,
            **tally._asdict(),
            removed=outcome.merged.removed,
            known=outcome.merged.known,
            failed=session.figures["failed"],
            left=outcome.left,
            requests=session.figures["sent"],
            entry=session.won.kind if session.won else None,
            seconds=round(elapsed, 1) if elapsed is not None else None,
            why=outcome.line,
        )

    def _board(self) -> list[BoardLine]:
        """A line for each crawl that runs, the last for the whole. Asked for by another thread."""
        spiders = [crawler.spider for crawler in list(self._running.values())]
        lines = [spider.board_line() for spider in spiders if isinstance(spider, SourceSpider)]
        whole = total_of([*self._ended, *(line.tally for line in lines)])
        name = f"{len(self._ended)} of {len(self.sources)} done"
        standing = Standing("whole", len(self._ended), len(self.sources), (), whole.fetched)
        return [*lines, BoardLine(standing, whole, label=name)]


def _tally(session: Session) -> Tally:
    """What an ended crawl did, as the store has it."""
    merged, spider = session.outcome.merged, session.crawler.spider
    asked = spider.board_line().tally if isinstance(spider, SourceSpider) else Tally()
    return asked._replace(new=merged.new, edited=merged.edited)


def chosen(catalogue: Catalogue, names: Sequence[str], shard: str | None) -> list[Source]:
    """The named sources, or all that are followed; with a shard, its part of those.

    A network is in one part as a whole, chosen by its name alone: machines do not know of each other's turns.
    """
    sources = [catalogue.source(name) for name in names] or list(catalogue.followed)
    if shard is None:
        return sources
    part = Shard.parsed(shard)
    return [each for each in sources if zlib.crc32(_network(each).encode()) % part.of == part.number - 1]


def _network(source: Source) -> str:
    """The name of the network whose turns a source takes; its own, where its address has no name."""
    return network_of(source.home, source) or source.name
