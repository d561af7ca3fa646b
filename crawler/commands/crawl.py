"""`scrapy crawl SOURCE`: discover, fetch, archive, read, merge; ends with clean articles in DuckDB."""

from __future__ import annotations

import argparse
import logging
import sys

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from crawler.addon import contact_of
from crawler.command import check_memory, checked
from crawler.console.progress import Bar, Standing
from crawler.console.tables import write
from crawler.console.text import complain, say
from crawler.crawl.arguments import CrawlArguments
from crawler.crawl.session import Session, session_of
from crawler.errors import ArgumentError
from crawler.exporters import check_feeds
from crawler.interruption import LINE, Interruption
from crawler.spiders.source import SourceSpider
from crawler.verify.report import COLUMNS, Look

logger = logging.getLogger(__name__)


class Command(ScrapyCrawl):
    """Scrapy's own command, with our exit codes: 0 done, 1 needs attention, 2 wrong use, 3 store busy."""

    def short_desc(self) -> str:
        return "Crawl a source (or run a spider of your own)"

    def long_desc(self) -> str:
        return (
            "Discover, fetch, archive, read and merge one source. Arguments: -a since=DATE, -a until=DATE "
            "(backfill, whole days, inclusive), -a limit=N (store at most N), -a recheck=DATE. "
            "Exit codes: 0 done, 1 something needs attention, 2 wrong use, 3 the store stayed busy; "
            "130 and 143 where Ctrl-C or SIGTERM ended it with work left."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check what can be checked before anything is opened, then crawl."""
        if len(args) != 1:
            raise UsageError("scrapy crawl takes one source", print_help=False)
        assert self.crawler_process is not None and self.settings is not None
        with checked(self):
            check_memory()
            contact = contact_of(self.settings)
            loader = self.crawler_process.spider_loader
            try:
                spider_class = loader.load(args[0])
            except KeyError:
                raise ArgumentError(unknown_source(args[0], loader.list())) from None
            if issubclass(spider_class, SourceSpider):
                CrawlArguments.parse(opts.spargs)
                spider_class.show_look = staticmethod(show_look)
            check_feeds(self.settings)
            crawler = self._create_crawler(spider_class)
            session = session_of(crawler)
            session.data_dir.check(session.birth)
        if self.exitcode:
            return
        if not self.settings.get("REPLAY") and not contact:
            logger.warning("CONTACT is empty: outlets cannot reach you (-s CONTACT=you@example.org)")
        self.crawler_process.crawl(crawler, **opts.spargs)
        interruption = Interruption()
        with interruption.heard(self.crawler_process), Bar(lambda: _standing(crawler)):
            self.crawler_process.start()
        session.abandon()
        self._conclude(session, interruption)

    def _conclude(self, session: Session, interruption: Interruption) -> None:
        outcome = session.outcome
        if interruption.signal is not None and session.leaves_work:
            self.exitcode = interruption.code
            complain(outcome.line or LINE)
            return
        outcome.conclude(session.crawler.stats)
        self.exitcode = outcome.code
        if outcome.line:
            complain(outcome.line)


def show_look(look: Look) -> None:
    """The table of a first look, on stderr: stdout is a feed's."""
    say(f"first look at {look.source}, {look.requests} requests:", sys.stderr)
    write("table", COLUMNS, look.rows(), sys.stderr)


def _standing(crawler: Crawler) -> Standing | None:
    """How far the crawl is; null before it began, and for a spider that no source made."""
    return crawler.spider.standing() if isinstance(crawler.spider, SourceSpider) else None


def unknown_source(name: str, known: list[str]) -> str:
    """One line that names the unknown source and the nearest known one."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    return f"{name}: no such source{f'; did you mean {near[0]}?' if near else ''} (scrapy list shows them)"
