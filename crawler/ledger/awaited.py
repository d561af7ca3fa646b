"""Answered links whose pages stand in segments that the store may not have yet.

A segment that is lost before it is merged takes its pages along: its links are asked for again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crawler.ledger.connection import Connection
from crawler.ledger.model import Mark
from crawler.ledger.moments import written


class Awaited:
    """The links by segment, until it is known what became of that."""

    def __init__(self, file: Connection) -> None:
        self._file = file

    def note(self, key: str, mark: Mark, is_known: bool) -> None:
        """Note, in the open transaction, the segment that a link's page stands in; `is_known`: it had an article."""
        self._file.execute(
            "INSERT INTO awaited SELECT key, links.source, ?, ?, wanted.key IS NOT NULL, since, until"
            " FROM links LEFT JOIN wanted USING (key) WHERE key = ?"
            " ON CONFLICT DO UPDATE SET segment = excluded.segment, is_known = min(is_known, excluded.is_known)",
            (mark.segment, is_known, key),
        )

    def segments(self, source: str) -> set[str]:
        """The segments that links of the source wait for."""
        rows = self._file.execute("SELECT DISTINCT segment FROM awaited WHERE source = ?", (source,))
        return {segment for (segment,) in rows.fetchall()}

    def forget(self, source: str, segments: Iterable[str]) -> None:
        """Forget the segments that the store has."""
        with self._file.transaction():
            for segment in segments:
                self._file.execute("DELETE FROM awaited WHERE source = ? AND segment = ?", (source, segment))

    def ask_again(self, source: str, segments: Iterable[str], now: datetime) -> int:
        """Have the links of segments that are lost asked for again; returns how many there were.

        What had an article before is looked at again, whole; the rest is as it was before it was fetched.
        """
        number = 0
        with self._file.transaction():
            for segment in segments:
                values = {"source": source, "segment": segment, "now": written(now)}
                for statement in _ASK_AGAIN:
                    self._file.execute(statement, values)
                number += self._file.execute(
                    "DELETE FROM awaited WHERE source = :source AND segment = :segment", values
                ).rowcount
        return number


_LOST = "FROM awaited WHERE source = :source AND segment = :segment"
_ASK_AGAIN = (
    f"INSERT OR REPLACE INTO wanted SELECT key, since, until {_LOST} AND is_wanted",
    "UPDATE links SET next_visit = :now, etag = NULL, last_modified = NULL"
    f" WHERE key IN (SELECT key {_LOST} AND is_known)",
    "UPDATE links SET state = 'pending', reason = NULL, attempts = 0, next_visit = NULL, fetched_at = NULL,"
    " document = NULL, published_at = NULL, etag = NULL, last_modified = NULL, missing_since = NULL, missed_at = NULL"
    f" WHERE key IN (SELECT key {_LOST} AND NOT is_known)",
)
