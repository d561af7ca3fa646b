"""`scrapy query "SQL"`: read-only SQL over the published database, for those without the duckdb shell."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from crawler.apart import Apart
from crawler.command import KabarCommand, wrong_use_if_unpublished
from crawler.console.tables import FORMATS, write
from crawler.errors import ArgumentError
from storage.query import Refused, answers, open_for_questions

_SHORT = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


class Command(KabarCommand):
    """Answers from `news.duckdb`; never waits for a crawl."""

    def syntax(self) -> str:
        return '[options] "SQL"'

    def short_desc(self) -> str:
        return "Ask the published database a question in SQL, read-only"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--format", choices=FORMATS, default="table", help="how to print (default: table)"
        )
        parser.add_argument(
            "--tz", metavar="ZONE", help="zone of the instants shown, e.g. WITA (default: the machine's)"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Publish what a kill kept back, then answer."""
        if len(args) != 1 or not args[0].strip():
            raise ArgumentError(
                'scrapy query takes one SQL text, e.g. scrapy query "select count(*) from articles"'
            )
        zone = _zone(opts.tz)
        question = partial(self._answer, args[0], opts.format, zone)
        with Apart(self, question) as apart:
            self.settle_if_possible()
            self.exitcode = apart.outcome()

    def _answer(self, sql: str, form: str, zone: str | None, spill: Path) -> None:
        try:
            with wrong_use_if_unpublished(), open_for_questions(self.data_dir(), spill, zone) as connection:
                for answer in answers(connection, sql):
                    write(form, answer.columns, answer.rows)
        except Refused as error:
            raise ArgumentError(str(error)) from error
        except duckdb.Error as error:
            raise ArgumentError(str(error).partition("\n")[0]) from error


def _zone(name: str | None) -> str | None:
    """An IANA zone, or WIB, WITA, WIT; null: the machine's own."""
    if name is None:
        return None
    full = _SHORT.get(name.upper(), name)
    try:
        ZoneInfo(full)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder of zones such as "Asia"
        raise ArgumentError(
            f"--tz {name}: no such zone (WIB, WITA, WIT, or a name such as Asia/Makassar)"
        ) from error
    return full
