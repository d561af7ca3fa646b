"""`scrapy reprocess [SOURCE …]`: archived pages, read again by today's rules; offline."""

from __future__ import annotations

import argparse
from contextlib import closing

from crawler.command import KabarCommand
from crawler.console.progress import Bar
from crawler.console.text import say
from crawler.reprocess import Reprocess, Reprocessed, difference, standing
from storage.publish import is_of_other_code

SHOWN_REFUSED = 20


def _moved(places: list[str]) -> str:
    return f" (moved to {', '.join(places)}; copied back, they are read)" if places else ""


class Command(KabarCommand):
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

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Settle what waits, then read segment after segment."""
        self.publish_seldom()
        with closing(self.readers()) as readers:
            merger = self.merger(self.catalogue(), readers)
            if not opts.dry_run or is_of_other_code(self.data_dir()):
                merger.publishing_every(0).settle()
            again = Reprocess(merger, opts.dry_run)
            names = list(dict.fromkeys(args))
            work = again.segments(names)
            if pruned := again.pruned(names):
                places = sorted({place for place in pruned.values() if place is not None})
                say(f"{len(pruned)} segments were pruned{_moved(places)}: their pages are not read again")
            done: dict[str, Reprocessed] = {}
            try:
                with Bar(lambda: standing(done, len(work))):
                    again.run(work, done)
            finally:  # whoever interrupts it hears what was done
                for each in done.values():
                    self._report(each, opts.dry_run)
        if not done:
            say("nothing to read again: today's rules read all of it")

    def _report(self, done: Reprocessed, dry_run: bool) -> None:
        would = "would be " if dry_run else ""
        say(
            f"{done.source}: {done.pages} pages read again; {done.changed} articles {would}reprocessed, "
            f"{done.unchanged} unchanged, {len(done.new)} {would}new, {len(done.refused)} refused and kept"
        )
        if done.gone:
            say(f"  {done.gone} segments were pruned meanwhile: their pages are not read again")
        for name, number in done.fields.most_common():
            say(f"  {name}: differs in {number}")
            for change in done.examples[name] if dry_run else ():
                say(f"    {change.article.url or change.article.article_id}")
                for line in difference(*change.fields[name]):
                    say(f"      {line}")
        for article in done.new if dry_run else ():
            say(f"  an article now: {article.url or article.article_id}: {article.title}")
        for refused in done.refused[:SHOWN_REFUSED]:
            say(f"  no article by today's rules ({refused.reason}): {refused.url}")
