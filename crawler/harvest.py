"""Every followed source in one process, for cron: a few at a time, and no failure stops the others.

Decides what is crawled; the spider decides how a source is crawled, `crawler.report` what of it is news.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from crawler.catalogue.model import Catalogue, Source
from crawler.config import read_limits
from crawler.crawl.outcome import Outcome
from crawler.crawl.session import session_of
from crawler.crawl.several import some_at_once
from crawler.errors import ArgumentError
from crawler.interruption import Interruption
from crawler.processing.workers import Readers
from crawler.spiders.loader import spider_class


@dataclass(slots=True)
class Harvest:
    """One run. `outcomes` fills as sources end; a source without one never began."""

    sources: Sequence[Source]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    interruption: Interruption = field(default_factory=Interruption)
    unfinished: set[str] = field(default_factory=set)
    """Sources that a signal kept from their end."""

    @property
    def leaves_work(self) -> bool:
        """Whether a signal ended it before all sources had come to their end."""
        begun = self.outcomes.keys() - self.unfinished
        return self.interruption.signal is not None and len(begun) < len(self.sources)

    def run(self, process: AsyncCrawlerProcess, catalogue: Catalogue, settings: Settings) -> None:
        """Crawl the sources, HARVEST_AT_ONCE at a time, until all have ended."""

        def make(source: Source) -> Crawler:
            crawler = process.create_crawler(spider_class(catalogue, source.name))
            session = session_of(crawler, catalogue)  # or each would read all source files
            session.delivery.publishes_at_end = False
            self.outcomes[source.name] = session.outcome
            return crawler

        def ended(source: Source, crawler: Crawler, error: BaseException | None) -> None:
            session = session_of(crawler)
            session.abandon()
            if self.interruption.signal is not None and session.leaves_work:
                self.unfinished.add(source.name)
            else:
                session.outcome.conclude(crawler.stats, error)

        # The pool is held for the whole run: sources come and go, the workers stay.
        with closing(Readers.shared(settings.getint("READ_WORKERS"), read_limits(settings))):
            most = settings.getint("HARVEST_AT_ONCE")
            some_at_once(process, self.sources, most, make, ended, self.interruption)
            with self.interruption.heard(process):
                process.start()


def chosen(catalogue: Catalogue, names: Sequence[str], shard: str | None) -> list[Source]:
    """The named sources, or all that are followed; with a shard, its part of those, chosen by name alone."""
    sources = [catalogue.source(name) for name in names] or list(catalogue.followed)
    if shard is None:
        return sources
    match = re.fullmatch(r"(\d+)/(\d+)", shard)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise ArgumentError(f"--shard {shard}: not I/N with I from 1 to N")
    number, of = int(match[1]), int(match[2])
    return [each for each in sources if zlib.crc32(each.name.encode()) % of == number - 1]
