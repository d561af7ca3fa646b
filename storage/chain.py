"""The chain of segments in the database: the same lines as in `segments/chain.txt`, so that each tells what the other has lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC

import duckdb

from storage.archive.chain import FILE, Link
from storage.archive.record import ArchiveError
from storage.connection import Store
from storage.rows import append, named_rows


def note_chain(store: Store, chain: Sequence[Link]) -> None:
    """Add the lines that the database lacks; nothing where it has others than the file."""
    if fault_of(store.connection, chain) is not None:
        return
    known = _last(store.connection)
    if lines := chain[known.number if known else 0 :]:
        with store.transaction(of_looks=True):
            append(store, "chain", (asdict(link) for link in lines))


def fault_of(connection: duckdb.DuckDBPyConnection, chain: Sequence[Link]) -> str | None:
    """What a chain that holds in itself lacks of the one that the database knows; null: nothing.

    One line is compared, for it has the digest of all before it.
    """
    last = _last(connection)
    if last is None:
        return None
    if len(chain) < last.number:
        return f"line {last.number} is missing, which the database has"
    return (
        None if chain[last.number - 1] == last else f"line {last.number} is not the one that the database has"
    )


def lost_lines(connection: duckdb.DuckDBPyConnection, chain: Sequence[Link]) -> list[Link]:
    """The last lines that the file has lost. `ArchiveError`: it has others than the database."""
    if (fault := fault_of(connection, chain)) is None:
        return []
    known = _lines(connection)
    if known[: len(chain)] != [*chain]:
        raise ArchiveError(f"segments/{FILE}: {fault}")
    return known[len(chain) :]


def _last(connection: duckdb.DuckDBPyConnection) -> Link | None:
    return next(iter(_lines(connection, "ORDER BY number DESC LIMIT 1")), None)


def _lines(connection: duckdb.DuckDBPyConnection, which: str = "ORDER BY number") -> list[Link]:
    found = named_rows(
        connection,
        f"SELECT number, previous, sha256, records, closed_at, segment, instead, tombstone FROM kept.chain {which}",
    )
    return [
        Link(**row | {"closed_at": f"{row['closed_at'].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}) for row in found
    ]
