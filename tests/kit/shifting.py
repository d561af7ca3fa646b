"""Time passes, or the clock was wrong: every instant that a DATA_DIR keeps, moved."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import duckdb

IN_LEDGER = {
    "links": ("discovered_at", "fetched_at", "next_visit", "missing_since", "missed_at"),
    "progress": ("unfinished",),
    "documents": ("fetched_at",),
    "change_asks": ("at",),
}
DAYS_IN_LEDGER = {"progress": ("floor",), "covered": ("day",)}
IN_STORE = {
    "versions": ("fetched_at", "first_seen_at", "last_seen_at", "removed_at"),
    "fetches": ("fetched_at",),
    "rejections": ("fetched_at",),
    "absences": ("looked_at",),
    "sightings": ("looked_at",),
    "crawls": ("started_at", "finished_at", "covered_from", "covered_to"),
    "links": ("day",),
}


def shift(data: Path, by: timedelta) -> None:
    """Move all instants of a DATA_DIR: forward, as if its clock had been ahead; back, as if so much time had passed."""
    seconds = f"{by.total_seconds():+.0f} seconds"
    with closing(sqlite3.connect(data / "ledger.sqlite")) as ledger, ledger:
        for columns, form, end in (
            (IN_LEDGER, "%Y-%m-%dT%H:%M:%f", "000+00:00"),
            (DAYS_IN_LEDGER, "%Y-%m-%d", ""),
        ):
            for table, names in columns.items():
                for name in names:
                    ledger.execute(
                        f"UPDATE {table} SET {name} = strftime(?, {name}, ?) || ? WHERE {name} IS NOT NULL",
                        (form, seconds, end),
                    )
    with duckdb.connect(str(data / "store.duckdb")) as store:
        store.execute("SET TimeZone = 'UTC'")
        for table, names in IN_STORE.items():
            for name in names:
                store.execute(
                    f"UPDATE kept.{table} SET {name} = {name} + to_seconds(?)", [by.total_seconds()]
                )
