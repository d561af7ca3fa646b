"""The schema of the store: numbered migrations, and the views and macros that are made anew from their files."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from storage import calendar, facts
from storage.connection import Store
from storage.search.phrases import filled

MIGRATIONS = Path(__file__).with_name("migrations")
VIEWS = Path(__file__).with_name("views")


class SchemaError(Exception):
    """The store was written by a newer Kabar; the message is one line."""


def known_schema() -> int:
    """The number of the newest migration that this code has."""
    return max(int(path.name[:4]) for path in MIGRATIONS.glob("*.sql"))


def migrate(store: Store) -> None:
    """Apply what is missing of storage/migrations, each in a transaction of its own, then the views.

    Columns come before it, each by itself: DuckDB 1.5 commits no transaction that alters a table with rows twice. What
    a kill leaves of them is passed over by the next start, and harms no reader.
    """
    known = {int(path.name[:4]): path for path in sorted(MIGRATIONS.glob("*.sql"))}
    applied = applied_migrations(store.connection)
    newer = applied - known.keys()
    if newer:
        raise SchemaError(
            f"the store has schema {max(newer)}, written by a newer Kabar; this one knows {max(known)}: upgrade"
        )
    for number in sorted(known.keys() - applied):
        parsed = store.connection.extract_statements(known[number].read_text(encoding="utf-8"))
        statements = [each.query for each in parsed]
        columns = [each for each in statements if OF_A_COLUMN.search(each)]
        for each in columns:
            store.connection.execute(each)
        with store.transaction() as connection:
            for each in statements:
                if each not in columns:
                    connection.execute(each)
            connection.execute(
                "INSERT INTO kept.migrations VALUES (?, ?, ?)",
                [number, known[number].stem[5:], datetime.now(UTC)],
            )
    refresh_views(store)


OF_A_COLUMN = re.compile(r"^ALTER TABLE \S+ (ADD COLUMN IF NOT EXISTS|ALTER COLUMN)", re.MULTILINE)


def applied_migrations(connection: duckdb.DuckDBPyConnection) -> set[int]:
    connection.execute("CREATE SCHEMA IF NOT EXISTS kept")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS kept.migrations (number INTEGER, name VARCHAR, applied_at TIMESTAMPTZ)"
    )
    return {number for (number,) in connection.execute("SELECT number FROM kept.migrations").fetchall()}


def refresh_views(store: Store) -> None:
    """Give the store the views and comments of this code, where it has those of another or other tables."""
    texts = view_texts()
    digest = f"{known_schema()} {digest_of(texts)}"
    if facts.noted(store.connection, "views") == digest:
        return
    with store.transaction() as connection:
        for text in texts:
            connection.execute(text)
        _share_meanings(connection)
        _mark_internal(connection)
        facts.note(connection, "views", digest)


def view_texts() -> list[str]:
    own, public = (VIEWS.joinpath(name).read_text(encoding="utf-8") for name in ("kept.sql", "public.sql"))
    return [own.replace("{calendar}", calendar.as_values()), macros("MACRO main."), public]


def digest_of(texts: list[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _share_meanings(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the columns that other views have of `articles` the comment that they have there."""
    found = connection.execute(
        "SELECT v.table_name, v.column_name, a.comment FROM duckdb_columns() v JOIN duckdb_columns() a"
        " USING (schema_name, column_name) WHERE schema_name = 'main' AND a.table_name = 'articles'"
        " AND v.table_name IN ('unique_articles', 'article_versions', 'stories', 'removals', 'corrections',"
        " 'actor_mentions', 'article_places', 'article_stages', 'paragraphs') AND v.comment IS NULL"
    ).fetchall()
    for view, column, meaning in found:
        quoted = str(meaning).replace("'", "''")
        connection.execute(f"COMMENT ON COLUMN main.{view}.{column} IS '{quoted}'")


_OURS = """
    (SELECT 'TABLE' AS kind, table_name AS name, comment FROM duckdb_tables() WHERE schema_name = 'kept'
     UNION ALL
     SELECT 'VIEW', view_name, comment FROM duckdb_views() WHERE schema_name = 'kept' AND NOT internal)
"""
_UNMARKED = f"""
    SELECT format('{{}} kept.{{}}', kind, name), 'internal: use main.' || coalesce(view_name, 'dictionary')
    FROM {_OURS} o LEFT JOIN duckdb_views() v ON view_name = name AND v.schema_name = 'main' WHERE o.comment IS NULL
"""
_UNMARKED_COLUMNS = f"""
    SELECT format('COLUMN kept.{{}}."{{}}"', name, column_name), o.comment
    FROM {_OURS} o JOIN duckdb_columns() c ON c.schema_name = 'kept' AND c.table_name = name
    WHERE c.comment IS DISTINCT FROM o.comment
"""


def _mark_internal(connection: duckdb.DuckDBPyConnection) -> None:
    """Have every table of `kept`, and each of its columns, say what to use instead: other clients list them first.

    A table of which the text of the views says nothing sends to the view of its name, else to the dictionary.
    """
    for unmarked in (_UNMARKED, _UNMARKED_COLUMNS):
        found = connection.execute(unmarked).fetchall()
        connection.execute("".join(f"COMMENT ON {name} IS '{comment}';" for name, comment in found))


def macros(kind: str, database: str = "") -> str:
    """The macros, created as `kind` over the tables of an attached `database`."""
    text = filled((VIEWS / "macros.sql").read_text(encoding="utf-8"))
    return text.replace("{macro}", kind).replace("{tables}", database)
