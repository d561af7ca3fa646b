"""`scrapy merge DIR`: what readers of parts have found becomes rows."""

from __future__ import annotations

import argparse
from contextlib import closing

from crawler.command import KabarCommand
from crawler.console.progress import Bar
from crawler.console.text import complain
from crawler.errors import ArgumentError
from crawler.shards.arguments import folder_of
from crawler.shards.merge import Merging
from crawler.shards.told import tell_merged


class Command(KabarCommand):
    """Takes what is complete in a folder of parts, in one short writer; any number of times."""

    def syntax(self) -> str:
        return "[options] DIR"

    def short_desc(self) -> str:
        return "Take what readers of parts (ingest or reprocess --shard I/N --to DIR) have found"

    def long_desc(self) -> str:
        return (
            "Merge the complete parts of a folder into the database, in any order and any number of times: what was "
            "merged before changes nothing. Rows are those of one run over all files. The folder is only read."
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Settle what waits, then take the parts."""
        if len(args) != 1:
            raise ArgumentError("merge takes one folder: scrapy merge DIR")
        self.publish_seldom()
        with closing(self.readers()) as readers:
            merger = self.merger(self.catalogue(), readers)
            merging = Merging(merger, folder_of(args[0]))
            merging.check()
            self.data_dir().create()
            settled = merger.publishing_every(0).settle()
            if settled.fault:
                complain(settled.fault)
            with closing(merging), Bar(merging.standing):
                found = merging.run()
        self.exitcode = tell_merged(found, merging.folder)
