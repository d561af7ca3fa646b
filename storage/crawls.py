"""The rows of `crawls`: one for each run of a source, however it ended."""

from __future__ import annotations

from collections.abc import Iterable

from storage.connection import Store
from storage.rows import Row, append


def note_crawls(store: Store, rows: Iterable[Row]) -> None:
    """Add rows of runs in the open transaction; a run that has one already keeps it."""
    there = {
        crawl_id for (crawl_id,) in store.connection.execute("SELECT crawl_id FROM kept.crawls").fetchall()
    }
    append(store, "crawls", [row for row in rows if row["crawl_id"] not in there])
