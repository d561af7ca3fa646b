"""What the store notes of itself, a text each under a name: by which code its rows, copies and indexes were made."""

from __future__ import annotations

import duckdb


def noted(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """The fact of that name; null: none is noted."""
    found = connection.execute("SELECT value FROM kept.facts WHERE name = ?", [name]).fetchone()
    return str(found[0]) if found else None


def note(connection: duckdb.DuckDBPyConnection, name: str, value: str | None) -> None:
    """Note a fact in the place of the one before, in the open transaction; null: none from now on."""
    connection.execute("DELETE FROM kept.facts WHERE name = ?", [name])
    if value is not None:
        connection.execute("INSERT INTO kept.facts VALUES (?, ?)", [name, value])
