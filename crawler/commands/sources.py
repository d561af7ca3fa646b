"""`scrapy sources [NAME] [--verify]`: what is known of each source, and what its site says today."""

from __future__ import annotations

import argparse
import sqlite3
from typing import Any

import duckdb
from scrapy.crawler import AsyncCrawlerProcess

from crawler.arguments import ArgumentError
from crawler.catalogue import Catalogue, Source
from crawler.command import KabarCommand, complain
from crawler.ledger import Ledger
from crawler.session import ATTENTION
from crawler.tables import write
from crawler.verifying import Look, VerifySpider
from storage.database import open_published


class Command(KabarCommand):
    """A table of all sources, or all that is known of one."""

    def syntax(self) -> str:
        return "[options] [NAME]"

    def short_desc(self) -> str:
        return "Show what is known of the sources; --verify looks at one live"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--verify",
            action="store_true",
            help="look at the site in at most ten polite requests and compare",
        )

    def work(self, args: list[str], opts: argparse.Namespace) -> None:
        """Show, or look."""
        if len(args) > 1:
            raise ArgumentError("scrapy sources takes one name, or none")
        catalogue = self.catalogue()
        chosen = [catalogue.source(args[0])] if args else list(catalogue.values())
        if opts.verify:
            self._verify(catalogue, chosen)
        elif args:
            self._show_one(chosen[0])
        else:
            self._show_all(chosen)

    def _show_all(self, sources: list[Source]) -> None:
        runs, looks = self._last_runs(), self._last_looks()
        columns = [
            "source",
            "title",
            "region",
            "platform",
            "entries",
            "last run",
            "outcome",
            "verified",
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
                looks.get(source.name) or source.verified,
                source.notice,
            ]
            for source in sources
        ]
        write("table", columns, rows)

    def _show_one(self, source: Source) -> None:
        run = self._last_runs().get(source.name, (None, None))
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
            *(
                (f"entry {number}", f"{entry.kind} {entry.url}")
                for number, entry in enumerate(source.entries, 1)
            ),
            ("last run", run[0]),
            ("its outcome", run[1]),
            ("verified", self._last_looks().get(source.name) or source.verified),
        ]
        write("table", ["what", "value"], facts)

    def _verify(self, catalogue: Catalogue, sources: list[Source]) -> None:
        looks = [Look(source) for source in sources]
        process = AsyncCrawlerProcess(self._settings)
        for look in looks:
            spider = type("VerifyOne", (VerifySpider,), {"source": look.source, "look": look})
            process.crawl(spider)
        process.start()
        rows = [
            [look.source.name, finding.what, finding.file_says, finding.site_says, _spoken(finding.agrees)]
            for look in looks
            for finding in look.findings
        ]
        write("table", ["source", "what", "the file says", "the site says", "agrees"], rows)
        for look in looks:
            if not look.works:
                complain(
                    f"{look.source.name}: no entry led to an article that can be read ({look.requests} requests)"
                )
                self.exitcode = ATTENTION
        self._remember(looks)

    def _remember(self, looks: list[Look]) -> None:
        data_dir = self.data_dir()
        if not self._settings.get("REPLAY") and data_dir.ledger.exists():
            ledger = Ledger(data_dir.ledger)
            for look in looks:
                ledger.note_look(look.source.name, look.works)
            ledger.close()

    def _last_runs(self) -> dict[str, tuple[Any, Any]]:
        """Source → (when its last run ended, how); empty before the first."""
        try:
            connection = open_published(self.data_dir())
        except (FileNotFoundError, duckdb.Error):
            return {}
        rows = connection.execute(
            "SELECT source, date_trunc('second', max(finished_at)), arg_max(outcome, finished_at) FROM crawls GROUP BY source"
        ).fetchall()
        connection.close()
        return {source: (finished, outcome) for source, finished, outcome in rows}

    def _last_looks(self) -> dict[str, str]:
        """Source → when `--verify` last looked, and whether it worked."""
        path = self.data_dir().ledger
        if not path.exists():
            return {}
        try:
            ledger = Ledger(path)
            found = ledger.looks()
            ledger.close()
        except sqlite3.DatabaseError:
            return {}
        return found


def _spoken(agrees: bool | None) -> str:
    return {True: "yes", False: "NO", None: ""}[agrees]
