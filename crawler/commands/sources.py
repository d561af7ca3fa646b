"""`scrapy sources [NAME …] [--verify] [--opml FILE]`: what is known of each source, and what its site says today."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.crawler import AsyncCrawlerProcess

from crawler.addon import contact_of
from crawler.catalogue.model import Catalogue, Source
from crawler.catalogue.opml import feeds_of, opml
from crawler.command import KabarCommand
from crawler.config import store_options
from crawler.console.tables import fitted, write
from crawler.console.text import STDOUT, complain, counted, say
from crawler.errors import ATTENTION, ArgumentError
from crawler.interruption import LINE
from storage.data_dir import DatabaseBusy, DataDirError, DiskFull

if TYPE_CHECKING:
    from crawler.ledger.ledger import Ledger
    from crawler.ledger.model import ClosedEntry, LookResult
    from crawler.verify.run import Verified

NEWEST = 10
"""Sources that are shown where not all are asked for."""


class Command(KabarCommand):
    """A table of all sources, or all that is known of one."""

    def syntax(self) -> str:
        return "[options] [NAME ...]"

    def short_desc(self) -> str:
        return "Show what is known of the sources; --verify looks at their sites live"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--wide",
            action="store_true",
            help="all sources, and all columns uncut; else the ten that ran last",
        )
        parser.add_argument(
            "--verify",
            action="store_true",
            help="look at the sites, of all that are followed where none is named, in at most ten polite requests "
            "each, and compare",
        )
        parser.add_argument(
            "--retry",
            action="store_true",
            help="ask the sources named again that are left alone, and their closed entries, with the next crawl",
        )
        parser.add_argument(
            "--opml", metavar="FILE", help="write the feeds of the sources as a list for any feed reader"
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Show, or look."""
        catalogue = self.catalogue()
        if opts.retry:
            self._retry([catalogue.source(name) for name in args])
        elif opts.opml is not None:
            self._write_opml(opts.opml, [catalogue.source(name) for name in args or catalogue])
        elif opts.verify:
            self._verify(catalogue, args)
        elif args:
            for name in args:
                self._show_one(catalogue.source(name))
        else:
            self._show_all(list(catalogue.values()), opts.wide)

    def _retry(self, sources: list[Source]) -> None:
        if not sources:
            raise ArgumentError("scrapy sources --retry takes the names of the sources")
        from crawler.downloader.rate_limit import Network, network_of

        with self._ledger() as ledger:
            pauses = _pauses(sources, ledger)
            for source in sources:
                pause = pauses.get(source.name)
                closed = ledger.sites.reopen_entries(source.name, datetime.now(UTC)) if ledger else 0
                if ledger and pause:
                    ledger.sites.resume(source.name)
                    if (network := network_of(source.home, source)) is not None:
                        Network(self.data_dir().locks, network).release()
                lifted = [pause] if pause else []
                lifted += [f"{closed} closed entries" if closed > 1 else "a closed entry"] if closed else []
                say(f"{source.name}: {'lifted: ' + ', '.join(lifted) if lifted else 'nothing to lift'}")

    def _write_opml(self, file: str, sources: list[Source]) -> None:
        is_shown = file == STDOUT
        without = [source.name for source in sources if not feeds_of(source)]
        if len(without) == len(sources):
            raise ArgumentError(f"--opml: no feed is known of {', '.join(without)}")
        try:
            content = opml(sources, datetime.now(UTC))
            if is_shown:
                sys.stdout.buffer.write(content)
            else:
                _put(Path(file), content)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise ArgumentError(f"--opml {file}: {error.strerror}") from error
        feeds = sum(len(feeds_of(source)) for source in sources)
        left_out = f"; left out, without a feed: {', '.join(without)}" if without else ""
        written = (
            f"{file}: {counted(feeds, 'feed')} of {counted(len(sources) - len(without), 'source')}{left_out}"
        )
        say(written, sys.stderr if is_shown else None)

    def _show_all(self, sources: list[Source], is_wide: bool) -> None:
        runs = self._last_runs()
        if not is_wide:
            self._show_newest(sources, runs)
            return
        with self._ledger_if_readable() as ledger:
            pauses = _pauses(sources, ledger)
            looks = ledger.sites.looks() if ledger else {}
        columns = [
            "source",
            "title",
            "region",
            "platform",
            "entries",
            "last run",
            "outcome",
            "verified",
            "access",
            "notice",
        ]
        rows = [
            [
                source.name,
                source.title,
                source.region,
                source.platform,
                ", ".join(dict.fromkeys(entry.kind for entry in source.entries)),
                *runs.get(source.name, (None, None)),
                _last_look(looks.get(source.name)) or source.verified,
                pauses.get(source.name),
                source.notice,
            ]
            for source in sources
        ]
        write("table", columns, rows)

    def _show_newest(self, sources: list[Source], runs: Mapping[str, tuple[datetime, str]]) -> None:
        """The ten sources that ran last, a line each."""
        never = datetime.min.replace(tzinfo=UTC)
        newest = sorted(sources, key=lambda source: runs.get(source.name, (never, ""))[0], reverse=True)[
            :NEWEST
        ]
        rows = []
        for source in newest:
            at, outcome = runs.get(source.name, (None, None))
            rows.append(
                [source.name, source.title, source.region, f"{at:%Y-%m-%d %H:%M}" if at else None, outcome]
            )
        for line in fitted(["source", "title", "region", "last run", "outcome"], rows, "title"):
            say(line)
        if len(newest) < len(sources):
            say(
                f"{len(newest)} of {len(sources)} sources, the last runs first; --wide shows all, and more of each",
                sys.stderr,
            )

    def _show_one(self, source: Source) -> None:
        run = self._last_runs().get(source.name, (None, None))
        with self._ledger_if_readable() as ledger:
            looked = ledger.sites.looks().get(source.name) if ledger else None
            pause = _pauses([source], ledger).get(source.name)
            closed = ledger.sites.closed_entries(source.name, datetime.now(UTC)) if ledger else []
        facts: list[tuple[str, Any]] = [
            ("source", source.name),
            ("title", source.title),
            ("home", source.home),
            ("region", source.region),
            ("province", source.province),
            ("zone", source.timezone),
            ("clock of its pages", source.clock),
            ("platform", source.platform),
            ("network", source.network),
            ("status", source.status),
            ("notice", source.notice),
            ("hosts", ", ".join(source.hosts)),
            *((f"entry {number}", str(entry)) for number, entry in enumerate(source.entries, 1)),
            *(
                ("closed entry", f"{_asked(each)} ({each.reason}) until {each.until:%Y-%m-%d}")
                for each in closed
            ),
            *((("access", pause),) if pause else ()),
            ("last run", run[0]),
            ("its outcome", run[1]),
            ("verified", _last_look(looked) or source.verified),
            *((("theme of its pages", looked.theme),) if looked and looked.theme else ()),
            *(("difference", each) for each in (looked.differences if looked else ())),
        ]
        write("table", ["what", "value"], facts)

    def _verify(self, catalogue: Catalogue, names: list[str]) -> None:
        from crawler.harvest import chosen
        from crawler.ledger.lost import refuse_if_lost
        from crawler.verify.run import Verification

        sources = chosen(catalogue, names, None)
        settings, data_dir = self._settings, self.data_dir()
        contact_of(settings)  # nonsense is wrong use, before anything is asked
        data_dir.claim("replay" if settings.get("REPLAY") else "live")
        refuse_if_lost(data_dir)
        verification = Verification(sources)
        verification.run(AsyncCrawlerProcess(settings), settings)
        for name, verified in sorted(verification.found.items()):
            self._report(name, verified)
        verification.note(data_dir, store_options(settings).wait_s)
        if verification.interruption.signal is not None:
            self.exitcode = verification.interruption.code
            complain(LINE)
        with closing(self.readers()) as readers:
            self.merger(catalogue, readers).merge([])  # brings them into view `sources`

    def _report(self, name: str, verified: Verified) -> None:
        from crawler.verify.report import COLUMNS

        look = verified.look
        if look is None:
            complain(verified.why_not or f"{name}: it was not looked at")
        else:
            write("table", ["source", *COLUMNS], [[name, *row] for row in look.rows()])
            if not look.works:
                complain(f"{name}: no entry led to an article that can be read ({look.requests} requests)")
        if look is None or not look.works:
            self.exitcode = ATTENTION

    def _last_runs(self) -> dict[str, tuple[datetime, str]]:
        """Source → (when its last run ended, or began where it was killed; how); empty before the first."""
        if not self.data_dir().published.exists():
            return {}
        from storage.crawls import last_runs
        from storage.publish import ask

        return ask(self.data_dir(), last_runs) or {}

    @contextmanager
    def _ledger(self) -> Iterator[Ledger | None]:
        """The ledger; null where there is none yet, or none that can be read."""
        from crawler.ledger.connection import LedgerDamaged
        from crawler.ledger.ledger import Ledger

        path = self.data_dir().ledger
        try:
            wait_s = store_options(self._settings).wait_s
            opened = Ledger(path, wait_s=wait_s) if path.exists() else None
        except LedgerDamaged:
            opened = None
        if opened is None:
            yield None
            return
        with closing(opened):
            yield opened

    @contextmanager
    def _ledger_if_readable(self) -> Iterator[Ledger | None]:
        """The same for reading; null too, with a line, where SQLite may not write (then it cannot read), or never gets the lock."""
        with ExitStack() as held:
            try:
                ledger = held.enter_context(self._ledger())
            except (DatabaseBusy, DataDirError, DiskFull) as error:
                complain(f"{error}; what the ledger knows (verified, access, closed entries) is left out")
                ledger = None
            yield ledger


