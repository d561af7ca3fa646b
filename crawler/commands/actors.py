"""`scrapy actors [FILE] [--check]`: the list of people, parties, offices and organisations that articles are searched for."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

from crawler.actors import DoubtfulList, configured, digest_of, read_list
from crawler.command import KabarCommand
from crawler.config import store_options
from crawler.console.tables import write
from crawler.console.text import complain, counted, say
from crawler.errors import WRONG_USE, ArgumentError
from pipelines.names.actors import Actor
from storage import actors


class Command(KabarCommand):
    """Takes a list, or shows the one in force."""

    def syntax(self) -> str:
        return "[options] [FILE]"

    def short_desc(self) -> str:
        return "Take a list of people and parties, and find them in every article"

    def long_desc(self) -> str:
        return (
            "Take a list of people, parties, offices and organisations (CSV with a header, or TOML tables [[actor]]) in "
            "the place of the one in force, find them in every stored article, and publish. Without FILE, show the list "
            "in force. A doubtful list changes nothing: every fault is one line with its file and line."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--check", action="store_true", help="only check FILE, or without it the file that ACTORS names"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, take or show."""
        if len(args) > 1:
            raise ArgumentError("scrapy actors takes one file")
        options = store_options(self._settings)
        own = configured(self.data_dir(), options.actors)
        path = Path(args[0]).expanduser() if args else own
        if opts.check and path is None:
            raise ArgumentError("no file to check: name one, or put it into DATA_DIR/actors.csv")
        if path is None or not (args or opts.check):
            self._show(own)
            return
        try:
            listed = read_list(path)
        except DoubtfulList as error:
            for line in error.faults:
                complain(line)
            self.exitcode = WRONG_USE
            return
        if opts.check:
            say(f"{path}: {_count(listed)}, nothing doubtful")
        else:
            self._take(listed, own)

    def _take(self, listed: list[Actor], own: Path | None) -> None:
        self.data_dir().create()
        with closing(self.readers()) as readers:
            merger = self.merger(self.catalogue(), readers).publishing_every(0)
            fault = merger.settle().fault
            with merger.open_store() as store:
                # What ACTORS names counts as taken, too: it comes into force when it changes next.
                actors.put(store, listed, digest_of(own))
            merger.note_sources()
        if fault:
            complain(fault)
        with closing(self.published()) as copy:
            (named,) = copy.execute("SELECT count(DISTINCT article_id) FROM actor_mentions").fetchone() or (
                0,
            )
            (stored,) = copy.execute("SELECT count(*) FROM articles").fetchone() or (0,)
        say(f"{_count(listed)} in force; {named} of {stored} articles name one")

    def _show(self, own: Path | None) -> None:
        self.settle_if_possible()
        with closing(self.published()) as copy:
            is_taken = own is None or actors.last_digest(copy) == digest_of(own)
            rows = copy.execute(
                "SELECT a.actor_id, a.name, a.kind, array_to_string(a.spellings, ' | '),"
                " (SELECT count(*) FROM actor_mentions m WHERE m.actor_id = a.actor_id) FROM actors a"
            ).fetchall()
        if rows:
            write("table", ["actor_id", "name", "kind", "spellings", "articles"], rows)
        else:
            say("no list of actors is in force; scrapy actors FILE takes one")
        if not is_taken:
            complain(
                f"{own} is not in force yet: the next crawl or harvest takes it, scrapy actors {own} at once"
            )


def _count(listed: list[Actor]) -> str:
    names = sum(len(actor.names) for actor in listed)
    return f"{counted(len(listed), 'actor')} with {counted(names, 'spelling')}"
