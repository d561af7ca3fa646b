"""Counts over the public views, for charts: what was rejected and why, and how far stories went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb


def rejections_by_reason(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[str], first: date, last: date
) -> list[tuple[str, int]]:
    """(Reason, pages) of what these sources had rejected, most first. Both days are inclusive, in the connection's zone."""
    return connection.execute(
        "SELECT reason, count(*) FROM rejections WHERE list_contains(?::VARCHAR[], source)"
        " AND fetched_at::DATE BETWEEN ? AND ? GROUP BY reason ORDER BY count(*) DESC, reason",
        [list(sources), first, last],
    ).fetchall()


def stories_by_outlets(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[str], first: date, last: date
) -> list[tuple[int, int]]:
    """(Outlets, stories): how many stories so many outlets carried, of those that one of these sources has, ascending.

    A story counts where it began on these days, inclusive, in the connection's zone; one without a date is left out.
    """
    return connection.execute(
        "SELECT len(outlets), count(*) FROM stories WHERE list_has_any(outlets, ?::VARCHAR[])"
        " AND first_published_at::DATE BETWEEN ? AND ? GROUP BY 1 ORDER BY 1",
        [list(sources), first, last],
    ).fetchall()
