"""`scrapy report [SOURCE …]`: what each outlet brought against what was to be expected, and what is broken."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from crawler.catalogue.model import Catalogue
from crawler.command import KabarCommand, code_of, wrong_use_if_unpublished
from crawler.config import language, recipients, store_options
from crawler.console.text import STDOUT, complain
from crawler.crawl.arguments import parse_past_day
from crawler.digest.files import Target, check
from crawler.errors import ATTENTION, ArgumentError
from crawler.notify.notice import Notice
from crawler.notify.tell import tell
from crawler.report.files import PAGE_LANGUAGE, write_page
from crawler.report.run import STORE_FAULTS, Asked, take
from crawler.report.terminal import show
from crawler.web.language import LANGUAGES
from storage.publish import is_of_other_code, open_published


class Command(KabarCommand):
    """Judges the last days, opens and closes incidents, and shows how each outlet fares."""

    def syntax(self) -> str:
        return "[options] [SOURCE ...]"

    def short_desc(self) -> str:
        return "Coverage and health of each outlet against what is expected of it"

    def long_desc(self) -> str:
        return (
            "Hold the last days of the sources named, or of every one that was ever crawled, against what is expected of them "
            "([expect] of the source file, else their own past), and keep what is broken in view incidents. "
            "The exit code is 1 while anything is broken, and where a day since --since fell short."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--since",
            metavar="DATE",
            type=str,
            help="judge the days from this one on (default: the last seven)",
        )
        parser.add_argument("--html", metavar="FILE", help="write the report as a page of its own, too")
        parser.add_argument(
            "--lang", choices=LANGUAGES, help="language of that page (default: setting LANGUAGE, else en)"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Bring in what waits, judge, and show."""
        now, catalogue = datetime.now(UTC), self.catalogue()
        names = tuple(catalogue.source(name).name for name in args)
        asked = Asked(parse_past_day(opts.since, "--since ", now), names)
        if opts.lang and opts.html is None:
            raise ArgumentError(f"--lang {opts.lang}: of the page that --html FILE writes")
        if opts.html is not None:
            if opts.html == STDOUT:
                raise ArgumentError("--html -: the table goes to stdout; name a file")
            check([Target("html", opts.html)])
        with wrong_use_if_unpublished():
            self._settle(catalogue)
            copy = open_published(self.data_dir())
        with closing(copy):
            wait_s = store_options(self._settings).wait_s
            report = take(copy, self.data_dir(), catalogue, wait_s, now, asked)
            # First of all: what is written down as open is told by no later run.
            for line in tell(Notice.of(report), recipients(self._settings), self.data_dir()):
                complain(line)
            if report.is_breached:
                self.exitcode = ATTENTION
            if report.unwritten is not None:
                self.exitcode = code_of(report.unwritten)
                complain(f"{report.unwritten}; what opened or closed is written down by the next report")
            show(report)
            if opts.html:
                try:
                    lang = opts.lang or language(self._settings, PAGE_LANGUAGE)
                    write_page(report, copy, Path(opts.html).expanduser(), lang)
                except OSError as error:
                    raise ArgumentError(f"--html {opts.html}: cannot be written: {error.strerror}") from error

    def _settle(self, catalogue: Catalogue) -> None:
        """Bring in what waits, and what is followed and expected now; where the store is busy, the copy answers."""
        try:
            self.settle(looks_too=True)
            with closing(self.readers()) as readers:
                self.merger(catalogue, readers).note_sources()
        except STORE_FAULTS as error:
            if is_of_other_code(self.data_dir()):  # after an upgrade: the copy has other views than are asked
                raise
            complain(f"{error}; the answer is from the last published copy")
