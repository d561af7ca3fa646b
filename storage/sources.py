"""What the store says of the outlets and of the Kabar that wrote it last: written only where it differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import duckdb

from storage import facts
from storage.connection import Store
from storage.rows import Row, append, named_rows

FACTS = (
    "title",
    "home",
    "region",
    "province",
    "timezone",
    "platform",
    "network",
    "status",
    "notice",
    "enabled",
)
"""What is kept of a source file, under the names that it has there."""
WIB = "Asia/Jakarta"
_COLUMNS = ("source", *FACTS, "followed", "verified_at", "differences")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a source file expects of a normal day of its outlet ([expect]). Null: it does not say."""

    articles_least: int | None = None
    articles_most: int | None = None
    """Null when `articles_least` is."""
    share_with_date: float | None = None
    """0 to 1; likewise author and dateline."""
    share_with_author: float | None = None
    share_with_dateline: float | None = None


def describe(store: Store, rows: Sequence[Row], expected: Mapping[str, Expected]) -> None:
    """Keep these sources and no others, a row each, by name, and what each expects."""
    wanted = [tuple(row[name] for name in _COLUMNS) for row in rows]
    found = store.connection.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM kept.sources ORDER BY source"
    ).fetchall()
    if found != wanted:
        with store.transaction() as connection:
            connection.execute("DELETE FROM kept.sources")
            append(store, "sources", rows)
    if expectations(store.connection) != expected:
        with store.transaction() as connection:
            connection.execute("DELETE FROM kept.expectations")
            append(
                store, "expectations", ({"source": name, **asdict(each)} for name, each in expected.items())
            )


def expectations(connection: duckdb.DuckDBPyConnection) -> dict[str, Expected]:
    """Source → what its file expected when the sources were described last."""
    found = named_rows(connection, "FROM kept.expectations ORDER BY source")
    return {row.pop("source"): Expected(**row) for row in found}


def looks(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[datetime, list[str]]]:
    """Source → when its site was last held against its file, and what differed; only of sites that were looked at."""
    found = connection.execute(
        "SELECT source, verified_at, differences FROM kept.sources WHERE differences IS NOT NULL"
    ).fetchall()
    return {source: (verified_at, differences) for source, verified_at, differences in found}


def followed(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The names of the sources that were followed when they were described last."""
    found = connection.execute("SELECT source FROM kept.sources WHERE followed").fetchall()
    return {source for (source,) in found}


def shared_zone(connection: duckdb.DuckDBPyConnection) -> str:
    """The IANA zone that all followed outlets have; that of WIB where they differ, or none is followed."""
    found = connection.execute(
        "SELECT any_value(timezone) FROM kept.sources WHERE followed HAVING count(DISTINCT timezone) = 1"
    ).fetchone()
    return str(found[0]) if found else WIB


def note_version(store: Store, version: str) -> None:
    """Keep which Kabar wrote here last."""
    if facts.noted(store.connection, "kabar_version") != version:
        with store.transaction() as connection:
            facts.note(connection, "kabar_version", version)
