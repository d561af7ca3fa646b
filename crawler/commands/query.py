"""`scrapy query "SQL"`: read-only SQL over the published database, for those without the duckdb shell."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from crawler.apart import Apart
from crawler.command import KabarCommand, wrong_use_if_unpublished
from crawler.console.tables import FORMATS, write
from crawler.console.text import say
from crawler.errors import ArgumentError
from storage.data_dir import damaged
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
            "--format",
            choices=FORMATS,
            help="how to print (default: table; on a terminal that is too narrow for one: line)",
        )
        parser.add_argument(
            "--tz",
            metavar="ZONE",
            help="zone of the instants shown, e.g. WITA (default: that of all followed outlets, else WIB)",
        )
        parser.add_argument("-f", "--file", metavar="FILE", help="take the SQL from a file; - is stdin")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Publish what a kill kept back, then answer."""
        sql = _sql(args, opts.file)
        zone = _zone(opts.tz) if opts.tz is not None else self.catalogue().shared_zone or _SHORT["WIB"]
        question = partial(self._answer, sql, opts.format, zone)
        with Apart(self, question) as apart:
            self.settle_if_possible()
            self.exitcode = apart.outcome()

    def _answer(self, sql: str, form: str | None, zone: str, spill: Path) -> None:
        try:
            with wrong_use_if_unpublished(), open_for_questions(self.data_dir(), spill, zone) as connection:
                for number, answer in enumerate(answers(connection, sql)):
                    if number and (form == "line" or (form is None and sys.stdout.isatty())):
                        say("")  # else the rows of two answers run into one another
                    write(form, answer.columns, answer.rows)
        except Refused as error:
            raise ArgumentError(str(error)) from error
        except duckdb.Error as error:
            if told := damaged(self.data_dir().root, error):
                raise told from error
            line, *more = (line for line in str(error).expandtabs(4).splitlines() if line.strip())
            raise ArgumentError(line, more) from error


def _sql(args: list[str], file: str | None) -> str:
    """The SQL of the command line, or that of a file."""
    if file is None:
        if len(args) != 1 or not args[0].strip():
            raise ArgumentError(
                'scrapy query takes one SQL text, e.g. scrapy query "select count(*) from articles", or -f FILE'
            )
        return args[0]
    if args:
        raise ArgumentError(f"scrapy query takes the SQL from -f {file} or from the command line, not both")
    try:
        text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        sql = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ArgumentError(f"-f {file}: no UTF-8 text") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = error.strerror if isinstance(error, OSError) else error
        raise ArgumentError(f"-f {file}: {reason}") from error
    if not sql.strip():
        raise ArgumentError(f"-f {file}: no SQL in it")
    return sql


def _zone(name: str) -> str:
    """An IANA zone, or WIB, WITA, WIT."""
    full = _SHORT.get(name.upper(), name)
    try:
        ZoneInfo(full)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder of zones such as "Asia"
        raise ArgumentError(
            f"--tz {name}: no such zone (WIB, WITA, WIT, or a name such as Asia/Makassar)"
        ) from error
    return full