def _put(file: Path, content: bytes) -> None:
    """Give a file of the user's this content, whole or not at all; a link or a pipe is written into, and stays."""
    if file.is_symlink() or (file.exists() and not file.is_file()):
        file.write_bytes(content)
        return
    made = file.with_name(f".{file.name[:200]}.{os.getpid()}")
    try:
        made.write_bytes(content)
        os.replace(made, file)
    finally:
        made.unlink(missing_ok=True)


def _pauses(sources: list[Source], ledger: Ledger | None) -> dict[str, str]:
    """The sources that are still left alone, and why and how long, in a sentence."""
    from crawler.downloader.access import holds, sentence_of

    noted, now = ledger.sites.pauses() if ledger else {}, datetime.now(UTC)
    found = ((source, noted.get(source.name)) for source in sources)
    return {source.name: sentence_of(pause) for source, pause in found if pause and holds(pause, source, now)}


def _asked(closed: ClosedEntry) -> str:
    """The closed question: the entry itself, or only whether its known articles were changed."""
    return closed.url if closed.what == "entry" else f"{closed.url}, for changes of known articles"


def _last_look(looked: LookResult | None) -> str | None:
    """The day and the result of the last look at the site, in a few words; null: there was none."""
    if looked is None:
        return None
    day, many = looked.at.date().isoformat(), len(looked.differences)
    if not looked.works:
        return f"{day}, could not be read"
    return f"{day}, {many} difference{'s' if many > 1 else ''}" if many else f"{day}, all agrees"
