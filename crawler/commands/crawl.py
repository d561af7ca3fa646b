"""`scrapy crawl SOURCE`: discover, fetch, archive, read, merge; ends with clean articles in DuckDB."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands.crawl import Command as ScrapyCrawl

from crawler.addon import contact_of
from crawler.catalogue.model import Source
from crawler.command import OneLineFaults, check_memory, check_options, checked
from crawler.config import data_dir_of
from crawler.console.text import complain, say, short
from crawler.crawl.arguments import CrawlArguments
from crawler.errors import BUSY, ArgumentError
from crawler.interruption import LINE, Interruption
from crawler.spiders.loader import SourceLoader
from crawler.user_settings import take_user_settings
from pipelines.address import host_of

if TYPE_CHECKING:
    from crawler.crawl.outcome import Brought
    from crawler.crawl.session import Session

logger = logging.getLogger(__name__)


class Command(OneLineFaults, ScrapyCrawl):
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

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check what can be checked before anything is opened, and before Scrapy logs its first line."""
        super().process_options(args, opts)
        with checked(self):
            check_memory()
            check_options(args, opts)
            self._check(args, opts)
        if self.exitcode:
            raise SystemExit(self.exitcode)

    def _check(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        # First of all: its old names look through the whole stack, line by line, which is short here.
        import scrapy.core.downloader.contextfactory  # noqa: F401

        from crawler.downloader.recording import open_recording
        from crawler.exporters import check_feeds
        from crawler.spiders.source import SourceSpider

        settings = self.settings
        assert settings is not None
        take_user_settings(settings)
        contact_of(settings)
        loader = SourceLoader.from_settings(settings)
        name = the_source(args, loader)
        if name not in loader.list():
            raise ArgumentError(unknown_source(name, loader.list()))
        if issubclass(loader.load(name), SourceSpider):
            CrawlArguments.parse(opts.spargs)
        check_feeds(settings)
        replay = settings.get("REPLAY")
        if replay and not Path(replay).is_file():  # a WARC is read once, by the session
            open_recording(Path(replay))
        data_dir_of(settings).check("replay" if replay else "live")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, then say in one line what it brought."""
        from crawler.console.progress import Bar
        from crawler.crawl.session import brought_by, session_of
        from crawler.spiders.source import SourceSpider, standing_of
        from crawler.verify.report import print_look

        assert self.crawler_process is not None and self.settings is not None
        with checked(self):
            spider_class = self.crawler_process.spider_loader.load(args[0])
            if issubclass(spider_class, SourceSpider):
                spider_class.show_look = staticmethod(print_look)
            crawler = self._create_crawler(spider_class)
            session = session_of(crawler)
        if self.exitcode:
            return
        if not self.settings.get("REPLAY") and not contact_of(self.settings):
            logger.warning("CONTACT is empty: outlets cannot reach you (-s CONTACT=you@example.org)")
        self.crawler_process.crawl(crawler, **opts.spargs)
        interruption = Interruption()
        with interruption.heard(self.crawler_process), Bar(lambda: standing_of(crawler)):
            self.crawler_process.start()
        session.abandon()
        self._conclude(session, brought_by(session), interruption)

    def _conclude(self, session: Session, brought: Brought | None, interruption: Interruption) -> None:
        outcome = session.outcome
        if interruption.signal is not None and session.leaves_work:
            self.exitcode = interruption.code
            left = f"interrupted; {brought.words}; the same command goes on" if brought else LINE
            complain(outcome.line or left)
            return
        outcome.conclude(session.crawler.stats)
        self.exitcode = outcome.code
        if brought and outcome.code != BUSY:  # then nothing is merged, and the line below says where it is
            news = session.data_dir.published
            say(f"{brought.words}{f'; open {short(news)}' if news.exists() else ''}", sys.stderr)
        if outcome.line:
            complain(outcome.line)


def the_source(args: Sequence[str], loader: SourceLoader) -> str:
    """The one name that the command takes; `ArgumentError` says what was probably meant by anything else."""
    if not args:
        raise ArgumentError("scrapy crawl takes the name of a source (scrapy list shows them)")
    name, *more = args
    known = loader.list()
    if name not in known and (host_of(url := name if "://" in name else f"https://{name}")) and "." in name:
        raise ArgumentError(_not_an_address(name, loader.catalogue.by_url(url)))
    if more and "=" in more[0]:
        raise ArgumentError(f"{more[0]}: an argument of a crawl has -a before it (-a {more[0]})")
    if more:
        raise ArgumentError(
            f"scrapy crawl takes one source, not {len(args)}; scrapy harvest {' '.join(args)} crawls them all"
        )
    return name


def _not_an_address(address: str, source: Source | None) -> str:
    if source is None:
        return f"{address}: scrapy crawl takes a source's name, and no source has that host; scrapy probe {address} looks at it"
    return (
        f"{address}: scrapy crawl takes a source's name, which is {source.name} here (scrapy crawl {source.name}); "
        "scrapy parse shows one page"
    )


def unknown_source(name: str, known: list[str]) -> str:
    """One line that names the unknown source and the nearest known one."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    return f"{name}: no such source{f'; did you mean {near[0]}?' if near else ''} (scrapy list shows them)"
