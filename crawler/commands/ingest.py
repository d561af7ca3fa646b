"""`scrapy ingest [PATH …]`: the same chain over files; with no PATH, over every waiting segment."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

from crawler.command import KabarCommand
from crawler.console.progress import Bar
from crawler.console.text import complain, say
from crawler.errors import ATTENTION
from crawler.ingest.documents import TOLD, Ingested
from crawler.ingest.run import Ingest
from storage.merge import Merged


class Command(KabarCommand):
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

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Settle what waits, then take the paths."""
        self.publish_seldom()
        catalogue = self.catalogue()
        source = catalogue.source(opts.source) if opts.source else None
        with closing(self.readers()) as readers:
            merger = self.merger(catalogue, readers)
            ingest = Ingest(merger, source, opts.url, opts.known_hosts)
            files = ingest.files([Path(arg) for arg in args])
            self.data_dir().create()
            waiting = merger.publishing_every(0).settle()
            if not args:
                say(
                    f"merged from waiting segments: {waiting.new} new, {waiting.edited} edited, {waiting.known} known"
                )
                self._judge(waiting)
                return
            with Bar(ingest.standing):
                result = ingest.run(files)
            self._report(result)
            self._judge(waiting + result.merged)

    def _judge(self, merged: Merged) -> None:
        if merged.fault:
            complain(merged.fault)
            self.exitcode = ATTENTION

    def _report(self, result: Ingested) -> None:
        merged = result.merged
        known = merged.known + merged.reread + merged.churning + result.unchanged
        figures = [
            f"{result.documents} documents: {merged.new} new articles",
            f"{merged.edited} edited",
            f"{known} known",
            f"{result.repeated} brought before",
            f"{result.refused} rejected",
            f"{result.skipped} records skipped",
        ]
        if result.unknown_hosts:
            figures.append(f"{result.unknown_hosts} of unknown hosts")
        if result.before:
            figures.append(f"{result.before} files ingested before")
        say(", ".join(figures))
        if others := result.passed_over:
            named = ", ".join(str(file) for file in others[:TOLD])
            rest = f" and {len(others) - TOLD} more" if len(others) > TOLD else ""
            complain(f"passed over, of a kind that is not read: {named}{rest}")
        for line in result.rejected:
            complain(line)
        if more := result.refused - len(result.rejected):
            complain(f'and {more} more; `scrapy query "from rejections"` shows all')
        for line in result.damaged:
            complain(line)
            self.exitcode = ATTENTION
