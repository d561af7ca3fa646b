"""Where the page behind a row is archived: the question that every proof begins with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from pipelines.address import address_key
from storage.rows import named_rows


@dataclass(frozen=True, slots=True)
class VersionPlace:
    """A version of an article, and where its page is archived."""

    article_id: str
    version: int
    source: str
    url: str | None
    title: str | None
    fetched_at: datetime
    segment: str | None
    """Null: the version was read from no segment."""
    record_offset: int | None
    usage_notice: str | None
    """What the page reserves of its use, as in `articles`. Null: nothing."""


def ids_of(connection: duckdb.DuckDBPyConnection, asked: str) -> list[str]:
    """The articles that an id or an address names: one, unless several say of themselves that it is theirs."""
    key = address_key(asked) if "://" in asked else None
    found = connection.execute(
        "SELECT article_id FROM kept.articles WHERE article_id = $asked UNION"
        " SELECT article_id FROM kept.keys WHERE key = 'url:' || $key UNION"
        " SELECT article_id FROM kept.versions WHERE url = $asked OR moved_to = $asked ORDER BY 1",
        {"asked": asked, "key": key},
    ).fetchall()
    if not found and key is not None:  # an address that redirects to it, or that it gives itself
        found = connection.execute(
            "SELECT DISTINCT article_id FROM kept.claims"
            " WHERE key IN ('led:' || $key, 'claim:' || $key, 'link:' || $key) ORDER BY 1",
            {"key": key},
        ).fetchall()
    return [article_id for (article_id,) in found]


def places_of(connection: duckdb.DuckDBPyConnection, article_id: str) -> list[VersionPlace]:
    """The versions of an article that are kept, in their order."""
    rows = named_rows(
        connection,
        "SELECT article_id, version, source, url, title, fetched_at, segment, record_offset, usage_notice FROM kept.versions"
        " WHERE article_id = ? ORDER BY version",
        [article_id],
    )
    return [VersionPlace(**row) for row in rows]


def row_of(connection: duckdb.DuckDBPyConnection, article_id: str, version: int) -> dict[str, Any]:
    """The public row of a version."""
    (row,) = named_rows(
        connection, "FROM article_versions WHERE article_id = ? AND version = ?", [article_id, version]
    )
    return row


def moved_to(connection: duckdb.DuckDBPyConnection, segment: str) -> tuple[datetime | None, str | None]:
    """When a segment was pruned, and the folder that it was moved to; nulls: it was not, it was removed."""
    found: Sequence[Any] | None = connection.execute(
        "SELECT pruned_at, moved_to FROM kept.segments WHERE segment = ?", [segment]
    ).fetchone()
    return (found[0], found[1]) if found else (None, None)
