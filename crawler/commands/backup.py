"""`scrapy backup DIR`: a copy of what cannot be had again."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from crawler import __version__
from crawler.backup import back_up
from crawler.command import KabarCommand
from crawler.config import source_dirs
from crawler.console.text import complain, say
from crawler.errors import ATTENTION, ArgumentError


class Command(KabarCommand):
    """Runs beside crawls; a second run copies what is new."""

    def syntax(self) -> str:
        return "[options] DIR"

    def short_desc(self) -> str:
        return "Copy what cannot be had again, while crawls run"

    def long_desc(self) -> str:
        return (
            "Copy the archived pages, the ledger, the database, tombstones, lists and source files into a folder: all of it "
            "the first time, later what is new. What was forgotten since is taken out of the backup. "
            "scrapy doctor --restore DIR makes a DATA_DIR of it."
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Publish what a kill kept back, then copy."""
        if len(args) != 1 or not args[0].strip():
            raise ArgumentError("scrapy backup takes one folder, e.g. scrapy backup /mnt/cadangan/kabar")
        if "://" in args[0]:
            raise ArgumentError(f"{args[0]} is no folder of this machine")
        folder = Path(args[0]).expanduser()
        self.settle_if_possible(looks_too=True)
        try:
            done = back_up(
                self.data_dir(), folder, source_dirs(self._settings), __version__, datetime.now(UTC)
            )
        except OSError as error:
            raise ArgumentError(f"{error.filename or folder}: {error.strerror}") from error
        say(
            f"{folder}: {done.segments} segments, {done.bytes / 1e6:.1f} MB; {done.copied} files were new or had changed"
        )
        if done.only_here:
            complain(f"{done.only_here} pruned segments are in the backup alone")
        if done.cleaned:
            complain(f"forgotten articles were taken out of {done.cleaned} of them")
        if not done.is_finished:
            self.exitcode = ATTENTION
            complain(
                "an article was being erased meanwhile: run scrapy backup once more to finish the backup"
            )
