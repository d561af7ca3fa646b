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
        "SELECT reason, count(*) FROM rejections WHERE list_contains($sources::VARCHAR[], source)"
        " AND fetched_at >= $first::DATE::TIMESTAMPTZ AND fetched_at < ($last::DATE + 1)::DATE::TIMESTAMPTZ"
        " GROUP BY reason ORDER BY count(*) DESC, reason",
        {"sources": list(sources), "first": first, "last": last},
    ).fetchall()


def stories_by_outlets(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[str], first: date, last: date
) -> list[tuple[int, int]]:
    """(Outlets, stories): how many stories so many outlets carried, of those that one of these sources has, ascending.

    A story counts where the first of its days of publication is one of these, inclusive; one without a day is left
    out. View `stories` would group the articles of all years first.
    """
    return connection.execute(
        "SELECT outlets, count(*) FROM ("
        "  SELECT count(DISTINCT source) AS outlets FROM articles WHERE story_id IN"
        "    (SELECT story_id FROM articles WHERE published_on BETWEEN $first AND $last)"
        "  GROUP BY story_id HAVING min(published_on) >= $first"
        "    AND bool_or(list_contains($sources::VARCHAR[], source))"
        ") GROUP BY outlets ORDER BY outlets",
        {"sources": list(sources), "first": first, "last": last},
    ).fetchall()
