"""`scrapy prove URL|ARTICLE_ID FILE`: a bundle that shows where a row comes from, and that nobody changed it."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from crawler import __version__
from crawler.command import KabarCommand
from crawler.console.text import complain, say
from crawler.errors import ArgumentError
from crawler.evidence.page import page_of
from crawler.evidence.prove import prove
from storage.evidence import row_of


class Command(KabarCommand):
    """Reads the archive and its chain; asks no site and no authority."""

    def syntax(self) -> str:
        return "[options] URL|ARTICLE_ID FILE.wacz"

    def short_desc(self) -> str:
        return "Write a bundle that proves an archived page, to be checked without Kabar"

    def long_desc(self) -> str:
        return (
            "Write the archived page behind a row, the chain of segments from there on, the time stamp where there is one "
            "(setting TIMESTAMP_URL), the row and a script into one file. Anybody can check with openssl and the script that "
            "the page lay in the archive by then and was not changed since."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--version", type=int, metavar="N", help="of this version (default: the newest)")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Find the page, then write the bundle."""
        if len(args) != 2 or not all(each.strip() for each in args):
            raise ArgumentError("scrapy prove takes one address or article_id, and one FILE.wacz")
        asked, file = args[0].strip(), Path(args[1]).expanduser()
        self.settle_if_possible()
        with closing(self.published()) as copy:
            page = page_of(copy, self.data_dir(), asked, opts.version)
            row = row_of(copy, page.place.article_id, page.place.version)
            try:
                done = prove(
                    self.data_dir(), copy, page, row, file, f"Kabar {__version__}", datetime.now(UTC)
                )
            except OSError as error:
                raise ArgumentError(f"{error.filename or file}: {error.strerror}") from error
        say(f"{file}: {done.segment}, line {done.number} of the chain, {done.closed_at}")
        if done.stamped is None:
            complain("no stamp yet: the chain alone says when (setting TIMESTAMP_URL; harvest stamps)")
        if page.reservation is not None:
            complain(page.reservation)
