"""The rows of `crawls`: one for each run of a source, however it ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import duckdb

from storage.connection import Store
from storage.coverage import Coverage
from storage.rows import Row, append

CrawlOutcome = Literal["done", "failed", "stopped", "killed"]
Fault = Literal[
    "refused", "certificate", "moved_host", "other_page", "clock", "disk_filling", "store_stuck", "unanswered"
]
"""What may stand in a run's way: the site, this machine, or, where nothing answers, nobody knows which."""


@dataclass(frozen=True, slots=True)
class CrawlRow:
    """One run of one source, as `crawls` keeps it."""

    crawl_id: str
    source: str
    started_at: datetime
    finished_at: datetime | None
    """Null: it was killed."""
    outcome: CrawlOutcome
    entry: str | None = None
    requests: int | None = None
    """This and the other figures: null for a run that could not write its own row."""
    discovered: int | None = None
    fetched: int | None = None
    stored: int | None = None
    known: int | None = None
    rejected: int | None = None
    failed: int | None = None
    pending: int | None = None
    message: str | None = None
    coverage: Coverage | None = None
    """Null: it looked at no day."""
    fault: Fault | None = None
    """What stood in its way. Null: nothing of these."""
    fault_detail: str | None = None
    """The same in words. Null when `fault` is."""

    def columns(self) -> Row:
        """The row of `kept.crawls`."""
        row = {name: getattr(self, name) for name in self.__slots__ if name != "coverage"}
        first, last = (self.coverage.first, self.coverage.last) if self.coverage else (None, None)
        return {**row, "covered_from": first, "covered_to": last}


def note_crawls(store: Store, runs: Iterable[CrawlRow]) -> None:
    """Add the rows of runs in the open transaction; a run that has one already keeps it."""
    wanted = {run.crawl_id: run for run in runs}
    found = store.connection.execute(
        "SELECT crawl_id FROM kept.crawls WHERE crawl_id IN (SELECT unnest(?::VARCHAR[]))", [[*wanted]]
    ).fetchall()
    there = {crawl_id for (crawl_id,) in found}
    append(store, "crawls", [run.columns() for run in wanted.values() if run.crawl_id not in there])


def has_crawls(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether any source was crawled."""
    return connection.execute("SELECT 1 FROM kept.crawls LIMIT 1").fetchone() is not None


def links_found(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Source → links that its runs found, each in the run that found it first."""
    return dict(
        connection.execute(
            "SELECT source, sum(discovered)::BIGINT FROM kept.crawls GROUP BY 1 ORDER BY 1"
        ).fetchall()
    )


def last_runs(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[datetime, str]]:
    """Source → (when its last run ended, or began where it was killed, to the second; its outcome)."""
    found = connection.execute(
        "SELECT source, date_trunc('second', arg_max(coalesce(finished_at, started_at), started_at)),"
        " arg_max(outcome, started_at) FROM kept.crawls GROUP BY source"
    ).fetchall()
    return {source: (at, outcome) for source, at, outcome in found}


def complete_end(connection: duckdb.DuckDBPyConnection, source: str) -> datetime | None:
    """The end of a source's last run; null where that did not come to its end, or left links to fetch."""
    found = connection.execute(
        "SELECT finished_at FROM (SELECT * FROM kept.crawls WHERE source = ? ORDER BY started_at DESC LIMIT 1)"
        " WHERE outcome = 'done' AND pending = 0",
        [source],
    ).fetchone()
    return found[0] if found else None
