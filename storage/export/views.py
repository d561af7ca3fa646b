"""What is exported: the public views as the database names them, less the texts of articles where they may not go along."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import duckdb

LEFT_OUT: Final = "dictionary"
"""The one view that is not exported: what it says stands in `datapackage.json`."""
TEXTS: Final = frozenset({"text", "description"})
"""Columns that hold what articles say, in whatever view they stand."""
TEXT_VIEWS: Final = frozenset({"paragraphs"})
"""Views whose rows are pieces of texts."""
EXTRACT_CHARS: Final = 200

_VIEWS = """
SELECT view_name, comment FROM duckdb_views()
WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal
UNION ALL
SELECT table_name, comment FROM duckdb_tables()
WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal
ORDER BY 1
"""
_COLUMNS = """
SELECT table_name, column_name, data_type, comment FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal
ORDER BY table_name, column_index
"""
_EXTRACT = f"""CASE WHEN length("text") <= {EXTRACT_CHARS} THEN replace("text", chr(10), ' ')
ELSE regexp_replace(replace(left("text", {EXTRACT_CHARS - 1}), chr(10), ' '), '\\s+\\S*$', '') || '…' END"""
_FETCHED_SINCE = """
FROM main.article_versions v LEFT JOIN main.sources s ON s.source = v.source
WHERE (v.fetched_at AT TIME ZONE coalesce(s.timezone, 'Asia/Jakarta'))::DATE >= DATE '{day}'
"""
"""Days are the outlet's own, as everywhere; a host that no source names has none, and gets WIB."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a view."""

    name: str
    type: str
    """DuckDB's name of it."""
    meaning: str | None
    value: str
    """SQL for what is exported of it."""


@dataclass(frozen=True, slots=True)
class View:
    """A public view, and the rows of it that are exported."""

    name: str
    meaning: str | None
    columns: tuple[Column, ...]
    rows: str = "true"
    """SQL: which rows."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(column.name for column in self.columns)

    @property
    def query(self) -> str:
        """Its rows, in SQL."""
        columns = ", ".join(f"{column.value} AS {quoted(column.name)}" for column in self.columns)
        return f"SELECT {columns} FROM main.{quoted(self.name)} WHERE {self.rows}"


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def public_views(connection: duckdb.DuckDBPyConnection) -> list[View]:
    """All public views but the dictionary, in alphabetical order."""
    columns: dict[str, list[Column]] = {}
    for view, name, kind, meaning in connection.execute(_COLUMNS).fetchall():
        columns.setdefault(view, []).append(Column(name, kind, meaning, quoted(name)))
    found = connection.execute(_VIEWS).fetchall()
    return [View(name, meaning, tuple(columns[name])) for name, meaning in found if name != LEFT_OUT]


def without_texts(views: list[View]) -> list[View]:
    """The views without the texts of articles: of each text its first words stay, as column `extract`."""
    return [
        replace(view, columns=tuple(_less_text(view.columns)))
        for view in views
        if view.name not in TEXT_VIEWS
    ]


def _less_text(columns: tuple[Column, ...]) -> list[Column]:
    extract = Column(
        "extract",
        "VARCHAR",
        f"the first words of the text, at most {EXTRACT_CHARS} characters; the text itself is not part of this export",
        _EXTRACT,
    )
    kept = [extract if column.name == "text" else column for column in columns]
    return [column for column in kept if column.name not in TEXTS]


def heeding_notices(views: list[View]) -> list[View]:
    """The views without the rows of articles whose page reserves a use of it (`usage_notice`), in any version."""
    return [
        replace(view, rows=f"({view.rows}) AND {_UNRESERVED}") if "article_id" in view.names else view
        for view in views
    ]


_UNRESERVED = (
    "article_id NOT IN (SELECT article_id FROM main.article_versions WHERE usage_notice IS NOT NULL)"
)


def fetched_since(
    connection: duckdb.DuckDBPyConnection, views: list[View], day: date
) -> tuple[list[View], int]:
    """The views with what belongs to versions first fetched on that day of their outlet or later, and how many these are.

    `article_versions` has those versions, every view with an `article_id` their articles, all others all of their rows.
    """
    since = _FETCHED_SINCE.format(day=day.isoformat())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE since AS SELECT v.article_id, v.version {since}")
    ((versions,),) = connection.execute("SELECT count(*) FROM temp.since").fetchall()
    narrowed = []
    for view in views:
        if view.name == "article_versions":
            narrowed.append(replace(view, rows="(article_id, version) IN (FROM temp.since)"))
        elif "article_id" in view.names:
            narrowed.append(replace(view, rows="article_id IN (SELECT article_id FROM temp.since)"))
        else:
            narrowed.append(view)
    return narrowed, int(versions)
