"""`scrapy digest`: the daily clipping, of what is new since the last one."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from crawler.command import KabarCommand
from crawler.config import follow_words, language
from crawler.console.text import STDOUT, complain, say
from crawler.crawl.arguments import parse_past_day
from crawler.digest import run
from crawler.digest.files import FORMATS, Target, check
from crawler.digest.gather import Asked
from crawler.digest.mark import DigestDamaged, ListKey, key_of
from crawler.digest.model import Digest, Outlet
from crawler.digest.terms import Term, read_terms
from crawler.digest.words import WORDS, Speech, Words
from crawler.errors import ATTENTION, ArgumentError
from crawler.web.language import LANGUAGES
from storage.data_dir import DatabaseBusy
from storage.sources import WIB


class Command(KabarCommand):
    """Tells what is new, and remembers that it did."""

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "The daily clipping: what is new on your actors and terms, and what was not collected"

    def long_desc(self) -> str:
        return (
            "Tell what is new since the last digest on the list of actors in force (scrapy actors) and on the terms of "
            "--terms, outlet by outlet: new articles with two sentences around the name, copies folded, edits, removals, "
            "uncorrected copies, and what was not collected. Without actors and terms everything new is told. FILE may be "
            "- for stdout; --atom takes a folder, too, for a feed of each topic. The mark moves once all is written."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--since", metavar="DATE", help="what was collected from this day on; leaves the mark alone"
        )
        parser.add_argument(
            "--heed-notices",
            action="store_true",
            help="leave out articles whose page reserves a use of it, and say how many",
        )
        parser.add_argument("--again", action="store_true", help="the last digest once more, word for word")
        parser.add_argument(
            "--terms", metavar="FILE", help="terms to look for, too: CSV with the columns term,spellings"
        )
        parser.add_argument(
            "--lang", choices=LANGUAGES, help="language of its own words (default: setting LANGUAGE, else id)"
        )
        for form, what in zip(
            FORMATS, ("a page that can be mailed", "Markdown", "CSV", "a feed"), strict=True
        ):
            parser.add_argument(f"--{form}", metavar="FILE", help=f"write it to FILE, as {what}")

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check everything first, then tell."""
        if args:
            raise ArgumentError(f"scrapy digest takes no argument: {args[0]}")
        since = parse_past_day(opts.since, "--since ", datetime.now(UTC))
        if since and opts.again:
            raise ArgumentError("--since and --again: one of them")
        if opts.again and opts.heed_notices:
            raise ArgumentError("--heed-notices and --again: a digest that is repeated stays as it was")
        targets = [Target(form, getattr(opts, form)) for form in FORMATS if getattr(opts, form) is not None]
        check(targets)
        terms_file = Path(opts.terms).expanduser() if opts.terms is not None else None
        terms = read_terms(terms_file) if terms_file else []
        key = key_of(terms_file, follow_words(self._settings))
        try:
            digest = self._told(opts, targets, terms, key, since)
        except DatabaseBusy as error:
            if "digests" not in str(error):
                raise
            self.exitcode = ATTENTION
            complain(f"a digest of this list is being made already: {error}")
            return
        except DigestDamaged as error:
            raise ArgumentError(str(error)) from error
        if targets and not any(target.file == STDOUT for target in targets):
            speech = Speech(digest, self._words(opts))
            say(f"{', '.join(target.file for target in targets)}: {speech.counts} {speech.completeness}.")

    def _told(
        self,
        opts: argparse.Namespace,
        targets: list[Target],
        terms: list[Term],
        key: ListKey,
        since: date | None,
    ) -> Digest:
        words = self._words(opts)
        if opts.again:
            return run.tell_again(self.data_dir(), key, targets, words)
        outlets = tuple(Outlet(each.name, each.title, each.timezone) for each in self.catalogue().followed)
        zones = {each.timezone for each in outlets}
        self.settle_if_possible(looks_too=True)
        self._opened().close()  # before the first publish there is nothing to lock
        self.data_dir().create()  # of a copy from elsewhere there may be no more than the database
        asked = Asked(
            list_name=key.name,
            outlets=outlets,
            actors=(),  # those that are in force when the database is opened
            terms=tuple(terms),
            zone=zones.pop() if len(zones) == 1 else WIB,
            first_days=self._settings.getint("FIRST_RUN_DAYS"),
            since=since,
            heeds_notices=opts.heed_notices,
        )
        tell = run.answer if since else run.tell
        return tell(self.data_dir(), key, asked, self._opened, targets, words)

    def _words(self, opts: argparse.Namespace) -> Words:
        return WORDS[opts.lang or language(self._settings, "id")]

    def _opened(self) -> duckdb.DuckDBPyConnection:
        return self.published()
