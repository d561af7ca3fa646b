"""`scrapy explore`: a local, read-only web page over the published database."""

from __future__ import annotations

import argparse
import sys
import webbrowser

from crawler.command import KabarCommand, wrong_use_if_unpublished
from crawler.console.text import say
from crawler.errors import ArgumentError
from storage.explore.copy import CopyDamaged

PORT = 8642
MOST_PORT = 65535


class Command(KabarCommand):
    """Serves the pages until it is ended; follows new publications by itself."""

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Look around in the published database, in a browser of this machine"

    def long_desc(self) -> str:
        return (
            "Serve pages over news.duckdb on this machine alone: search, articles with their versions and copies, outlets, "
            "stories, actors, paid content, changes, SQL. Nothing is written, and nothing is sent out. Ctrl-C ends it."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--port", metavar="N", type=int, default=PORT, help=f"port (default: {PORT}; 0: a free one)"
        )
        parser.add_argument("--open", action="store_true", help="open the first page in the browser")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Publish what a kill kept back, then serve."""
        if args:
            raise ArgumentError(f"scrapy explore takes no argument; {args[0]}: a search is typed on the page")
        if not 0 <= opts.port <= MOST_PORT:
            raise ArgumentError(f"--port {opts.port}: a port is a number from 0 to {MOST_PORT}")
        from crawler.explore.server import serve  # here, for every command imports this module

        data_dir = self.data_dir()
        # A copy that came without its store is looked at as it is: what were published from a new store would replace it.
        if data_dir.store.exists() or not data_dir.published.exists():
            self.settle_if_possible()

        def ready(home: str) -> None:
            say(home)
            sys.stdout.flush()
            if opts.open:
                webbrowser.open(home)

        try:
            with wrong_use_if_unpublished():
                number = serve(data_dir, opts.port, ready)
        except CopyDamaged as error:
            raise ArgumentError(str(error)) from error
        self.exitcode = 128 + number
