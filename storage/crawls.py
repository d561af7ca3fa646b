"""The rows of `crawls`: one for each run of a source, however it ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import duckdb

from storage.connection import Store
from storage.rows import Row, append


def note_crawls(store: Store, rows: Iterable[Row]) -> None:
    """Add rows of runs in the open transaction; a run that has one already keeps it."""
    there = {
        crawl_id for (crawl_id,) in store.connection.execute("SELECT crawl_id FROM kept.crawls").fetchall()
    }
    append(store, "crawls", [row for row in rows if row["crawl_id"] not in there])


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
