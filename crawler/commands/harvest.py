"""`scrapy harvest [SOURCE …]`: what cron runs."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from contextlib import closing
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler

from scrapy.crawler import AsyncCrawlerProcess

from crawler.addon import contact_of
from crawler.command import KabarCommand
from crawler.config import store_options
from crawler.console.text import complain, say
from crawler.errors import ArgumentError
from crawler.harvest import Harvest, chosen, news
from crawler.interruption import LINE
from storage.data_dir import DatabaseBusy
from storage.store import settle_publication

logger = logging.getLogger(__name__)

LOG_BYTES = 10 << 20
LOGS_KEPT = 5
CHATTY = frozenset({"scrapy.addons", "scrapy.crawler", "scrapy.middleware", "scrapy.extensions.logstats"})
"""Loggers by which every source would print its settings."""


class _OwnLog(RotatingFileHandler):
    """A log that is never written into what a link leads to."""

    def _open(self) -> TextIOWrapper:
        log = open(self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=_no_link)  # noqa: SIM115 - the handler closes it
        assert isinstance(log, TextIOWrapper)
        return log


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o644)


class Command(KabarCommand):
    """Crawls every followed source in one process; quiet off a terminal, unless something is new."""

    def syntax(self) -> str:
        return "[options] [SOURCE ...]"

    def short_desc(self) -> str:
        return "Crawl every source that is followed in one process (for cron)"

    def long_desc(self) -> str:
        return (
            "Crawl the sources named, or every one that is followed (setting FOLLOW), a few at a time. Off a terminal it writes to logs/ "
            "and prints only what newly needs attention; the exit code is 1 for that, 3 when the store stayed busy."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--shard", metavar="I/N", help="crawl the I-th of N parts of the sources (I from 1)"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl them all, then say what is new."""
        settings = self._settings
        if not settings.get("REPLAY") and not contact_of(settings):
            raise ArgumentError(
                "CONTACT is empty: harvest needs an address where outlets reach you (-s CONTACT=…)"
            )
        catalogue = self.catalogue()
        harvest = Harvest(chosen(catalogue, args, opts.shard))
        data_dir = self.data_dir()
        data_dir.claim("replay" if settings.get("REPLAY") else "live")
        settings.set("CLOSESPIDER_TIMEOUT", settings.getfloat("HARVEST_BUDGET_S"), priority="project")
        self.publish_seldom()
        settings.set("STATS_DUMP", False, priority="project")
        try:
            self.settle()  # once for all sources, off their time budgets
            with closing(self.readers()) as readers:
                self.merger(catalogue, readers).note_followed()
        except DatabaseBusy as error:
            logger.warning("%s; what waits is merged at the end", error)
        process = AsyncCrawlerProcess(settings)
        harvest.run(process, catalogue, settings)
        options = store_options(settings)
        wait_s = options.wait_s
        settle_publication(data_dir, wait_s, 0, options.publish_looks_every_s)
        lines = news(data_dir, wait_s, harvest.outcomes)
        for line in lines:
            say(line)
        if lines:
            self.exitcode = max(outcome.code for outcome in harvest.outcomes.values())
        if harvest.leaves_work:
            self.exitcode = harvest.interruption.code
            complain(LINE)
        if sys.stderr.isatty():
            new = sum(outcome.merged.new for outcome in harvest.outcomes.values())
            edited = sum(outcome.merged.edited for outcome in harvest.outcomes.values())
            say(f"{len(harvest.outcomes)} sources: {new} new articles, {edited} edited")

    def configure_logs(self) -> None:
        """Off a terminal the log goes to logs/harvest.log, which is rotated; on one, to stderr as usual."""
        self._settings.set("LOG_LEVEL", "INFO", priority="project")
        if sys.stderr.isatty() or self._settings.get("LOG_FILE"):
            super().configure_logs()
            return
        data_dir = self.data_dir()
        data_dir.create()
        folder = data_dir.root / "logs"
        folder.mkdir(exist_ok=True)
        handler = _OwnLog(folder / "harvest.log", maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8")
        handler.setFormatter(
            logging.Formatter(self._settings["LOG_FORMAT"], self._settings["LOG_DATEFORMAT"])
        )
        # By the handler: Scrapy gives its loggers levels of their own, anew with every process.
        handler.setLevel(self._settings["LOG_LEVEL"])
        handler.addFilter(lambda record: record.levelno > logging.INFO or record.name not in CHATTY)
        self._settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="project")
        root = logging.getLogger()
        root.addHandler(handler)
        root.setLevel(self._settings["LOG_LEVEL"])
