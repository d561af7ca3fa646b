"""What no segment holds: the rows of runs, and of requests that got no answer.

A store that is made again from the segments takes them over from whichever old file can still be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from storage.connection import Store
from storage.rows import append, named_rows

_WITHOUT_SEGMENT = {"crawls": "TRUE", "fetches": "status IS NULL"}
"""Table → which of its rows."""


def take_over(store: Store, old: Sequence[Path]) -> int:
    """Append the rows of the first of these files that has any, table by table; return how many there were."""
    number = 0
    for table, condition in _WITHOUT_SEGMENT.items():
        rows = next(filter(None, (_rows(path, table, condition) for path in old)), [])
        with store.transaction():
            number += append(store, table, rows)
    return number


def take_over_missing(store: Store, old: Path) -> int | None:
    """Append those of its rows that the store lacks; return how many there were; null: the file cannot be read.

    A copy lacks the last runs that brought nothing new: it is published for them at most hourly.
    """
    number = 0
    for table, condition in _WITHOUT_SEGMENT.items():
        rows = _rows(old, table, condition)
        if not rows and table == "crawls":
            return None  # every store has some
        there = {_identity(row) for row in named_rows(store.connection, f"FROM kept.{table}")}
        with store.transaction():
            number += append(store, table, [row for row in rows if _identity(row) not in there])
    return number


def _identity(row: dict[str, Any]) -> tuple[Any, ...]:
    """What tells a run, or a request that got no answer, from all others."""
    if "crawl_id" in row:
        return (row["crawl_id"],)
    return row["url"], row["source"], row["fetched_at"].timestamp(), row["outcome"]


def _rows(path: Path, table: str, condition: str) -> list[dict[str, Any]]:
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return named_rows(connection, f"SELECT * FROM kept.{table} WHERE {condition} ORDER BY ALL")
    except duckdb.Error:
        return []
