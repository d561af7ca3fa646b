"""Which segments are merged, how far, and which were pruned since: the rows of `kept.segments`.

A segment's row is written in the transaction of its pages' rows, so merging it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from storage.archive.quiet import Span
from storage.connection import Store


def note_merged(store: Store, segment: str, span: Span | None, now: datetime, read_by: str | None) -> bool:
    """Mark a segment, or its span, as merged in the open transaction; false: it is merged already.

    False, too, for a span that does not begin where the merged part ends: it waits until what lies between is read.
    An empty span says that the file is shorter than it was, back from a backup: what it gets from now on is new.
    """
    connection = store.connection
    found = connection.execute(
        "SELECT merged_bytes FROM kept.segments WHERE segment = ?", [segment]
    ).fetchone()
    if span is None:
        if found is None:
            connection.execute(
                "INSERT INTO kept.segments (segment, merged_at, read_by) VALUES (?, ?, ?)",
                [segment, now, read_by],
            )
            store.merged[segment] = None
        return found is None
    merged = found[0] if found else 0
    if span.begin != merged and not span.begin == span.end < merged:
        return False
    connection.execute("DELETE FROM kept.segments WHERE segment = ?", [segment])
    connection.execute(
        "INSERT INTO kept.segments (segment, merged_at, read_by, merged_bytes) VALUES (?, ?, ?, ?)",
        [segment, now, read_by, span.end],
    )
    store.merged[segment] = span.end
    return True


def merged_segments(
    connection: duckdb.DuckDBPyConnection, folders: Sequence[str] | None = None
) -> dict[str, int | None]:
    """Segment whose rows are in the store → how many of its bytes; null: it never grows, and all of it is.

    `folders`: those of the sources and hosts that are asked for; null: all.
    """
    question = "SELECT segment, merged_bytes FROM kept.segments"
    if folders is None:
        return dict(connection.execute(question).fetchall())
    question += " WHERE split_part(segment, '/', 1) IN (SELECT unnest(?::VARCHAR[]))"
    return dict(connection.execute(question, [list(folders)]).fetchall())


def is_merged(path: Path, name: str, merged: Mapping[str, int | None]) -> bool:
    """Whether all that the file of a segment has is merged; so it is of one that another process has just removed."""
    size = merged.get(name, -1)
    try:
        return size is None or path.stat().st_size == size
    except FileNotFoundError:
        return True


def note_pruned(store: Store, segments: Sequence[str], moved_to: str | None, now: datetime) -> None:
    """Note, in the open transaction, that these files go, before they do; `moved_to`: the folder that has them from now on."""
    store.connection.execute(
        "UPDATE kept.segments SET pruned_at = ?, moved_to = ? WHERE segment IN (SELECT unnest(?::VARCHAR[]))",
        [now, moved_to, list(segments)],
    )


def pruned_segments(connection: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    """Segment that was taken out of the archive → the folder that it was moved to; null: it was removed."""
    found = connection.execute(
        "SELECT segment, moved_to FROM kept.segments WHERE pruned_at IS NOT NULL ORDER BY 1"
    )
    return dict(found.fetchall())
