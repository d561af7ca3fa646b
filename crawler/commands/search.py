"""`scrapy search "WORDS"`: ranked full-text search over the published database."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import astuple
from datetime import datetime
from difflib import get_close_matches
from typing import Final

import duckdb
from rich.console import Console
from rich.text import Text

from crawler.command import KabarCommand
from crawler.console.ris import Reference, print_ris
from crawler.console.tables import write
from crawler.console.text import complain, printable
from crawler.crawl.arguments import parse_day
from crawler.errors import ArgumentError
from pipelines.names import gazetteer
from storage.search.ask import COLUMNS, Bounds, Hit, forms, search
from storage.search.question import Case, MalformedQuestion, cases_of, folded
from storage.sources import shared_zone

FORMATS: Final = ("table", "csv", "json", "ris")
LIMIT = 20
WIDTH = 80
"""Columns of a result on a terminal, at most."""


class Command(KabarCommand):
    """Answers from `news.duckdb`; never waits for a crawl."""

    takes_dashes = True  # "-word" leaves out what has it

    def syntax(self) -> str:
        return '[options] "WORDS"'

    def short_desc(self) -> str:
        return "Search the articles; every form of a word is found, the best come first"

    def long_desc(self) -> str:
        return (
            'All words have to occur, in any form (mendukung finds dukungan). "exact phrase", a OR b, -not and '
            "prefix* narrow or widen it; put the whole in single quotes for the shell. A search that begins with - "
            "comes after --."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--source", metavar="S", help="articles of this source alone")
        parser.add_argument("--place", metavar="P", help="articles about this place alone")
        parser.add_argument("--since", metavar="D", help="published on this day or later (YYYY-MM-DD)")
        parser.add_argument("--until", metavar="D", help="published on this day or earlier")
        parser.add_argument(
            "--limit", metavar="N", type=int, default=LIMIT, help=f"at most N articles (default: {LIMIT})"
        )
        parser.add_argument(
            "--format",
            choices=FORMATS,
            default="table",
            help="how to print (default: table); ris: for reference managers",
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Publish what a kill kept back, then answer."""
        if not args:
            raise ArgumentError('scrapy search takes words, e.g. scrapy search "dukungan partai buruh"')
        try:
            cases = cases_of(" ".join(args))
        except MalformedQuestion as error:
            raise ArgumentError(str(error)) from error
        if opts.limit < 1:
            raise ArgumentError(f"--limit {opts.limit}: at least 1")
        places = _places(opts.place) if opts.place is not None else None
        bounds = Bounds(
            opts.source,
            places,
            parse_day(opts.since, "--since "),
            parse_day(opts.until, "--until "),
        )
        self.settle_if_possible()
        with closing(self.published()) as copy:
            copy.execute("SET TimeZone = ?", [shared_zone(copy)])
            self._check(copy, bounds)
            try:
                hits = search(copy, cases, bounds, opts.limit)
            except duckdb.CatalogException as error:  # it could not be published anew
                raise ArgumentError(
                    "the published copy is of a Kabar without search; any crawl renews it"
                ) from error
            self._show(copy, opts.format, hits, cases)
        if not hits:
            complain("no article has that; fewer words find more, and prefix* finds what begins so")

    def _check(self, copy: duckdb.DuckDBPyConnection, bounds: Bounds) -> None:
        if copy.execute("SELECT 1 FROM articles LIMIT 1").fetchone() is None:
            raise ArgumentError("the database has no article yet; scrapy crawl SOURCE begins")
        if (
            bounds.source is not None
            and not copy.execute(
                "SELECT 1 FROM articles WHERE source = ? LIMIT 1", [bounds.source]
            ).fetchone()
        ):
            self.catalogue().source(bounds.source)
        if bounds.since and bounds.until and bounds.since > bounds.until:
            raise ArgumentError(f"--since {bounds.since} is after --until {bounds.until}")

    def _show(
        self, copy: duckdb.DuckDBPyConnection, form: str, hits: Sequence[Hit], cases: Sequence[Case]
    ) -> None:
        if form == "ris":
            print_ris(_references(copy, hits))
        elif form == "table" and sys.stdout.isatty():
            _draw(hits, forms(copy, cases))
        else:
            write(form, COLUMNS, map(astuple, hits))


def _places(name: str) -> list[str]:
    """The ids of the places that are meant: by a name, an abbreviation such as Kukar, or a code."""
    if not (meant := gazetteer.meant(name)):
        near = get_close_matches(gazetteer.folded(name.strip()), gazetteer.by_name(), n=1)
        proposal = f"; did you mean {gazetteer.by_name()[near[0]][0].name!r}?" if near else ""
        raise ArgumentError(
            f"--place {name}: no such place (provinces, regencies and cities; in Kalimantan and Sulawesi districts, too){proposal}"
        )
    return [place.place_id for place in meant]


# --- on a terminal --------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")


def _draw(hits: Sequence[Hit], words: Collection[str]) -> None:
    """Three lines a hit: its title, where and when, and the text around the word; an address may take a line more."""
    console = Console(highlight=False, width=min(WIDTH, Console().width))
    for number, hit in enumerate(hits, 1):
        title = Text(f"{number:>2}. ") + _marked(hit.title or "(without a title)", words, "bold")
        when = _when(hit.published_at)
        console.print(title, Text(f"    {when}{hit.source}", "cyan"), sep="\n")
        console.print(
            Text(
                f"    {printable(hit.url)}" if hit.url else "    (without an address)", "dim", overflow="fold"
            )
        )
        for line in _marked(hit.snippet, words, "").wrap(console, console.width - 4):
            console.print(Text("    ") + line)


def _when(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}  " if at else ""


def _marked(text: str, words: Collection[str], style: str) -> Text:
    """The text, with the words that were looked for standing out."""
    plain = printable(text)
    marked = Text(plain, style)
    for found in _WORD.finditer(plain):
        if folded(found[0]) in words:
            marked.stylize("bold yellow", found.start(), found.end())
    return marked


# --- references -----------------------------------------------------------------------------------------


def _references(copy: duckdb.DuckDBPyConnection, hits: Sequence[Hit]) -> list[Reference]:
    """The hits as references, in their order."""
    found = {
        row[0]: Reference(*row)
        for row in copy.execute(
            "SELECT a.article_id, a.title, coalesce(s.title, a.source), a.authors, a.published_on, a.url, a.description,"
            " a.tags, a.language, a.dateline, a.fetched_at::DATE FROM articles a LEFT JOIN sources s USING (source)"
            " WHERE a.article_id IN (SELECT unnest(?::VARCHAR[]))",
            [[hit.article_id for hit in hits]],
        ).fetchall()
    }
    return [found[hit.article_id] for hit in hits]
