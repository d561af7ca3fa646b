"""`scrapy export DIR`: the public views as files that others open, with what is to be known of them."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

import duckdb

from crawler import __version__
from crawler.command import KabarCommand, wrong_use_if_unpublished
from crawler.console.text import complain, say, size_words
from crawler.crawl.arguments import parse_day
from crawler.errors import ArgumentError
from storage.data_dir import damaged
from storage.export.bucket import SCHEME
from storage.export.files import FORMATS
from storage.export.run import Exported, ExportOptions, export


class Command(KabarCommand):
    """Files of what `news.duckdb` holds; never waits for a crawl."""

    def syntax(self) -> str:
        return "[options] DIR"

    def short_desc(self) -> str:
        return "Write the public views as Parquet, CSV, JSON lines or Excel files"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--format", choices=FORMATS, default="parquet", help="kind of the files (default: parquet)"
        )
        parser.add_argument(
            "--since",
            metavar="DATE",
            help="bring an export in DIR up to date by what was first fetched since that day of the outlet, "
            "its own days included; into an empty DIR only that",
        )
        parser.add_argument(
            "--no-text",
            action="store_true",
            help="leave out texts, descriptions and paragraphs; the first 200 characters of a text stay",
        )

        parser.add_argument(
            "--heed-notices",
            action="store_true",
            help="leave out articles whose page reserves a use of it (usage_notice: noarchive, noai …)",
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Publish what a kill kept back, then write."""
        if len(args) != 1 or not args[0]:
            raise ArgumentError("scrapy export takes one folder, e.g. scrapy export data/export")
        if "://" in args[0] and not args[0].startswith(SCHEME):
            raise ArgumentError(f"{args[0]} is neither a folder of this machine nor s3://BUCKET/FOLDER")
        folder = args[0]
        options = ExportOptions(
            opts.format, parse_day(opts.since, "--since "), not opts.no_text, opts.heed_notices
        )
        self.settle_if_possible()
        try:
            with wrong_use_if_unpublished():
                exported = export(self.data_dir(), folder, options, __version__, datetime.now(UTC))
        except duckdb.Error as error:
            if told := damaged(self.data_dir().root, error):
                raise told from error
            raise ArgumentError(str(error).partition("\n")[0]) from error
        if exported is None:
            say(f"nothing was first fetched since {options.since}, and nothing is written")
        else:
            self._report(folder, exported)

    def _report(self, folder: str, exported: Exported) -> None:
        before = f", {exported.taken_over} of them as before" if exported.taken_over else ""
        say(
            f"{folder}: {exported.articles} articles and {len(exported.resources) - 1} further views "
            f"in {exported.files} files ({size_words(exported.bytes)}){before}"
        )
        if exported.notes:
            complain("; ".join(exported.notes))
