"""Rows into DuckDB by the fast way: one NDJSON file, read once by the database; and out of it by name."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import duckdb

from storage.connection import Store

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = Mapping[str, Any]


def append(store: Store, table: str, rows: Iterable[Row]) -> int:
    """Append rows to `kept.<table>`, columns by name, and return how many there were.

    A row at a time DuckDB takes some hundred rows a second; from NDJSON, tens of thousands.
    """
    lines = [json.dumps(row, ensure_ascii=False, default=_as_json) for row in rows]
    if not lines:
        return 0
    types = _column_types(store.connection, table)
    path = store.scratch / f"{table}-{os.getpid()}-{uuid.uuid4().hex[:8]}.ndjson"
    try:
        with path.open("x", encoding="utf-8", errors="replace") as file:
            file.write("\n".join(lines))
        columns = ", ".join(f"{name}: '{kind}'" for name, kind in types.items())
        store.connection.execute(
            f"INSERT INTO kept.{table} BY NAME SELECT * FROM read_json(?, format = 'newline_delimited', "
            f"maximum_object_size = {64 << 20}, columns = {{{columns}}})",
            [str(path)],
        )
    finally:
        path.unlink(missing_ok=True)
    return len(lines)


def columns_of(record: DataclassInstance) -> dict[str, Any]:
    """The fields of a dataclass by their names. `asdict` copies every value, for a third of a large merge's time."""
    return {each.name: getattr(record, each.name) for each in fields(record)}


def named_rows(
    connection: duckdb.DuckDBPyConnection,
    question: str,
    values: Sequence[object] | Mapping[str, object] = (),
) -> list[dict[str, Any]]:
    """The rows that a question finds, each value under the name of its column. `values`: by place, or by name."""
    found = connection.execute(question, dict(values) if isinstance(values, Mapping) else list(values))
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def places(connection: duckdb.DuckDBPyConnection, table: str, article_ids: Collection[str]) -> dict[int, str]:
    """Where a table of `kept` has rows of these articles, in the open transaction: rowid → article.

    What is asked or changed by place reads nothing of other rows; a question by id that shows more columns than the
    id reads all of them in whole.
    """
    if not article_ids:
        return {}
    found = connection.execute(
        f"SELECT rowid, article_id FROM kept.{table} WHERE article_id IN (SELECT unnest(?::VARCHAR[]))",
        [sorted(article_ids)],
    )
    return dict(found.fetchall())


def at_places(rowids: Iterable[int]) -> str:
    """The condition that a row stands at one of these places.

    As a join, whose filter passes over all other rows: in a store of a million articles thirty texts take 50 ms, and by a
    plain list of numbers 950, for then every text is unpacked.
    """
    numbers = ", ".join(map(str, sorted(rowids)))
    return f"rowid IN (SELECT unnest([{numbers}]::BIGINT[]))"


def append_again(store: Store, table: str, number: int, changes: str) -> None:
    """Append the first rows of a table once more, with these columns replaced (SQL), to have a large one soon."""
    store.connection.execute(
        f"INSERT INTO kept.{table} SELECT * REPLACE ({changes}) FROM (FROM kept.{table} LIMIT {number})"
    )


def _column_types(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    # The catalogue's own view says the same, five times as slowly.
    found = connection.execute(f"FROM kept.{table} LIMIT 0").description
    return {name: str(kind) for name, kind, *_ in found}


def _as_json(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a row")
