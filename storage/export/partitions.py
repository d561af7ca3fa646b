"""The articles in Parquet: a folder for each outlet and month, and in it one file that is never changed.

A file is named by what is in it. What an export finds unchanged stays the file that it was, however an article
changed the partition is written anew under another name: edited, renamed, removed, joined to another story, erased.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import duckdb

from storage.export.files import value_in
from storage.export.views import View, literal, quoted

UNDATED: Final = "undated"
"""The month of articles without a day. Not Hive's own name of null, at which pyarrow, and so pandas, fails."""
_LAYOUT: Final = 1
"""To be raised when files of the same rows are written otherwise."""
_MONTH: Final = f"coalesce(strftime(published_on, '%Y-%m'), '{UNDATED}')"


@dataclass(frozen=True, slots=True)
class Partition:
    """The articles of an outlet and a month."""

    source: str
    month: str
    """YYYY-MM of the outlet's day of publication, or UNDATED."""
    rows: int
    digest: str
    """Of all that is exported of them."""

    @property
    def place(self) -> str:
        """Its file, seen from the folder of the export."""
        return f"articles/source={quote(self.source, safe='')}/month={self.month}/{self.digest}.parquet"


def partitions(connection: duckdb.DuckDBPyConnection, articles: View) -> list[Partition]:
    """The partitions of the articles as they are today."""
    shape = repr((_LAYOUT, duckdb.__version__, [(each.name, each.type) for each in articles.columns]))
    found = connection.execute(
        f"SELECT source, {_MONTH} AS month, count(*), sum(hash(one)) FROM ({articles.query}) one GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [
        Partition(source, month, rows, hashlib.sha256(f"{shape} {rows} {digest}".encode()).hexdigest()[:16])
        for source, month, rows, digest in found
    ]


def write_partitions(
    connection: duckdb.DuckDBPyConnection, articles: View, wanted: list[Partition], places: Mapping[str, Path]
) -> None:
    """Write the articles of these partitions, each into the new file that `places` has for its place.

    Neither source nor month stand in the file, for they stand in its path: pandas takes both for a contradiction.
    """
    values = ", ".join(
        f"{value_in('parquet', column)} AS {quoted(column.name)}"
        for column in articles.columns
        if column.name != "source"
    )
    for part in wanted:
        connection.execute(
            f"COPY (SELECT {values} FROM ({articles.query}) WHERE source = {literal(part.source)}"
            f" AND {_within(part.month)} ORDER BY published_at, article_id)"
            f" TO {literal(str(places[part.place]))} (FORMAT parquet, COMPRESSION zstd)"
        )


def _within(month: str) -> str:
    """SQL for the articles of a month, such that whole blocks of others are passed over."""
    if month == UNDATED:
        return "published_on IS NULL"
    first = f"DATE '{month}-01'"
    return f"published_on >= {first} AND published_on < {first} + INTERVAL 1 MONTH"
