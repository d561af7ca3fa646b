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


def _rows(path: Path, table: str, condition: str) -> list[dict[str, Any]]:
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return named_rows(connection, f"SELECT * FROM kept.{table} WHERE {condition} ORDER BY ALL")
    except duckdb.Error:
        return []
