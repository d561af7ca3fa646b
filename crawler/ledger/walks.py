"""How far each source is covered: its floor, the walk under way, the entries that stood still."""

from __future__ import annotations

from datetime import date, datetime

from crawler.ledger.connection import Connection
from crawler.ledger.model import WalkStart
from crawler.ledger.moments import written


class Walks:
    """The walks through the sources' documents."""

    def __init__(self, file: Connection) -> None:
        self._file = file

    def begin(self, source: str, now: datetime, floor: str | None) -> WalkStart:
        """Begin a walk of the source, or go on with the one under way.

        The first run's `floor` stays for good. A walk that a kill or a limit cut short is still under
        way: what it discovered below its first page is not known to be all.
        """
        with self._file.transaction():
            row = self._file.execute(
                "SELECT floor, unfinished FROM progress WHERE source = ?", (source,)
            ).fetchone()
            if row is None:
                self._file.execute("INSERT INTO progress VALUES (?, ?, ?)", (source, floor, written(now)))
                return WalkStart(floor, now, is_first=True, is_fresh=True)
            if row[1] is None:
                self._file.execute(
                    "UPDATE progress SET unfinished = ? WHERE source = ?", (written(now), source)
                )
                return WalkStart(row[0], now, is_first=False, is_fresh=True)
            return WalkStart(row[0], datetime.fromisoformat(row[1]), is_first=False, is_fresh=False)

    def finish(self, source: str, today: date) -> None:
        """Note that the source is covered from its floor to now: nothing below what is known is missing.

        `today` is the outlet's day.
        """
        with self._file.transaction():
            self._file.execute("INSERT OR REPLACE INTO covered VALUES (?, ?)", (source, today.isoformat()))
            self._file.execute("UPDATE progress SET unfinished = NULL WHERE source = ?", (source,))

    def covered_until(self, source: str) -> date | None:
        """The last day up to which the source is covered as far as can be; null before the first walk's end."""
        row = self._file.execute("SELECT day FROM covered WHERE source = ?", (source,)).fetchone()
        return date.fromisoformat(row[0]) if row else None

    def is_stale(self, source: str, url: str) -> bool:
        """Whether the entry stood still when it was last compared with another."""
        row = self._file.execute("SELECT 1 FROM stale WHERE source = ? AND url = ?", (source, url)).fetchone()
        return row is not None

    def note_stale(self, source: str, url: str, is_stale: bool) -> None:
        """Note whether an entry stands still."""
        with self._file.transaction():
            if is_stale:
                self._file.execute("INSERT OR IGNORE INTO stale VALUES (?, ?)", (source, url))
            else:
                self._file.execute("DELETE FROM stale WHERE source = ? AND url = ?", (source, url))
