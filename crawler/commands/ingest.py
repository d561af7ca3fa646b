"""`scrapy ingest [PATH …]`: the same chain over files; with no PATH, over every waiting segment."""

from __future__ import annotations

import argparse
import re
from contextlib import closing
from pathlib import Path

from crawler.console.progress import Bar
from crawler.console.text import complain, say
from crawler.errors import ATTENTION, ArgumentError
from crawler.in_parts import InParts
from crawler.ingest.run import Ingest
from crawler.ingest.told import tell_ingested
from crawler.shards.arguments import add_shard_options, shard_and_folder
from crawler.shards.read import FilesTask
from storage.batch import Merged

_ADDRESS = re.compile(r"https?://[^\s/?#]\S*$", re.IGNORECASE)


class Command(InParts):
    """Reads WARC, WACZ, .html and .txt files, and folders of them."""

    def syntax(self) -> str:
        return "[options] [PATH ...]"

    def short_desc(self) -> str:
        return "Read files (.warc, .warc.gz, .warc.zst, .wacz, .html, .txt, folders) into the database"

    def long_desc(self) -> str:
        return (
            "Read files into the database by the same chain as a crawl; what is kept of a foreign WARC is "
            "copied into our own segments. With no PATH, merge every waiting segment."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--source", metavar="NAME", help="the source that the documents belong to")
        parser.add_argument("--url", metavar="URL", help="the address of a single document")
        parser.add_argument(
            "--known-hosts",
            action="store_true",
            help="of a WARC, keep only pages of hosts that a source names",
        )
        add_shard_options(parser)

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Settle what waits, then take the paths."""
        self.publish_seldom()
        part = shard_and_folder(opts)
        if (part or opts.executor) and not args:
            raise ArgumentError("there is nothing to read in parts: name files or folders")
        if opts.url and not _ADDRESS.match(opts.url):
            raise ArgumentError(f"--url {opts.url}: no address (https://…)")
        catalogue = self.catalogue()
        source = catalogue.source(opts.source) if opts.source else None
        with closing(self.readers()) as readers:
            merger = self.merger(catalogue, readers)
            ingest = Ingest(merger, source, opts.url, opts.known_hosts)
            files = ingest.files([Path(arg) for arg in args])
            folder = part[1] if part else self.parts_folder(opts)
            others = ingest.result.passed_over
            task = FilesTask(merger, folder, files, source, opts.url, opts.known_hosts, others)
            if part:
                self.exitcode = self.read_part(task, part[0])
                return
            self.data_dir().create()
            waiting = merger.publishing_every(0).settle()
            if not args:
                say(
                    f"merged from waiting segments: {waiting.new} new, {waiting.edited} edited, {waiting.known} known"
                )
                self._judge(waiting)
                return
            if opts.executor:
                self.exitcode = self.spread(opts.executor, task)
                self._judge(waiting)
                return
            with Bar(ingest.standing):
                result = ingest.run(files)
            self.exitcode = tell_ingested(result)
            self._judge(waiting + result.merged)

    def _judge(self, merged: Merged) -> None:
        if merged.fault:
            complain(merged.fault)
            self.exitcode = ATTENTION
