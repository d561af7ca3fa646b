"""What holds for an article whatever its version: kept with its newest version, and nowhere else.

So a question about articles reads one table and joins none. Whoever adds, moves or drops versions of known articles
reads these facts before and writes them again after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import duckdb

from storage.rows import at_places, named_rows

TYPES = {
    "source": "VARCHAR",
    "first_seen_at": "TIMESTAMPTZ",
    "last_seen_at": "TIMESTAMPTZ",
    "removed_at": "TIMESTAMPTZ",
    "moved_to": "VARCHAR",
    "story_id": "VARCHAR",
    "duplicate_of": "VARCHAR",
}
"""The facts and their types. `source` is of every version, and of the newest the one that its article goes by."""
_ALONE = [name for name in TYPES if name != "source"]
NONE: dict[str, Any] = {"is_newest": False, **dict.fromkeys(_ALONE)}
"""The facts in the row of a version that is not the newest."""


_COLUMNS = ", ".join(f"unnest(${name}::{kind}[]) AS {name}" for name, kind in TYPES.items())
"""The facts of several articles as a table's columns, of what `_values` gives."""


def _values(heads: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    rows = list(heads)
    return {name: [row[name] for row in rows] for name in TYPES}


def read(connection: duckdb.DuckDBPyConnection, article_ids: Collection[str]) -> list[dict[str, Any]]:
    """The facts of these articles, each with its `article_id`."""
    return named_rows(
        connection,
        f"SELECT article_id, {', '.join(TYPES)} FROM kept.articles WHERE article_id IN (SELECT unnest(?::VARCHAR[]))",
        [sorted(article_ids)],
    )


def write(connection: duckdb.DuckDBPyConnection, heads: Iterable[Mapping[str, Any]]) -> None:
    """Keep these facts with the version of each article that has the greatest number, and clear them from the others."""
    rows = list(heads)
    if not rows:
        return
    alone = ", ".join(f"{name} = CASE WHEN v.version = h.newest THEN h.{name} END" for name in _ALONE)
    connection.execute(
        "UPDATE kept.versions v SET is_newest = (v.version = h.newest),"
        f" source = CASE WHEN v.version = h.newest THEN h.source ELSE v.source END, {alone} FROM ("
        f"  SELECT * FROM (SELECT unnest($ids::VARCHAR[]) AS article_id, {_COLUMNS}) JOIN ("
        "    SELECT article_id, max(version) AS newest FROM kept.versions"
        "    WHERE article_id IN (SELECT unnest($ids::VARCHAR[])) GROUP BY article_id) USING (article_id)"
        ") h WHERE v.article_id = h.article_id",
        {"ids": [row["article_id"] for row in rows], **_values(rows)},
    )


def clear(connection: duckdb.DuckDBPyConnection, places: Collection[int | None]) -> None:
    """Clear these facts from the versions at these places, which are the newest no more."""
    if there := [place for place in places if place is not None]:
        facts = ", ".join(f"{name} = NULL" for name in _ALONE)
        connection.execute(f"UPDATE kept.versions SET is_newest = false, {facts} WHERE {at_places(there)}")


def put(connection: duckdb.DuckDBPyConnection, heads: Mapping[int | None, Mapping[str, Any]]) -> None:
    """Keep these facts with the newest versions, which stand at these places."""
    if not heads:
        return
    connection.execute(
        f"UPDATE kept.versions v SET {', '.join(f'{name} = h.{name}' for name in TYPES)}"
        f" FROM (SELECT unnest($places::BIGINT[]) AS place, {_COLUMNS}) h WHERE v.rowid = h.place",
        {"places": list(heads), **_values(heads.values())},
    )
