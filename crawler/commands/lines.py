"""`scrapy lines SOURCE`: lines that stand in several of an outlet's articles, to be accepted as junk or not."""

from __future__ import annotations

import argparse
import re
from contextlib import closing

from crawler.catalogue.write_toml import literal
from crawler.command import KabarCommand
from crawler.console.tables import write
from crawler.console.text import say
from crawler.errors import ArgumentError

LEAST = 3
_FIGURES = re.compile(r"([0-9]+)")


class Command(KabarCommand):
    """What no rule knows yet is seen by its repetition; whether it is junk says whoever looks."""

    def syntax(self) -> str:
        return "[options] SOURCE"

    def short_desc(self) -> str:
        return "List lines that recur across an outlet's articles, as candidates for its drop_lines"

    def long_desc(self) -> str:
        return (
            "List the lines that stand in several articles of a source, with their share and an example; of a "
            "story and its copies one counts, figures may differ. What is junk goes into the drop_lines of the "
            "source file (--toml prints it so); scrapy reprocess then takes it out of what is stored."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--least",
            metavar="N",
            type=int,
            default=LEAST,
            help=f"articles that a line must stand in (default: {LEAST})",
        )
        parser.add_argument("--toml", action="store_true", help="print a [[rules]] table for the source file")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Settle what waits, then ask the published copy."""
        if len(args) != 1:
            raise ArgumentError("scrapy lines takes one source")
        if opts.least < 1:
            raise ArgumentError(f"--least {opts.least}: at least 1")
        self.settle_if_possible()
        with closing(self.published()) as copy:
            if copy.execute("SELECT 1 FROM articles WHERE source = ? LIMIT 1", args).fetchone() is None:
                self.catalogue().source(args[0])
            found = copy.execute(
                "SELECT articles, share, at_end, first_on, last_on, example, urls[1]"
                " FROM recurring_lines(?, least := ?)",
                [args[0], opts.least],
            ).fetchall()
        if opts.toml:
            for line in as_rules([row[5] for row in found], [row[0] for row in found]).split("\n"):
                say(line)
            return
        write(
            "table",
            ["articles", "share", "at end", "first", "last", "line", "for example"],
            [[number, f"{share:.0%}", f"{end:.0%}", *rest] for number, share, end, *rest in found],
        )


def as_rules(lines: list[str], numbers: list[int]) -> str:
    """A TOML table that drops these lines, whatever their figures; behind each, in how many articles it stands."""
    rows = [
        f"    {literal(pattern(line))},  # in {number} articles"
        for line, number in zip(lines, numbers, strict=True)
    ]
    return "\n".join(["[[rules]]", "drop_lines = [", *rows, "]"])


def pattern(line: str) -> str:
    """The pattern of exactly this line, whatever its figures."""
    parts = ("[0-9]+" if _FIGURES.fullmatch(part) else re.escape(part) for part in _FIGURES.split(line))
    return f"^{''.join(parts)}$".replace("\\ ", " ")
