"""`scrapy harvest [SOURCE …]`: what cron runs."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from contextlib import closing
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler

from scrapy.crawler import AsyncCrawlerProcess

from crawler.addon import contact_of
from crawler.catalogue.model import Catalogue
from crawler.command import KabarCommand, code_of
from crawler.config import StoreOptions, language, recipients, store_options
from crawler.console.text import complain, say, short
from crawler.errors import ATTENTION, BUSY, DONE, ArgumentError
from crawler.evidence.stamp import stamp
from crawler.harvest import Harvest, chosen
from crawler.notify.notice import Notice
from crawler.notify.tell import tell
from crawler.report.files import PAGE_LANGUAGE, leave
from crawler.report.run import STORE_FAULTS, Asked, take
from crawler.report.terminal import closed_line, dropped_line, opened_line
from storage.data_dir import DatabaseBusy, DiskFull
from storage.health import open_incidents
from storage.publish import ask, is_of_other_code, open_if_published
from storage.store import StoreDamaged, settle_publication

logger = logging.getLogger(__name__)

LOG_BYTES = 10 << 20
LOGS_KEPT = 5
CHATTY = frozenset(
    {
        "scrapy.addons",
        "scrapy.core.engine",
        "scrapy.crawler",
        "scrapy.extensions.logstats",
        "scrapy.middleware",
        "scrapy.utils.log",
    }
)
"""Loggers by which every source would say its settings, and that it begins and ends: one line of ours says that."""


class _OwnLog(RotatingFileHandler):
    """A log that is never written into what a link leads to, and that a full disk makes no noise of."""

    def _open(self) -> TextIOWrapper:
        log = open(self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=_no_link)  # noqa: SIM115 - the handler closes it
        assert isinstance(log, TextIOWrapper)
        return log

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Drop a line that finds no room: cron would mail a traceback for each."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o644)


def _is_telling(record: logging.LogRecord) -> bool:
    return record.levelno > logging.INFO


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
        settings.set("CLOSESPIDER_TIMEOUT", settings.getfloat("HARVEST_BUDGET_S"), priority="project")
        self.publish_seldom()
        try:
            data_dir.claim("replay" if settings.get("REPLAY") else "live")
            self.settle()  # once for all sources, off their time budgets
            with closing(self.readers()) as readers:
                self.merger(catalogue, readers).note_sources()
        except DatabaseBusy as error:
            logger.warning("%s; what waits is merged at the end", error)
        except (DiskFull, StoreDamaged) as error:
            logger.warning("%s; nothing was asked for", error)
            self.exitcode = ATTENTION
            harvest.not_begun(error)
        if not harvest.outcomes:
            harvest.run(AsyncCrawlerProcess(settings), catalogue, settings)
        self._judge(catalogue, harvest, store_options(settings))
        if fault := stamp(data_dir, str(settings.get("TIMESTAMP_URL") or "").strip()):
            logger.warning("%s", fault)
            complain(fault)
        for line in harvest.remarks:
            complain(line)
            self.exitcode = max(ATTENTION, self.exitcode or DONE)
        if harvest.leaves_work:
            self.exitcode = harvest.interruption.code
            done = len(harvest.outcomes) - len(harvest.unfinished)
            complain(
                f"interrupted; {done} of {len(harvest.sources)} sources done, {harvest.brought.words}; "
                "the same command goes on"
            )
        if sys.stderr.isatty():
            beside = f", {len(harvest.overlaps)} crawled by another process" if harvest.overlaps else ""
            say(
                f"{len(harvest.outcomes)} sources{beside}: {harvest.brought.words}; open {short(data_dir.published)}"
            )

    def _judge(self, catalogue: Catalogue, harvest: Harvest, options: StoreOptions) -> None:
        """Open and close incidents, and tell each once."""
        code = max((outcome.code for outcome in harvest.outcomes.values()), default=DONE)
        if code == BUSY:
            self.exitcode = BUSY
        is_troubled = any(each.code != DONE or each.met_fault for each in harvest.outcomes.values())
        self._publish(options, is_troubled=is_troubled)
        # Only where not one run came so far as to merge is there none, and nothing can be kept.
        # Nor is that judged whose store could not be brought up to date since an upgrade.
        is_older = is_of_other_code(self.data_dir())
        copy = None if is_older else open_if_published(self.data_dir())
        if copy is None:
            for line in {outcome.line for outcome in harvest.outcomes.values() if outcome.line}:
                complain(line)
            self.exitcode = max(code, self.exitcode or DONE)
            return
        asked = Asked(
            harvested=tuple(each.name for each in harvest.sources) if not harvest.leaves_work else (),
            outcomes=harvest.outcomes,
        )
        with closing(copy):
            report = take(copy, self.data_dir(), catalogue, options.wait_s, datetime.now(UTC), asked)
            # First of all: what is written down as open is told by no later run.
            told = tell(Notice.of(report), recipients(self._settings), self.data_dir())
            for incident in report.opened:
                say(opened_line(incident))
            for incident in report.mended:
                say(closed_line(incident))
            for incident in report.dropped:
                logger.info("%s", dropped_line(incident))
            for line in [
                *leave(report, copy, self.data_dir(), language(self._settings, PAGE_LANGUAGE)),
                *told,
            ]:
                logger.warning("%s", line)
        if report.unwritten is not None:
            logger.warning("%s; what opened or closed is written down by the next run", report.unwritten)
            self.exitcode = max(self.exitcode or DONE, code_of(report.unwritten))
        if report.is_news:
            self.exitcode = max(ATTENTION, code, self.exitcode or DONE)

    def _publish(self, options: StoreOptions, *, is_troubled: bool) -> None:
        """Publish what is due; rows of runs, too, where they are judged by them: one failed, or one may mend what is open."""
        data_dir = self.data_dir()
        try:
            is_due = is_troubled or bool(ask(data_dir, open_incidents))
            settle_publication(data_dir, options.wait_s, 0, 0 if is_due else options.publish_looks_every_s)
        except STORE_FAULTS as error:
            logger.warning("%s; it is judged by the last published copy", error)
            self.exitcode = code_of(error)

    def configure_logs(self) -> None:
        """Off a terminal the log goes to logs/harvest.log, which is rotated; on one, to stderr as usual."""
        self._settings.set("LOG_LEVEL", "INFO", priority="project")
        for name in CHATTY:  # by the loggers: Scrapy makes handlers of its own, anew with every process
            logging.getLogger(name).addFilter(_is_telling)
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
        self._settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="project")
        root = logging.getLogger()
        root.addHandler(handler)
        root.setLevel(self._settings["LOG_LEVEL"])
