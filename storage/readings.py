"""The last reading of each kind of document, as the store remembers it: what a new look is compared with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import duckdb

from pipelines.dedupe import Reading
from pipelines.edits import wording
from storage.rows import named_rows


def last_readings(
    connection: duckdb.DuckDBPyConnection, article_ids: Collection[str]
) -> dict[str, dict[str, Reading]]:
    """Article → kind of document → its last reading.

    Of one from before wordings were noted, the version that it became tells what it said.
    """
    found: dict[str, dict[str, Reading]] = {}
    bare = []
    for row in named_rows(
        connection,
        "SELECT * FROM kept.readings WHERE article_id IN (SELECT unnest(?::VARCHAR[]))",
        [sorted(article_ids)],
    ):
        article_id, document = row.pop("article_id"), row.pop("document")
        found.setdefault(article_id, {})[document] = Reading(**(row | _people(row)))
        if row["wording"] is None:
            bare.append(article_id)
    for (article_id, document, fingerprint), text in _texts(connection, bare).items():
        last = found[article_id].get(document)
        if last is not None and last.wording is None and last.fingerprint == fingerprint:
            found[article_id][document] = replace(last, wording=wording(text))
    return found


def text_of(
    connection: duckdb.DuckDBPyConnection, article_id: str, document: str, last: Reading
) -> str | None:
    """The text of a last reading, its own or that of the newest version that says the same; null: none does."""
    if last.text is not None:
        return last.text
    text = _texts(connection, [article_id]).get((article_id, document, last.fingerprint))
    return text if text is not None and last.wording in (None, wording(text)) else None


def _texts(
    connection: duckdb.DuckDBPyConnection, article_ids: Collection[str]
) -> dict[tuple[str, str, str], str]:
    """(Article, kind of document, fingerprint) → the text of the newest such version."""
    if not article_ids:
        return {}
    found = connection.execute(
        "SELECT article_id, document, fingerprint, text FROM kept.versions"
        " WHERE article_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY version",
        [sorted(article_ids)],
    ).fetchall()
    return {(article_id, document, print_): text for article_id, document, print_, text in found}


def _people(row: dict[str, Any]) -> dict[str, tuple[str, ...] | None]:
    names = {name: row[name] for name in ("authors", "editors")}
    return {name: None if value is None else tuple(value) for name, value in names.items()}
