"""The last reading of each kind of document, as the store remembers it: what a new look is compared with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import duckdb

from pipelines.dedupe import Reading
from pipelines.edits import wording
from storage.rows import at_places, named_rows, places


def last_readings(
    connection: duckdb.DuckDBPyConnection, article_ids: Collection[str]
) -> dict[str, dict[str, Reading]]:
    """Article → kind of document → its last reading.

    Of one from before wordings were noted, the version that it became tells what it said.
    """
    found: dict[str, dict[str, Reading]] = {}
    bare = []
    there = places(connection, "readings", article_ids)
    for row in named_rows(connection, f"FROM kept.readings WHERE {at_places(there)}") if there else ():
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
    connection: duckdb.DuckDBPyConnection, rowids: Collection[int], document: str, last: Reading
) -> str | None:
    """The text of a last reading, its own or that of the newest version that says the same; null: none does.

    `rowids`: where the store has the versions of the article.
    """
    if last.text is not None:
        return last.text
    found = {key[1:]: text for key, text in _texts_at(connection, rowids).items()}
    text = found.get((document, last.fingerprint))
    return text if text is not None and last.wording in (None, wording(text)) else None


def _texts(
    connection: duckdb.DuckDBPyConnection, article_ids: Collection[str]
) -> dict[tuple[str, str, str], str]:
    """(Article, kind of document, fingerprint) → the text of the newest such version."""
    return _texts_at(connection, places(connection, "versions", article_ids))


def _texts_at(
    connection: duckdb.DuckDBPyConnection, rowids: Collection[int]
) -> dict[tuple[str, str, str], str]:
    """The same of the versions at these places."""
    if not rowids:
        return {}
    found = connection.execute(
        f"SELECT article_id, document, fingerprint, text FROM kept.versions WHERE {at_places(rowids)} ORDER BY version"
    ).fetchall()
    return {(article_id, document, print_): text for article_id, document, print_, text in found}


def _people(row: dict[str, Any]) -> dict[str, tuple[str, ...] | None]:
    names = {name: row[name] for name in ("authors", "editors")}
    return {name: None if value is None else tuple(value) for name, value in names.items()}
