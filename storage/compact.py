"""The store written anew into a file of its own: what was deleted stands in no page of it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from storage.connection import Store
from storage.data_dir import DataDir, told_if_unwritable
from storage.disk import put_in_place
from storage.publish import publish
from storage.schema import migrate
from storage.sources import shared_zone
from storage.store import connect, open_bounded


def compact(data_dir: DataDir, wait_s: float) -> None:
    """Copy every row into a new file, put that in the store's place, and publish it.

    Whole or not at all: a kill leaves the store as it was, and a file that the next attempt removes.
    """
    made = data_dir.store.with_suffix(".duckdb.compact")
    with data_dir.exclusive_store(wait_s), told_if_unwritable(data_dir.root):
        _remove(made)
        try:
            zone = _copy_rows(data_dir, made, wait_s)
        except (duckdb.Error, OSError):
            _remove(made)
            raise
        put_in_place(made, data_dir.store)
        publish(data_dir, zone)


def _copy_rows(data_dir: DataDir, made: Path, wait_s: float) -> str:
    connect(data_dir, wait_s).close()  # what a kill left in its log is in the file from now on
    connection = open_bounded(made, data_dir.spill)
    try:
        store = Store(connection, data_dir.scratch)
        migrate(store)
        quoted = str(data_dir.store).replace("'", "''")
        connection.execute(f"ATTACH '{quoted}' AS before (READ_ONLY)")
        with store.transaction():
            for table in _tables(connection):
                connection.execute(f"DELETE FROM kept.{table}")
                connection.execute(f"INSERT INTO kept.{table} BY NAME SELECT * FROM before.kept.{table}")
        connection.execute("DETACH before")
        zone = shared_zone(connection)
        connection.execute("CHECKPOINT")
        return zone
    finally:
        connection.close()


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'before' AND schema_name = 'kept' ORDER BY 1"
    ).fetchall()
    return [name for (name,) in found]


def _remove(made: Path) -> None:
    for path in (made, made.with_name(f"{made.name}.wal")):
        path.unlink(missing_ok=True)
