"""`scrapy reprocess [SOURCE …]`: archived pages, read again by today's rules; offline."""

from __future__ import annotations

import argparse
from contextlib import closing

from crawler.console.progress import Bar
from crawler.console.text import say
from crawler.errors import ArgumentError
from crawler.in_parts import InParts
from crawler.reprocess import Reprocess, Reprocessed, standing, tell_reprocessed
from crawler.shards.arguments import add_shard_options, shard_and_folder
from crawler.shards.read import ArchiveTask
from storage.publish import is_of_other_code

NOTHING = "nothing to read again: today's rules read all of it"


def _moved(places: list[str]) -> str:
    return f" (moved to {', '.join(places)}; copied back, they are read)" if places else ""


class Command(InParts):
    """What other rules read before is read again; what reads differently becomes a version "reprocessed"."""

    def syntax(self) -> str:
        return "[options] [SOURCE ...]"

    def short_desc(self) -> str:
        return "Read the archived pages again with today's rules"

    def long_desc(self) -> str:
        return (
            "Read the newest page of every article, and every page that was refused, again with today's rules, "
            "of the sources named or of all. What reads differently becomes a new version (version_reason "
            "'reprocessed'), so that nobody takes it for an outlet's edit. Can be interrupted at any time: the "
            "next run goes on. Asks no site for anything."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="only show what would change, with examples; writes nothing",
        )
        add_shard_options(parser)

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Settle what waits, then read segment after segment."""
        self.publish_seldom()
        part = shard_and_folder(opts)
        if opts.dry_run and (part or opts.executor):
            raise ArgumentError("--dry-run shows differences, and parts are compared when they are merged")
        with closing(self.readers()) as readers:
            merger = self.merger(self.catalogue(), readers)
            task = ArchiveTask(
                merger, part[1] if part else self.parts_folder(opts), list(dict.fromkeys(args))
            )
            if part:
                self.exitcode = self.read_part(task, part[0])
                return
            if not opts.dry_run or is_of_other_code(self.data_dir()):
                merger.publishing_every(0).settle()
            again = Reprocess(merger, opts.dry_run)
            names = list(dict.fromkeys(args))
            work = again.segments(names)
            if pruned := again.pruned(names):
                places = sorted({place for place in pruned.values() if place is not None})
                say(f"{len(pruned)} segments were pruned{_moved(places)}: their pages are not read again")
            if opts.executor:
                if not work:
                    say(NOTHING)
                else:
                    self.exitcode = self.spread(opts.executor, task)
                return
            done: dict[str, Reprocessed] = {}
            try:
                with Bar(lambda: standing(done, len(work))):
                    again.run(work, done)
            finally:  # whoever interrupts it hears what was done
                for each in done.values():
                    tell_reprocessed(each, opts.dry_run)
        if not done:
            say(NOTHING)
